"""`python -m tools.stack up dev`: one target of the Makefile; YES and ARGS by the environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation
from tools.cli.prepare import prepare
from tools.stack.actions import Actions

if TYPE_CHECKING:
    from collections.abc import Callable


def main(target: str, stack: str) -> int:
    """Do what *target* says with *stack*."""
    project = Project.at(ROOT)
    project.require(stack)
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
