"""How the inputs of a resource differ, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What stands elsewhere in a report; and `after`, which says when to look again.
_APART = {"planned_sql", "delete_sql", "on_change", "seen", "after"}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # what Pulumi writes for it
_SECRET = "[secret]"  # noqa: S105 - and for that
_LONGEST = 60  # characters of a value


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, values: bool
) -> Iterator[str]:
    """Yield ``shard_count: 8 → 16`` and the like; without *values* the names alone."""
    for name in sorted({*before, *after}):
        if name in _APART or name.startswith("__") or before.get(name) == after.get(name):
            continue
        if values:
            yield from _of_values(name, before.get(name), after.get(name))
        else:
            yield name


def _of_values(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            if key not in before or key not in after:
                yield f"{path}: {_changed(before.get(key), after.get(key), f'{key} = ', key)}"
            elif before[key] != after[key]:
                yield from _of_values(f"{path}.{key}", before[key], after[key])
    elif isinstance(before, list) or isinstance(after, list):
        had, has = (value if isinstance(value, list) else [] for value in (before, after))
        yield from (f"{path}: + {_shown(entry)}" for entry in has if entry not in had)
        yield from (f"{path}: - {_shown(entry)}" for entry in had if entry not in has)
    elif before is None or after is None:
        yield f"{path}: {_changed(before, after)}"
    else:
        yield f"{path}: {_shown(before)} → {_shown(after)}"


def _changed(before: Any, after: Any, prefix: str = "", name: str = "") -> str:
    """Say what is new or gone; a whole structure is told by its name."""
    value = before if after is None else after
    shown = name if isinstance(value, (Mapping, list)) else f"{prefix}{_shown(value)}"
    return f"{'-' if after is None else '+'} {shown}".strip()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value == _UNKNOWN:
        return "known after up"
    if value == _SECRET:
        return "a secret"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
