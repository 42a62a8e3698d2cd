"""How a session of this program is named and set, so that logs tell it apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PLAN = "citus-pulumi plan"
BOOKKEEPING = "citus-pulumi"

SESSION: Mapping[str, str] = MappingProxyType(
    {
        "lock_timeout": "30s",
        "statement_timeout": "15min",
        "client_min_messages": "warning",
        # The program says which schemas are distributed; a server-wide default must not.
        "citus.enable_schema_based_sharding": "off",
    }
)
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
