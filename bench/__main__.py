"""`python -m bench [part …]`: up, preview, create, unchanged, scale."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench.arguments import of_stacks
from bench.comparison import Part
from bench.parts import create, preview, scale, unchanged, up
from bench.run import report_all


def main(arguments: list[str]) -> int:
    """Measure the parts that are asked for."""
    asked = of_stacks(arguments)
    runs, postgres_bin = asked.runs, asked.postgres_bin
    parts: dict[str, Callable[[], Part]] = {
        "up": lambda: up.measure(runs=runs, postgres_bin=postgres_bin),
        "preview": lambda: preview.measure(runs=runs, postgres_bin=postgres_bin),
        "create": lambda: create.measure(
            runs=runs, services=asked.services, postgres_bin=postgres_bin
        ),
        "unchanged": lambda: unchanged.measure(
            runs=runs, resources=asked.resources, postgres_bin=postgres_bin
        ),
        "scale": lambda: scale.measure(
            runs=runs, megabytes=asked.megabytes, postgres_bin=postgres_bin
        ),
    }
    return report_all((parts[name]() for name in asked.parts), asked.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
