"""The settings of a node's PostgreSQL, each with its reason."""

from __future__ import annotations

_MAX_CONNECTIONS = 100


def coordinator() -> dict[str, str]:
    """Give the settings of the coordinator."""
    return _node(max_connections=_MAX_CONNECTIONS)


def worker() -> dict[str, str]:
    """Give the settings of a worker: every client of the coordinator may need one of its own."""
    return _node(max_connections=_MAX_CONNECTIONS + 50)


def _node(*, max_connections: int) -> dict[str, str]:
    return {
        # Passwords are kept and checked as SCRAM verifiers only.
        "password_encryption": "scram-sha-256",
        "max_connections": str(max_connections),
        # Citus commits on several nodes in two phases, at most one each way a connection.
        "max_prepared_transactions": str(2 * max_connections),
        # Shards move between nodes by logical replication.
        "wal_level": "logical",
        # Such a move waits for an apply worker, which starts once in this time: 5 s by default.
        "wal_retrieve_retry_interval": "100ms",
        # Shards that move at once take an apply worker, a slot and a sender each, and for their
        # first copy as many again: eight may, beside Citus' own processes and those of queries.
        "max_logical_replication_workers": "16",
        "max_worker_processes": "32",
        "max_replication_slots": "20",
        "max_wal_senders": "20",
        # Citus looks so often for the next move of a rebalance: 5 s by default.
        "citus.background_task_queue_interval": "1s",
        # Nodes reach each other at the addresses that pg_dist_node has, never at `localhost`.
        "citus.local_hostname": "127.0.0.1",
        "citus.node_conninfo": "sslmode=prefer",
        # A node that is gone without a word holds up a query so long, and a stop of the others:
        # 30 s by default.
        "citus.node_connection_timeout": "5s",
        # A statement may hold a secret; DDL of ours holds verifiers at most.
        "log_statement": "none",
        # Who, from where, by which program: the plans' statements are told by application name.
        "log_line_prefix": "%m [%p] %a %u@%d ",
    }
