"""The way of a server to what is declared: a start, a reload, or a restart.

A reload, where PostgreSQL itself says that it is enough. Restarts go one server at a time, each
once no shard moves to or from it, and the first server that fails ends the round.
What is refused is taken back: a server that ran before runs afterwards, with what it had.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from citus.errors import Refused, ServerFailed
from citus.lifeline import LIFELINE
from citus.platforms.local.server import HAND_WRITTEN_HBA, Server
from citus.progress import tell

_MOVE_SECONDS = 3600
_TELL_EACH_SECONDS = 10
# Shards that come or go, by logical replication or while writes wait: a node that gets one so has
# no more than the COPY into it; on the coordinator, the calls that move or rewrite them.
_MOVES = r"""
SELECT 'a shard' FROM pg_replication_slots WHERE active AND slot_name ~ '^citus_shard_(move|split)'
UNION ALL
SELECT 'a shard' FROM pg_stat_subscription WHERE pid IS NOT NULL AND subname ~ '^citus_shard_'
UNION ALL
SELECT 'a shard' FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query
    ~ 'citus_(move_shard_placement|schema_move|drain_node|split_shard)|isolate_tenant_to_new_shard'
    '|alter_distributed_table|worker_copy_table_to_node'
UNION ALL
SELECT 'a shard' FROM pg_stat_activity WHERE state = 'active' AND application_name LIKE 'citus\_%'
    AND query ~ '^COPY .*_[0-9]+ .*FROM STDIN WITH \(format'"""
# What of the files is not in force: until a restart, or at all.
_PENDING = "SELECT name FROM pg_settings WHERE pending_restart"
_REFUSED = f"""
SELECT format('%s = %s (%s)', name, setting, error) FROM pg_file_settings
WHERE error IS NOT NULL AND name NOT IN ({_PENDING})"""


class _Round:
    """The restarts of one run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed = ""

    @contextmanager
    def turn_of(self, name: str) -> Iterator[None]:
        """Wait for one's turn; there is none any more once a server has failed in its own."""
        with self._lock:
            if self._failed:
                raise Refused(
                    f"{name} is not restarted, since {self._failed} failed to take its settings"
                )
            try:
                yield
            except ServerFailed:
                self._failed = name
                raise


_ROUND = _Round()


def bring_up(server: Server, settings: Mapping[str, str], password: str) -> None:
    """Have a server run with its *settings*.

    Raises:
        ServerFailed: It can't; where it had others it has those again.
        Refused: It was left alone, since another server has failed to take its settings.
    """
    before = server.settings()
    changed = server.configure(settings, password)
    failed = _failure(server, changed=changed)
    if failed is None:
        return
    if not changed or "port" not in before:  # which PostgreSQL's own first file doesn't name
        raise failed
    before.pop(HAND_WRITTEN_HBA, None)
    server.configure(before, password)
    server.reload() if server.process() else server.start()
    server.runs_as_configured_now()
    raise type(failed)(f"{server.folder.name} has the settings again that it had: {failed}")


def _failure(server: Server, *, changed: bool) -> ServerFailed | Refused | None:
    """Have it run with what its files say now; give what is in the way."""
    try:
        if server.process() is None:
            server.start()
            _require_all_taken(server)
        elif changed or not server.runs_as_configured():
            _take_in(server)
    except (ServerFailed, Refused) as failed:
        return failed
    return None


def _take_in(server: Server) -> None:
    server.reload()
    _require_all_taken(server)
    if server.ask(_PENDING) or not server.knows_its_folder():
        with _ROUND.turn_of(server.folder.name):
            _wait_for_moves(server)
            LIFELINE.check()
            server.stop()
            server.start()
    server.runs_as_configured_now()


def _require_all_taken(server: Server) -> None:
    """Refuse what only the running server could tell: the settings of an extension."""
    refused = server.ask(_REFUSED)
    if refused:
        raise ServerFailed(
            f"PostgreSQL takes no such settings, of citus:postgresqlConf: {', '.join(refused)}"
        )


def _wait_for_moves(server: Server) -> None:
    """Wait until no shard moves to or from this server, which a restart would throw back."""
    began = told = time.monotonic()
    while server.ask(_MOVES):
        LIFELINE.check()
        now = time.monotonic()
        if now - began > _MOVE_SECONDS:
            raise Refused("it was not restarted, since shards have moved for an hour")
        if now - told > _TELL_EACH_SECONDS:
            told = now
            tell(f"{server.folder.name} restarts when no shard moves to or from it")
        time.sleep(1)
