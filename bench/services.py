"""`python -m bench.services`: this project's services against upstream's behaviour, in turns.

Both answer the same clients, log in as the same role, and write to the same table. Ours are
those of a stack that `make up` has brought up, so they run as the platform `local` runs them.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from bench import machine
from bench.arguments import of_services
from bench.checkout import Checkout, cluster
from bench.comparison import Comparison, Goal, Part, Series, percentile
from bench.load import Answers, Load, Request, generate
from bench.progress import say
from bench.run import report_all
from bench.upstream.process import running

_TEN_USERS = [{"name": f"user {i}", "email": f"user{i}@example.com"} for i in range(10)]
_WARM_UP = Load(clients=4, seconds=1, requests=200)
_HALF = Goal(0.5)
_NONE = Goal(0, of_ratio=False)


@dataclass(frozen=True)
class Subject:
    """A service, what it is asked, and what each answer leaves in its table."""

    service: str
    request: Request
    table: str
    rows: int
    goal: Goal

    @property
    def role(self) -> str:
        """The role, and its schema."""
        return f"{self.service}_service"


SUBJECTS = (
    Subject(
        "time",
        Request("GET", "/current_time", None, 200),
        table="query_details",
        rows=1,
        goal=Goal(10, at_least=True),
    ),
    Subject(
        "user",
        Request("POST", "/users", json.dumps(_TEN_USERS).encode(), 201),
        table="users",
        rows=len(_TEN_USERS),
        goal=Goal(6, at_least=True),
    ),
)


def measure(asked: Namespace) -> Iterator[Part]:
    """Bring up a stack, and yield a part for each of its services that upstream has too."""
    load = Load(asked.clients, asked.seconds, asked.requests, close=asked.close)
    with cluster(postgres_bin=asked.postgres_bin) as checkout:
        outputs = checkout.outputs()
        engine = machine.engine(checkout, outputs)
        for subject in SUBJECTS:
            if subject.service in outputs["services"]:
                comparisons = compare(subject, checkout, outputs, load, asked.pairs)
                how = f"{load.clients} clients{', a connection a request' if load.close else ''}"
                name = f"{subject.request.method} {subject.request.path}, {how}"
                yield Part(name, engine, comparisons)
            else:
                say(f"{subject.service}: left out, the stack has no such service")


def compare(
    subject: Subject, checkout: Checkout, outputs: dict[str, Any], load: Load, pairs: int
) -> tuple[Comparison, ...]:
    """Ask ours and upstream's in turns."""
    admin, url = outputs["adminUrl"], outputs["databaseUrls"][subject.role]
    log = checkout.folder / f"upstream-{subject.service}.log"
    turns: list[tuple[Answers, Answers]] = []
    with running(subject.service, url, log) as upstream:
        for number in range(1, pairs + 1):
            ours = turn(outputs["services"][subject.service], subject, load, admin)
            theirs = turn(upstream, subject, load, admin)
            turns.append((ours, theirs))
            say(
                f"{subject.service}, pair {number} of {pairs}: "
                f"ours {ours.per_second:.0f}/s, upstream's {theirs.per_second:.0f}/s"
            )
    return comparisons_of(subject, *zip(*turns, strict=True))


def turn(url: str, subject: Subject, load: Load, admin: str) -> Answers:
    """Ask for a moment without measuring, then from an empty table."""
    generate(url, subject.request, _WARM_UP)
    count(admin, subject, empty=True)
    answers = generate(url, subject.request, load)
    # An answer is right only if what it says was stored is there.
    lacking = len(answers.latencies) * subject.rows - count(admin, subject)
    return replace(answers, failed=answers.failed + max(0, -(-lacking // subject.rows)))


def count(admin: str, subject: Subject, *, empty: bool = False) -> int:
    """Count the rows of the service's table, or take them all away."""
    table = sql.Identifier(subject.role, subject.table)
    statement = "TRUNCATE {}" if empty else "SELECT count(*) FROM {}"
    with psycopg.connect(admin, autocommit=True) as connection:
        cursor = connection.execute(sql.SQL(statement).format(table))
        return 0 if empty else int(cursor.fetchall()[0][0])


def comparisons_of(
    subject: Subject, ours: tuple[Answers, ...], theirs: tuple[Answers, ...]
) -> tuple[Comparison, ...]:
    """Make the lines of the table."""

    def series(name: str, answers: tuple[Answers, ...], percent: float) -> Series:
        found = (1000 * percentile(each.latencies, percent) for each in answers)
        return Series(name, tuple(found))

    upstream = "upstream's behaviour"
    rates = [tuple(each.per_second for each in answers) for answers in (ours, theirs)]
    failed = [float(sum(each.failed for each in answers)) for answers in (ours, theirs)]
    return (
        Comparison(Series("rate", rates[0]), (Series(upstream, rates[1]),), "/s", subject.goal),
        Comparison(series("p50", ours, 50), (series(upstream, theirs, 50),), "ms"),
        Comparison(series("p99", ours, 99), (series(upstream, theirs, 99),), "ms", _HALF),
        Comparison(Series("failed", (failed[0],)), (Series(upstream, (failed[1],)),), "", _NONE),
    )


if __name__ == "__main__":
    asked_for = of_services(sys.argv[1:])
    sys.exit(report_all(measure(asked_for), asked_for.json))
