"""`python -m tools.shard_map dev`: draw where a stack's shards are; ARGS by the environment."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from citus.errors import CitusError
from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.live_cluster.coordinator import endpoint_of
from tools.live_cluster.moves import Plan, read_plan
from tools.live_cluster.reading import read_cluster, reading
from tools.shard_map.figures import figures
from tools.shard_map.layout import layout
from tools.shard_map.page import page
from tools.shard_map.svg import svg
from tools.shard_map.text import text
from tools.stack.local_copy import stack_of
from tools.stack.psql import split
from tools.status.grid import console

if TYPE_CHECKING:
    from tools.live_cluster.values import Cluster


def main(stack: str, platform: str = "") -> int:
    """Draw it into a file, or in the terminal."""
    asked = _arguments().parse_args(split(os.environ.get("ARGS", "")))
    stack = stack_of(Project.at(ROOT), stack, platform, declares=False)
    output = Path(asked.output or f"map-{stack}.html")
    if output.suffix not in {".html", ".svg"}:
        raise ToolError(f"--output {output}: its name has to end in .html or .svg")
    with reading(endpoint_of(stack)) as database:
        cluster = read_cluster(database)
        how = {"strategy": asked.strategy, "threshold": asked.threshold}
        plan = read_plan(database, cluster, drain_only=asked.drain_only, **how)
    if asked.text:
        show(stack, cluster, plan)
    else:
        output.write_text(drawn(stack, cluster, plan, output.suffix), encoding="utf-8")
        print(output)
    return 0


def show(stack: str, cluster: Cluster, plan: Plan) -> None:
    """Draw it in the terminal."""
    said = figures(cluster, plan)
    console().print(text(layout(cluster, plan), cluster, plan, _title(stack, cluster), said))


def drawn(stack: str, cluster: Cluster, plan: Plan, suffix: str) -> str:
    """Give the content of a file: SVG, or a page with it."""
    title = _title(stack, cluster)
    picture = svg(layout(cluster, plan), title, figures(cluster, plan))
    if suffix == ".svg":
        return ET.tostring(picture, encoding="unicode", xml_declaration=True)
    return page(picture, title, datetime.now(UTC))


def _title(stack: str, cluster: Cluster) -> str:
    kind = " (all rows are on the coordinator)" if cluster.is_standin else ""
    return f"Shards of {stack}, Citus {cluster.citus_version}{kind}"


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make map",
        usage="make map [STACK=name] [ARGS='--text | --output FILE']",
        description="Draw where the shards of a cluster are: a column a node, a box a shard, with "
        "areas that follow bytes, and what a rebalance would move.",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--text", action="store_true", help="in the terminal")
    how.add_argument("--output", help="a file, .html or .svg; map-<stack>.html if not given")
    parser.add_argument("--strategy", help="of the rebalance; Citus' default one if not given")
    parser.add_argument(
        "--threshold", type=float, help="of the rebalance: 0.1 lets a node have a tenth more"
    )
    parser.add_argument(
        "--drain-only", action="store_true", help="only moves off nodes that are to have no shards"
    )
    return parser


if __name__ == "__main__":
    try:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.exit(main(*sys.argv[1:]))
    except (ToolError, CitusError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
