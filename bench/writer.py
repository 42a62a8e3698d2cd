"""Somebody who writes all the time, and remembers what was acknowledged."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import psycopg

_FIRST = 1_000_000  # below are the rows that were there before


@dataclass
class Writes:
    """The ids of the rows whose commit each table has acknowledged, and the errors."""

    acknowledged: dict[str, list[int]]
    failures: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many were acknowledged."""
        return sum(map(len, self.acknowledged.values()))

    def lost(self, query: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, set[int]]:
        """Give what was acknowledged and is not there, by table."""
        missing = {
            table: set(ids) - {row[0] for row in query(f"SELECT id FROM {table}")}
            for table, ids in self.acknowledged.items()
        }
        return {table: ids for table, ids in missing.items() if ids}


@contextmanager
def writing(
    connect: Callable[[], psycopg.Connection[Any]], inserts: Mapping[str, str]
) -> Iterator[Writes]:
    """Run each table's insert of one id, again and again, in a session a table.

    An error is noted, and the next id is tried in a new session.
    """
    writes, stop = Writes({table: [] for table in inserts}), threading.Event()

    def write(table: str, insert: str) -> None:
        ids = itertools.count(_FIRST)
        while not stop.is_set():
            try:
                with connect() as connection:
                    _until(stop, connection, insert, ids, writes.acknowledged[table])
            except psycopg.Error as error:
                writes.failures.append(f"{table}: {error}")

    threads = [threading.Thread(target=write, args=entry) for entry in inserts.items()]
    for thread in threads:
        thread.start()
    try:
        yield writes
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _until(
    stop: threading.Event,
    connection: psycopg.Connection[Any],
    insert: str,
    ids: Iterator[int],
    acknowledged: list[int],
) -> None:
    while not stop.wait(0.01):
        number = next(ids)
        connection.execute(cast("Any", insert), (number,))
        acknowledged.append(number)
