"""Roles, schemas and migrations made as resources, beside psql plus Pulumi's own floor."""

from __future__ import annotations

from bench import machine
from bench.checkout import Checkout, cluster, scratch
from bench.comparison import Comparison, Goal, Part, Series
from bench.programs.graph import KINDS
from bench.progress import say
from bench.statements import psql_file
from bench.target import Target

NAME = "create"
_GOAL = Goal(1.3)
# As `make up` calls the CLI.
_UP = ("up", "--refresh", "--strict", "--yes")


def measure(*, runs: int, services: int, postgres_bin: str) -> Part:
    """Make the same thing three ways in turns, each from nothing."""
    with (
        cluster(postgres_bin=postgres_bin) as dev,
        scratch(program="database") as database,
        scratch(program="floor") as floor,
    ):
        engine = machine.engine(dev, dev.outputs())
        target = Target.of(dev)
        for checkout in (database, floor):
            checkout.configure(target.settings(services * len(KINDS)))
        say(f"create: reading the SQL of {services} roles, schemas and migrations")
        file = database.folder / "statements.sql"
        file.write_text(psql_file(database.preview_steps(), target.role_password))
        turns: list[tuple[float, float, float]] = []
        for number in range(1, runs + 1):
            resources = up(database)
            target.clean()
            statements = target.run(file)
            target.clean()
            turns.append((resources, statements, up(floor)))
            say(
                f"create, run {number} of {runs}: resources {resources:.1f} s, "
                f"psql {statements:.1f} s, no-op resources {turns[-1][2]:.1f} s"
            )
    ours, by_psql, bare = zip(*turns, strict=True)
    name = f"{services} roles, schemas, migrations"
    others = (Series("the same by one psql", by_psql), Series("no-op resources", bare))
    return Part(NAME, engine, (Comparison(Series(name, ours), others, "s", _GOAL),))


def up(checkout: Checkout) -> float:
    """Give the seconds of an `up` from nothing, and forget that it was."""
    seconds = checkout.pulumi(*_UP).seconds
    checkout.forget()
    return seconds
