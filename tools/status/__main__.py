"""`python -m tools.status dev`: how the cluster of a stack is; ARGS by the environment."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from citus.endpoint import Endpoint
from citus.errors import CitusError
from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.live_cluster.coordinator import endpoint_of
from tools.live_cluster.health import Reach, read_health
from tools.live_cluster.moves import read_last_job, read_running
from tools.live_cluster.reading import read_cluster, reading
from tools.stack.local_copy import stack_of
from tools.stack.psql import split
from tools.status.grid import console
from tools.status.screen import screen
from tools.status.values import Status

NODE_DOWN = 3


def read_status(endpoint: Endpoint) -> Status:
    """Read it by two sessions: the health takes as long as all the rest."""
    with ThreadPoolExecutor(1) as pool:
        health = pool.submit(_read_health, endpoint)
        with reading(endpoint) as database:
            cluster = read_cluster(database)
            running, job = read_running(database), read_last_job(database)
        return Status(cluster, health.result(), running, job)


def _read_health(endpoint: Endpoint) -> tuple[Reach, ...] | None:
    with reading(endpoint) as database:
        return read_health(database)


def main(stack: str, platform: str = "") -> int:
    """Show it; give 0, or `NODE_DOWN`."""
    asked = _arguments().parse_args(split(os.environ.get("ARGS", "")))
    stack = stack_of(Project.at(ROOT), stack, platform, declares=False)
    status = read_status(endpoint_of(stack))
    if asked.json:
        print(status.as_json())
    else:
        console().print(screen(stack, status, at_most=None if asked.all else 10))
    return 0 if status.healthy else NODE_DOWN


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make status",
        usage="make status [STACK=name] [ARGS='--all --json']",
        description="Show nodes and who reaches whom, schemas, tables, and moves of shards.",
        epilog=f"Exit code: 0 if every node answers and reaches every other, {NODE_DOWN} if one "
        "does not, 1 if the coordinator does not answer. `make` itself gives 2 for each that is "
        "not 0; `.venv/bin/python -m tools.status <stack>` gives them as they are.",
    )
    parser.add_argument("--all", action="store_true", help="all rows, not the ten largest")
    parser.add_argument("--json", action="store_true", help="for machines; sizes in bytes")
    return parser


if __name__ == "__main__":
    try:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.exit(main(*sys.argv[1:]))
    except (ToolError, CitusError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
