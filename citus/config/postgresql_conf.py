"""The user's own settings of the nodes' PostgreSQL: ``citus:postgresqlConf``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from citus.config.entry import Entry

_NAME = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")
_ADDRESS = "is where the node is reached, which the platform and citus:basePort decide"
_PLACE = "is a place of the node's files, which the platform decides"
_TLS = "is what TLS needs, which the platform decides"
_ENGINE = "loads Citus, and is the platform's"
_LOG = "would write passwords into the node's log"
_LIBRARY = "may load what writes statements, with passwords, into the node's log"
_NOT_A_SETTING = "is no setting, but reads another file, which no preview would show"
# What the cluster does not work without, or what would give a secret away.
_OWNED = {
    "listen_addresses": _ADDRESS,
    "port": _ADDRESS,
    "unix_socket_directories": _ADDRESS,
    "citus.local_hostname": _ADDRESS,
    "citus.node_conninfo": _TLS,
    "data_directory": _PLACE,
    "config_file": _PLACE,
    "hba_file": _PLACE,
    "ident_file": _PLACE,
    "external_pid_file": _PLACE,
    "shared_preload_libraries": _ENGINE,
    "output_plugin_libraries": _ENGINE,
    "extension_control_path": _ENGINE,
    "dynamic_library_path": _ENGINE,
    "wal_level": "must be logical, since shards move by logical replication",
    "password_encryption": "must be scram-sha-256, since no node accepts anything else",
    "log_statement": _LOG,
    "log_min_duration_statement": _LOG,
    "log_min_duration_sample": _LOG,
    "log_transaction_sample_rate": _LOG,
    "log_min_error_statement": _LOG,
    "log_error_verbosity": _LOG,
    "log_min_messages": _LOG,
    # With the statement, and before it can silence the log.
    "log_lock_waits": _LOG,
    "log_parser_stats": _LOG,
    "log_planner_stats": _LOG,
    "log_executor_stats": _LOG,
    "log_statement_stats": _LOG,
    "debug_print_parse": _LOG,
    "debug_print_rewritten": _LOG,
    "debug_print_plan": _LOG,
    "citus.log_remote_commands": _LOG,
    "citus.multi_task_query_log_level": _LOG,
    "session_preload_libraries": _LIBRARY,
    "local_preload_libraries": _LIBRARY,
    "include": _NOT_A_SETTING,
    "include_dir": _NOT_A_SETTING,
    "include_if_exists": _NOT_A_SETTING,
}
_OWNED_BY_PREFIX = {"ssl": _TLS, "auto_explain.": _LOG}
_LIMITS = {"max_connections": (10, 100_000)}  # others are computed from it
_EXAMPLE = "32MB"


def read_postgresql_conf(declared: Entry) -> Mapping[str, str]:
    """Read the map; whether PostgreSQL takes a name and a value, only PostgreSQL knows."""
    mend = declared.child("work_mem").to_set(_EXAMPLE)
    return {name: _value(name, entry) for name, entry in declared.entries(mend).items()}


def _value(name: str, entry: Entry) -> str:
    if not _NAME.fullmatch(name):
        raise entry.error("is no name of a setting: small letters, digits and _", entry.to_remove())
    by_prefix = (why for prefix, why in _OWNED_BY_PREFIX.items() if name.startswith(prefix))
    why = _OWNED.get(name) or next(by_prefix, None)
    if why:
        raise entry.error(f"can't be set: it {why}", entry.to_remove())
    if name in _LIMITS:
        least, most = _LIMITS[name]
        return str(entry.number(at_least=least, at_most=most, example=100))
    return _text(entry)


def _text(entry: Entry) -> str:
    """Read what PostgreSQL has as a text, a number or a switch."""
    value = entry.value
    if isinstance(value, bool):
        return "on" if value else "off"
    text = str(value) if isinstance(value, int | float) else entry.text(entry.to_set(_EXAMPLE))
    if not text.isprintable():
        raise entry.refused(
            "has a line break or another sign that no file takes", entry.to_remove()
        )
    return text
