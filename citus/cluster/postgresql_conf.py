"""The settings of a node's PostgreSQL, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from citus import max_connections
from citus.cluster import memory_conf
from citus.node_size import NodeSize

# A worker also has sessions that no client of the coordinator asks for: moves of shards, other
# workers, whoever looks after it.
_MORE_ON_A_WORKER = 50
_UNKNOWN = NodeSize()
_NOTHING: Mapping[str, str] = MappingProxyType({})


def coordinator(size: NodeSize = _UNKNOWN, own: Mapping[str, str] = _NOTHING) -> dict[str, str]:
    """Give the settings of a coordinator of this size; the user's *own* win."""
    return _node(max_connections.of_coordinator(own), size, own)


def worker(size: NodeSize = _UNKNOWN, own: Mapping[str, str] = _NOTHING) -> dict[str, str]:
    """Give the settings of a worker: every client of the coordinator may need one of its own."""
    connections = max_connections.of_coordinator(own) + _MORE_ON_A_WORKER
    return _node(connections, size, {**own, "max_connections": str(connections)})


def _node(connections: int, size: NodeSize, own: Mapping[str, str]) -> dict[str, str]:
    sized = memory_conf.settings(size, max_connections=connections)
    return {**_for_a_cluster(connections), **sized, **own}


def _for_a_cluster(connections: int) -> dict[str, str]:
    return {
        # Passwords are kept and checked as SCRAM verifiers only.
        "password_encryption": "scram-sha-256",
        "max_connections": str(connections),
        # Citus commits on several nodes in two phases, at most one each way a connection.
        "max_prepared_transactions": str(2 * connections),
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
