"""A Citus cluster by bare calls: the servers, and the SQL that its documentation gives."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from bench import ports
from bench.command import uninterrupted
from citus.platforms.local.server import DATABASE, SUPERUSER, Server

_HOST = "127.0.0.1"
_ORPHANS = "SELECT count(*) FROM pg_dist_cleanup"


@dataclass(frozen=True)
class BareCluster:
    """A coordinator, which is server 0, and workers on the ports after its own."""

    folder: Path
    postgres_bin: Path
    settings: Mapping[str, str]
    base_port: int
    password: str

    def connect(self) -> psycopg.Connection[Any]:
        """Open a session on the coordinator."""
        return psycopg.connect(
            host=_HOST,
            port=self.base_port,
            dbname=DATABASE,
            user=SUPERUSER,
            password=self.password,
            autocommit=True,
        )

    def start(self, *numbers: int) -> None:
        """Make and start these servers side by side."""
        with ThreadPoolExecutor(len(numbers)) as pool:
            list(pool.map(self._start, numbers))

    def begin(self, workers: int) -> None:
        """Bring up the coordinator and so many workers."""
        self.start(*range(workers + 1))
        with self.connect() as coordinator:
            coordinator.execute("SELECT citus_set_coordinator_host(%s, %s)", self._at(0))
            self._add(coordinator, *range(1, workers + 1))

    def scale_out(self, *workers: int) -> None:
        """Add workers, and spread the shards."""
        self.start(*workers)
        with self.connect() as coordinator:
            self._add(coordinator, *workers)
            coordinator.execute("SELECT replicate_reference_tables()")
            coordinator.execute("SELECT citus_rebalance_start('by_shard_count')")
            coordinator.execute("SELECT citus_rebalance_wait()")

    def scale_in(self, *workers: int) -> None:
        """Mark, drain, clean up, remove, and delete the servers."""
        with self.connect() as coordinator:
            mark = "SELECT citus_set_node_property(%s, %s, 'shouldhaveshards', false)"
            for call in (mark, "SELECT citus_drain_node(%s, %s)"):
                self._each(coordinator, call, *workers)
            while coordinator.execute(_ORPHANS).fetchall() != [(0,)]:
                coordinator.execute("CALL citus_cleanup_orphaned_resources()")
            self._each(coordinator, "SELECT citus_remove_node(%s, %s)", *workers)
        for number in workers:
            self._server(number).stop()
            shutil.rmtree(self._server(number).folder)

    def _add(self, coordinator: psycopg.Connection[Any], *workers: int) -> None:
        self._each(coordinator, "SELECT citus_add_node(%s, %s)", *workers)

    def _each(
        self, coordinator: psycopg.Connection[Any], call: LiteralString, *workers: int
    ) -> None:
        for number in workers:
            coordinator.execute(call, self._at(number))

    def _start(self, number: int) -> None:
        server, (host, port) = self._server(number), self._at(number)
        server.folder.mkdir(parents=True)
        server.initdb(self.password)
        server.configure({**self.settings, "port": str(port)}, self.password)
        server.start()
        server.bootstrap(host, port)

    def _server(self, number: int) -> Server:
        return Server(self.folder / str(number), self.postgres_bin)

    def _at(self, number: int) -> tuple[str, int]:
        return _HOST, self.base_port + number

    def _stop(self) -> None:
        for folder in self.folder.glob("*"):
            Server(folder, self.postgres_bin).stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def bare_cluster(
    folder: Path, postgres_bin: Path, settings: Mapping[str, str], *, nodes: int
) -> Iterator[BareCluster]:
    """Keep ports for *nodes*, and stop and remove at the end what was started."""
    base = ports.free_run(nodes)
    cluster = BareCluster(folder, postgres_bin, settings, base, secrets.token_hex(16))
    try:
        yield cluster
    finally:
        with uninterrupted("cleaning up"):
            cluster._stop()  # noqa: SLF001 - it is this one's
