"""The text of a postgresql.conf, written and read back."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEADER = "# Written by citus; a change by hand shows as drift and is put back.\n"
_SETTING = re.compile(r"^\s*([\w.]+)(?:\s*=\s*|\s+)(?:'((?:[^']|'')*)'|([^\s#']+))", re.MULTILINE)


def render(settings: Mapping[str, str]) -> str:
    """Write a postgresql.conf that is looked at for drift; `parse` reads it back."""
    return _HEADER + lines(settings)


def lines(settings: Mapping[str, str]) -> str:
    """Write settings as postgresql.conf has them, a line each, by their names."""
    return "".join(f"{name} = '{_quoted(value)}'\n" for name, value in sorted(settings.items()))


def parse(text: str) -> dict[str, str]:
    """Read the settings of a postgresql.conf: those that `render` wrote, and what was added."""
    return {
        name: plain or quoted.replace("''", "'").replace("\\\\", "\\")
        for name, quoted, plain in _SETTING.findall(text)
    }


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
