"""What a change of a server's settings takes: a reload, or a restart. Pure."""

from __future__ import annotations

from collections.abc import Mapping

# PostgreSQL's own knowledge, ``pg_settings.context = 'postmaster'``, of versions 15 to 18 and of
# Citus 13: read at a start alone.
RESTART = frozenset(
    """
    archive_mode autovacuum_freeze_max_age autovacuum_multixact_freeze_max_age
    autovacuum_worker_slots bonjour bonjour_name cluster_name commit_timestamp_buffers
    config_file data_directory data_sync_retry debug_io_direct dynamic_shared_memory_type
    event_source external_pid_file hba_file hot_standby huge_page_size huge_pages ident_file
    ignore_invalid_pages io_max_combine_limit io_max_concurrency io_method jit_provider
    listen_addresses logging_collector max_active_replication_origins max_connections
    max_files_per_process max_locks_per_transaction max_logical_replication_workers
    max_notify_queue_pages max_pred_locks_per_transaction max_prepared_transactions
    max_replication_slots max_wal_senders max_worker_processes min_dynamic_shared_memory
    multixact_member_buffers multixact_offset_buffers notify_buffers old_snapshot_threshold port
    recovery_target recovery_target_action recovery_target_inclusive recovery_target_lsn
    recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid
    reserved_connections serializable_buffers shared_buffers shared_memory_type
    shared_preload_libraries subtransaction_buffers superuser_reserved_connections
    trace_connection_negotiation track_activity_query_size track_commit_timestamp
    transaction_buffers unix_socket_directories unix_socket_group unix_socket_permissions
    wal_buffers wal_decode_buffer_size wal_level wal_log_hints
    citus.max_worker_nodes_tracked citus.stat_tenants_limit
    """.split()
)
# Those that a later version also reads at a reload, with that version.
_RELOADED_SINCE = {"autovacuum_max_workers": 18}


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Name the settings that differ, by their names."""
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def needs_restart(name: str, major: int) -> bool:
    """Tell whether PostgreSQL of a major version reads a setting at a start alone."""
    return name in RESTART or major < _RELOADED_SINCE.get(name, 0)


def lines(names: list[str], major: int) -> list[str]:
    """Say what a change of these settings takes, a line each: ``restart: max_connections``."""
    restart = [name for name in names if needs_restart(name, major)]
    reload = [name for name in names if name not in restart]
    said = {"restart": restart, "reload": reload}
    return [f"{how}: {', '.join(which)}" for how, which in said.items() if which]
