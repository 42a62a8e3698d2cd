"""3 → 6 → 3 workers under steady writes by `make up`, beside Citus' bare calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg

from bench import machine
from bench.bare import bare_cluster
from bench.checkout import Checkout, cluster
from bench.comparison import Comparison, Goal, Part, Series
from bench.progress import say
from bench.writer import writing
from citus.platforms.local.server import Server

NAME = "scale"
_GOAL, _NONE = Goal(1.2), Goal(0, of_ratio=False)
_FEW, _MANY = 3, 6
_TUNED, _UNTUNED = 1, 2  # beside ours, in a turn
_SHARDS = 32
_ROWS_OF_A_MEGABYTE = 1024
_TABLES = f"""
CREATE TABLE events (id bigint PRIMARY KEY, payload text);
SELECT create_distributed_table('events', 'id', shard_count := {_SHARDS});
CREATE TABLE places (id bigint PRIMARY KEY);
SELECT create_reference_table('places');
INSERT INTO places SELECT generate_series(1, 1000);
INSERT INTO events SELECT -i, repeat(md5(i::text), 29) FROM generate_series(1, {{rows}}) i;
"""
_WRITES = {"events": "INSERT INTO events VALUES (%s, 'new')"}
# Without these Citus moves no shard online, or the nodes don't find each other.
_NEEDED = {
    *("listen_addresses", "unix_socket_directories", "password_encryption", "wal_level"),
    *("shared_preload_libraries", "output_plugin_libraries", "max_prepared_transactions"),
    *("citus.local_hostname", "citus.node_conninfo", "log_statement"),
}


@dataclass(frozen=True)
class Turn:
    """How long it took out and back, in seconds, and what became of the writes meanwhile."""

    out: float
    back: float
    failed: int
    lost: int
    writes: int

    @property
    def both(self) -> float:
        """Out and back, in seconds."""
        return self.out + self.back


def measure(*, runs: int, megabytes: int, postgres_bin: str) -> Part:
    """Scale a stack and two bare clusters, each with the same rows, one after the other."""
    turns: list[tuple[Turn, Turn, Turn]] = []
    for number in range(1, runs + 1):
        with cluster(postgres_bin=postgres_bin) as checkout:
            engine = machine.engine(checkout, checkout.outputs())
            if not engine.startswith("Citus "):
                say("scale: left out, a stand-in moves no rows")
                return Part(NAME, engine, ())
            turns.append(_in_turn(checkout, megabytes))
        told = ", ".join(f"{turn.both:.1f} s ({turn.writes} writes)" for turn in turns[-1])
        say(f"scale, run {number} of {runs}: make up, bare calls, these untuned: {told}")
    return Part(NAME, engine, _comparisons(megabytes, turns))


def _in_turn(checkout: Checkout, megabytes: int) -> tuple[Turn, Turn, Turn]:
    postgres_bin, folder = checkout.postgres_bin, checkout.folder.parent / "bare"
    settings = Server(checkout.data / "worker-0", postgres_bin).settings()
    needed = {name: value for name, value in settings.items() if name in _NEEDED}
    ours = _stack(checkout, megabytes)
    checkout.make("down")
    tuned, untuned = (_bare(folder, postgres_bin, each, megabytes) for each in (settings, needed))
    return ours, tuned, untuned


def _stack(checkout: Checkout, megabytes: int) -> Turn:
    checkout.pulumi("config", "set", "--path", "rebalance.strategy", "by_shard_count")
    checkout.make("up")

    def scale(workers: int) -> None:
        checkout.configure({"workers": workers})
        checkout.make("up")

    url = str(checkout.outputs()["adminUrl"])
    return _turn(
        lambda: psycopg.connect(url, autocommit=True),
        lambda: scale(_MANY),
        lambda: scale(_FEW),
        megabytes,
    )


def _bare(folder: Path, postgres_bin: Path, settings: Mapping[str, str], megabytes: int) -> Turn:
    more = tuple(range(_FEW + 1, _MANY + 1))
    with bare_cluster(folder, postgres_bin, settings, nodes=_MANY + 1) as bare:
        bare.begin(_FEW)
        return _turn(
            bare.connect, lambda: bare.scale_out(*more), lambda: bare.scale_in(*more), megabytes
        )


def _turn(
    connect: Callable[[], psycopg.Connection[Any]],
    scale_out: Callable[[], None],
    scale_in: Callable[[], None],
    megabytes: int,
) -> Turn:
    say(f"scale: loading {megabytes} MB")
    rows = megabytes * _ROWS_OF_A_MEGABYTE
    with connect() as connection:
        for statement in _TABLES.format(rows=rows).strip().split(";\n"):
            connection.execute(cast("Any", statement))
        connection.execute("CHECKPOINT")
    with writing(connect, _WRITES) as writes:
        began = time.perf_counter()
        scale_out()
        half = time.perf_counter()
        scale_in()
        ended = time.perf_counter()
    with connect() as connection:
        there = connection.execute("SELECT count(*) FROM events").fetchall()[0][0]
    return Turn(
        half - began, ended - half, len(writes.failures), rows + writes.count - there, writes.count
    )


def _comparisons(
    megabytes: int, turns: Sequence[tuple[Turn, Turn, Turn]]
) -> tuple[Comparison, ...]:
    def values(index: int, value: Callable[[Turn], float]) -> tuple[float, ...]:
        return tuple(float(value(turn[index])) for turn in turns)

    def compare(
        name: str, value: Callable[[Turn], float], beside: int, unit: str, goal: Goal | None
    ) -> Comparison:
        bare = f"bare calls, {'equally tuned' if beside == _TUNED else 'untuned'}"
        other = Series(bare, values(beside, value))
        return Comparison(Series(name, values(0, value)), (other,), unit, goal)

    name = f"{_FEW}, {_MANY}, {_FEW} workers, {megabytes} MB"
    return (
        compare(name, lambda turn: turn.both, _TUNED, "s", _GOAL),
        compare(f"{_FEW} to {_MANY}", lambda turn: turn.out, _TUNED, "s", None),
        compare(f"{_MANY} to {_FEW}", lambda turn: turn.back, _TUNED, "s", None),
        compare(name, lambda turn: turn.both, _UNTUNED, "s", None),
        compare("failed writes", lambda turn: turn.failed, _TUNED, "", _NONE),
        compare("rows lost", lambda turn: turn.lost, _TUNED, "", _NONE),
    )
