"""How a key, a value and the command that mends it are written for a user to read and paste."""

from __future__ import annotations

import json
import re
import shlex

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TYPED_BY_THE_CLI = re.compile(r"true|false|[+-]?[0-9]+")
_LONGEST = 60


def child(key: str, name: str | int) -> str:
    """Give the key of an entry of a map or list, as `pulumi config --path` takes it."""
    if isinstance(name, int):
        return f"{key}[{name}]"
    if _PLAIN_NAME.fullmatch(name):
        return f"{key}.{name}"
    quoted = _printable(name).replace('"', r"\"")
    return f'{key}["{quoted}"]'


def shown(value: object) -> str:
    """Write a value on one short line; of a list or map only what it is."""
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a map"
    text = _text(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def setting(key: str, example: object) -> str:
    """Give the command that sets a key, without the stack."""
    value = _text(example) if isinstance(example, str) else json.dumps(example)
    # With --path the CLI makes numbers and booleans of what looks like them.
    as_text = isinstance(example, str) and _path(key) and _TYPED_BY_THE_CLI.fullmatch(example)
    kind = " --type string" if as_text else ""
    return f"bin/pulumi config set {_path(key)}{shlex.quote(key)} {shlex.quote(value)}{kind}"


def setting_a_secret(key: str) -> str:
    """Give the command that asks for a secret, without the stack."""
    return f"bin/pulumi config set --secret {_path(key)}{shlex.quote(key)}"


def removing(key: str) -> str:
    """Give the command that takes a key out, without the stack."""
    return f"bin/pulumi config rm {_path(key)}{shlex.quote(key)}"


def _path(key: str) -> str:
    return "" if _PLAIN_NAME.fullmatch(key) else "--path "


def _text(text: str) -> str:
    return _printable(text) if text and text == text.strip() else repr(text)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
