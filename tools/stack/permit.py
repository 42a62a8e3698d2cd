"""`citus:allowDataLoss`: which of its digests this run asks for, and which permit nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "allowDataLoss"
_REQUEST = re.compile(rf"config set {KEY} (p[0-9a-f]+)$")


def configured(stack: Mapping[str, Any]) -> list[str]:
    """Give the digests in a stack's file."""
    return re.findall(r"[^\s,]+", str((stack.get("config") or {}).get(f"citus:{KEY}", "")))


def unused(permits: list[str], preview: Mapping[str, Any]) -> list[str]:
    """Give those that no step of a preview (``preview --json``) asks for."""
    requested = set(_requested(preview))
    return [permit for permit in permits if permit not in requested]


def _requested(preview: Mapping[str, Any]) -> Iterator[str]:
    for step in preview.get("steps", []):
        state, sql = "newState", "planned_sql"
        if step["op"] == "delete":
            state, sql = "oldState", "delete_sql"
        elif step["op"] not in {"create", "update"}:
            continue
        for entry in (step.get(state) or {}).get("inputs", {}).get(sql, []):
            if match := _REQUEST.search(entry):
                yield match[1]
