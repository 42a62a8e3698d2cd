"""Run the CLI in place of this process, so that signals and the exit code are its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.cli.checkout import project_for
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation
from tools.cli.prepare import prepare


def main(arguments: list[str]) -> None:
    """Prepare, then become the CLI."""
    caller = Path(os.environ.pop("CITUS_CALLER", "") or Path.cwd())
    invocation = Invocation.parse(arguments)
    os.chdir(caller)
    os.environ["PWD"] = str(caller)
    project = project_for(caller / (invocation.folder or ""))
    ready = prepare(project, invocation, os.environ, make_missing=True)
    if invocation.locks:
        ready.recover()
    in_project = project.folder in (caller, *caller.parents)
    elsewhere = [] if in_project or invocation.folder else ["--cwd", str(project.folder)]
    command = ["pulumi", *elsewhere, *arguments]
    os.execve(ready.cli, command, ready.environment)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (ToolError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
