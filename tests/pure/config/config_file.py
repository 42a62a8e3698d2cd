"""A stack's config as its file says it, and what the CLI's `config set` and `rm` make of it."""

from __future__ import annotations

import json
import re
import shlex
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(r'\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\["((?:\\"|[^"])*)"\]')
NEW_SECRET = "my-own"  # what is typed where the CLI asks
# What is in a file that the CLI reads, as `docker login` writes it.
FILES = {"config.json": '{"auths": {"registry.example.com": {"auth": "bWU6bXktb3du"}}}'}


@dataclass(frozen=True)
class ConfigFile:
    """What is under `config:`, without the project's name before each key."""

    values: dict[str, Any]

    def get(self, key: str) -> str | None:
        """Give a value as Pulumi hands it over: a text as it is, anything else as JSON."""
        if key not in self.values:
            return None
        value = self.values[key]
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def after(self, command: str) -> ConfigFile:
        """Give the config that a pasted `bin/pulumi config …` leaves."""
        words = shlex.split(command)
        assert words[:2] == ["bin/pulumi", "config"]
        assert words[-2] == "--stack"
        verb, *rest = words[2:-2]
        if rest[-2:-1] == ["<"]:
            rest[-2:] = [FILES[rest[-1]]]
        typed = "--type" not in rest
        given = [word for word in rest if word not in ("--path", "--secret", "--type", "string")]
        path: list[str | int] = _steps(given[0]) if "--path" in rest else [given[0]]
        value = given[1] if len(given) > 1 else NEW_SECRET
        values = deepcopy(self.values)
        if verb == "rm":
            _removed(values, path)
        else:
            typed = typed and "--path" in rest and "--secret" not in rest
            _set(values, path, _typed(value) if typed else value)
        return ConfigFile(values)


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for name, index, quoted in _STEP.findall(path):
        steps.append(int(index) if index else name or quoted.replace(r"\"", '"'))
    return steps


def _typed(value: str) -> Any:
    return json.loads(value) if re.fullmatch(r"true|false|[+-]?\d+", value) else value


def _set(value: Any, path: list[str | int], new: Any) -> Any:
    """Set *new* in *value*; what has the wrong shape for the path is replaced."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        assert not isinstance(value, list), "the CLI puts no map in a list's place"
        entries = value if isinstance(value, dict) else {}
        entries[step] = _set(entries.get(step), rest, new)
        return entries
    assert not isinstance(value, dict), "the CLI puts no list in a map's place"
    elements = value if isinstance(value, list) else []
    under = elements[step] if step < len(elements) else None
    elements[step:] = [_set(under, rest, new), *elements[step + 1 :]]
    return elements


def _removed(value: Any, path: list[str | int]) -> None:
    for step in path[:-1]:
        value = value[step]
    del value[path[-1]]
