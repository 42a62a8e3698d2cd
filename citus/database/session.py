"""A session of this program: how it is named and set, so that logs tell it apart."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from citus.endpoint import Endpoint

if TYPE_CHECKING:
    from citus.database.executor import Database

PLAN = "citus-pulumi plan"
BOOKKEEPING = "citus-pulumi"

SESSION: Mapping[str, str] = MappingProxyType(
    {
        "lock_timeout": "30s",
        "statement_timeout": "15min",
        "client_min_messages": "warning",
        # The program says which schemas are distributed; a server-wide default must not.
        "citus.enable_schema_based_sharding": "off",
        # Citus caches a connection to each worker for each role that a session runs SQL as; a
        # session that serves a hundred migrations would use up the workers' max_connections.
        "citus.max_cached_connection_lifetime": "1s",
    }
)
# Around a statement that moves rows, or a user's own: how long that takes is theirs to say.
AS_LONG_AS_IT_TAKES: Mapping[str, str] = MappingProxyType({"statement_timeout": "0"})
# Around a statement that holds a secret: no log, no view of running statements shows it.
QUIET: Mapping[str, str] = MappingProxyType(
    {
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_min_duration_statement": "-1",
        "log_error_verbosity": "terse",
        "track_activities": "off",
    }
)


def connect(endpoint: Endpoint, **how: Any) -> AbstractContextManager[Database]:
    """Open a session, see `citus.database.executor.connect`."""
    # The driver is loaded here: the program, and a preview that reads nothing, do without.
    from citus.database import executor  # noqa: PLC0415

    return executor.connect(endpoint, **how)
