"""`python -m tools.stack up sentry local`: one target of the Makefile, a stack, a PLATFORM or none.

YES and ARGS come by the environment.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation
from tools.cli.prepare import prepare
from tools.stack.actions import Actions
from tools.stack.local_copy import LocalCopy

if TYPE_CHECKING:
    from collections.abc import Callable

_DECLARING = ("up", "preview", "refresh")


def main(target: str, stack: str, platform: str = "") -> int:
    """Do what *target* says with *stack*, or with its copy for another *platform*."""
    project = Project.at(ROOT)
    project.require(stack)
    copy = LocalCopy.asked_for(project, stack, platform)
    if copy is None:
        return _run(target, project, stack)
    if target == "down" and not copy.exists and not copy.has_data:
        print(f"there is nothing to take down: stack {copy.name} is not up")
        return 0
    copy.be_there(makes_it=target in _DECLARING)
    failed = _run(target, project, copy.name)
    if target == "down" and not failed:
        copy.forget()
    return failed


def _run(target: str, project: Project, stack: str) -> int:
    command = {"down": "destroy", "psql": "stack"}.get(target, target)
    invocation = Invocation.parse([command, "--stack", stack])
    ready = prepare(project, invocation, os.environ, make_missing=False)
    actions = Actions(ready, said_yes=os.environ.get("YES", "") in {"1", "yes", "true"})
    targets: dict[str, Callable[[], int]] = {
        "up": actions.up,
        "down": actions.down,
        "preview": actions.preview,
        "refresh": actions.refresh,
        "psql": lambda: actions.psql(os.environ.get("ARGS", "")),
    }
    return targets[target]()


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except (ToolError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
