"""A preview of dev with nothing to do, beside that of an empty program."""

from __future__ import annotations

from bench import machine
from bench.checkout import Checkout, cluster, scratch
from bench.comparison import Comparison, Goal, Part, Series
from bench.progress import say

NAME = "preview"
_GOAL = Goal(2.0)
# As `make preview` calls the CLI.
_PREVIEW = ("preview", "--refresh", "--diff", "--show-full-output")


def measure(*, runs: int, postgres_bin: str) -> Part:
    """Preview in turns: the same CLI, the same flags, the same runtime."""
    ours, floor = [], []
    with cluster(postgres_bin=postgres_bin) as dev, scratch(program="empty") as empty:
        engine = machine.engine(dev, dev.outputs())
        empty.pulumi("up", "--yes")
        preview(dev)  # both start with what Python has compiled
        preview(empty)
        for number in range(1, runs + 1):
            ours.append(preview(dev))
            floor.append(preview(empty))
            say(f"preview, run {number} of {runs}: dev {ours[-1]:.2f} s, empty {floor[-1]:.2f} s")
    others = (Series("of an empty program", tuple(floor)),)
    comparison = Comparison(Series("preview of dev", tuple(ours)), others, "s", _GOAL)
    return Part(NAME, engine, (comparison,))


def preview(checkout: Checkout) -> float:
    """Give the seconds of one preview that finds nothing to do."""
    return checkout.pulumi(*_PREVIEW, "--expect-no-changes").seconds
