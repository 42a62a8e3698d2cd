"""Run the preview, and read what the CLI prints of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation
from tools.cli.prepare import Ready, prepare
from tools.report import live
from tools.report.facts import Facts
from tools.report.preview import Preview, read
from tools.stack.local_copy import stack_of


def preview(stack: str, platform: str) -> Preview:
    """Preview a stack with a refresh, as `make preview` does; a failure is told, not raised."""
    try:
        stack = stack_of(Project.at(ROOT), stack, platform, declares=True)
        ready = _ready(stack)
        print(f"previewing stack {stack} …", file=sys.stderr, flush=True)
        return _previewed(ready)
    except ToolError as error:
        return Preview(stack, failures=(str(error),))


def with_facts(preview: Preview) -> tuple[Preview, Facts | None]:
    """Ask the cluster, too; one that can't be asked is a warning."""
    print("asking the cluster …", file=sys.stderr, flush=True)
    try:
        return preview, live.read(preview)
    except ToolError as error:
        untold = f"nothing is told of rows, sizes and moves of shards: {error}"
        return replace(preview, warnings=(*preview.warnings, untold)), None


def _ready(stack: str) -> Ready:
    project = Project.at(ROOT)
    project.require(stack)
    invocation = Invocation.parse(["preview", "--stack", stack])
    ready = prepare(project, invocation, os.environ, make_missing=False)
    ready.quietly("stack", "select", "--create", stack)
    return ready


def _previewed(ready: Ready) -> Preview:
    command = ("preview", "--json", "--non-interactive", "--stack", ready.stack)
    done = subprocess.run(
        [ready.cli, *command],
        cwd=ready.project.folder,
        env=ready.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = read(ready.stack, json.loads(done.stdout))
    except json.JSONDecodeError:
        found = Preview(ready.stack)
    if done.returncode and not found.failures:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise ToolError(said[-1].removeprefix("error: "))
    return found
