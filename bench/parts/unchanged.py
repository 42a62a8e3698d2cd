"""A preview with nothing to do and a refresh of many database resources, beside the floor."""

from __future__ import annotations

from bench import machine
from bench.checkout import Checkout, cluster, scratch
from bench.comparison import Comparison, Goal, Part, Series
from bench.progress import say
from bench.target import Target

NAME = "unchanged"
_GOAL = Goal(1.3)
_COMMANDS = {
    "preview": ("preview", "--expect-no-changes"),
    "refresh": ("refresh", "--yes", "--expect-no-changes"),
}
# What is made here isn't what is measured: the state is written once, not at every step.
_FASTER = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}


def measure(*, runs: int, resources: int, postgres_bin: str) -> Part:
    """Make both graphs, then preview and refresh them in turns."""
    with (
        cluster(postgres_bin=postgres_bin) as dev,
        scratch(program="database") as database,
        scratch(program="floor") as floor,
    ):
        engine = machine.engine(dev, dev.outputs())
        settings = Target.of(dev).settings(resources)
        for name, checkout in (("no-op", floor), ("database", database)):
            checkout.configure(settings)
            say(f"unchanged: making {resources} {name} resources")
            checkout.pulumi("up", "--yes", "--skip-preview", **_FASTER)
        comparisons = tuple(
            compare(what, database, floor, runs=runs, resources=resources) for what in _COMMANDS
        )
    return Part(NAME, engine, comparisons)


def compare(
    what: str, database: Checkout, floor: Checkout, *, runs: int, resources: int
) -> Comparison:
    """Run one command on both in turns."""
    ours, bare = [], []
    for number in range(1, runs + 1):
        ours.append(database.pulumi(*_COMMANDS[what]).seconds)
        bare.append(floor.pulumi(*_COMMANDS[what]).seconds)
        say(f"{what}, run {number} of {runs}: database {ours[-1]:.1f} s, no-op {bare[-1]:.1f} s")
    name = f"{what} of {resources} resources"
    others = (Series("no-op resources", tuple(bare)),)
    return Comparison(Series(name, tuple(ours)), others, "s", _GOAL)
