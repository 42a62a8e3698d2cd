"""How this machine reaches the coordinator of a stack that is up: as the providers do."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from citus.endpoint import Endpoint
from citus.properties import decode
from citus.routes.ways import WAYS
from tools.cli import recorded
from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation
from tools.cli.prepare import prepare
from tools.stack.actions import Actions

if TYPE_CHECKING:
    from tools.cli.prepare import Ready


def endpoint_of(stack: str) -> Endpoint:
    """Give it from what the stack's state has recorded.

    Raises:
        ToolError: There is no such stack, it is not up, or its secrets can't be opened.
    """
    project = Project.at(ROOT)
    project.require(stack)
    invocation = Invocation.parse(["stack", "--stack", stack])
    ready = prepare(project, invocation, os.environ, make_missing=False)
    found = recorded.endpoint(_deployment(ready))
    if not found:
        raise ToolError(f"stack {stack} is not up: `make up STACK={stack}` first")
    config = project.stack_config(stack)
    WAYS.context = str(config.get("citus:kubeContext") or "")
    return decode(Endpoint, found)


def _deployment(ready: Ready) -> dict[str, object]:
    export = ("stack", "export", "--show-secrets", "--stack", ready.stack)
    try:
        exported = json.loads(ready.quietly(*export))
    except ToolError:
        if not Actions(ready, said_yes=False).exists():  # asked last: each command takes a while
            return {}
        raise
    deployment: dict[str, object] = exported["deployment"]
    return deployment
