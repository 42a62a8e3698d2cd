"""Which settings need a restart differs between versions of PostgreSQL: each engine is asked."""

from __future__ import annotations

import pytest

from citus.platforms.local.server_spec import PostgresServerSpec
from citus.platforms.settings_change import needs_restart
from tests.live.declared import Declared
from tests.live.platforms.conftest import query

pytestmark = pytest.mark.live


def test_which_settings_need_a_restart_is_what_postgresql_says(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    contexts = query(declared, "SELECT name, context FROM pg_settings WHERE context <> 'internal'")
    said = {str(name): context == "postmaster" for name, context in contexts}
    assert said == {name: needs_restart(name, declared.major) for name in said}
