"""Steps of a preview, as the CLI's JSON has them."""

from __future__ import annotations

from typing import Any

from citus.database import permit

PERMIT = "p5f0c1b9ae27d"
DROP = ["DROP SCHEMA ads CASCADE -- DESTROYS DATA: schema ads goes", permit.request(PERMIT)]
_OURS = "pulumi-python:dynamic/citus:"


def step(
    op: str,
    type_: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    custom: bool = True,
    **state: Any,
) -> dict[str, Any]:
    """Give one step: ``Schema ads`` is one of ours, another type is spelt out."""
    kind, name = type_.split(" ")
    whole = kind if ":" in kind else f"{_OURS}{kind}"
    found: dict[str, Any] = {"op": op, "urn": urn(whole, name)}
    for key, inputs in (("oldState", before), ("newState", after)):
        if inputs is not None:
            found[key] = {"type": whole, "custom": custom, "inputs": inputs, **state}
    return found


def urn(type_: str, name: str) -> str:
    """Name a resource below a component, as most are."""
    return f"urn:pulumi:dev::citus::citus:cluster:CitusCluster${type_}::{name}"


def decoded(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give what a whole preview prints."""
    return {"steps": list(steps), **more}
