"""What a run does with an object that had, or has, another name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from citus.database.schema import SchemaProvider
from citus.database.schema_plan import SchemaSpec
from citus.errors import Refused
from tests.pure.database.specs import schema

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

PLANNED = "planned_sql"
provider = SchemaProvider()


def checked(old: SchemaSpec, new: SchemaSpec) -> dict[str, Any]:
    return provider.check(provider.encode(old), provider.encode(new)).inputs


def test_what_has_another_name_by_now_is_found_by_its_old_one(server: Server) -> None:
    old, new = schema(), replace(schema(), name="accounts")
    server.has, server.becomes = old, new
    news = checked(old, new)
    outs = provider.update("id", provider.encode(old), news).outs or {}
    assert server.ran == ["ALTER SCHEMA user_service RENAME TO accounts -- with all that is in it"]
    assert (news[PLANNED], outs["name"], outs["colocation_id"]) == (server.ran, "accounts", 7)


def test_a_rename_that_was_done_is_done(server: Server) -> None:
    old, new = schema(), replace(schema(), name="accounts")
    server.has = new
    provider.update("id", provider.encode(old), checked(old, new))
    assert server.ran == []


def test_a_name_that_another_has_is_refused_in_a_sentence() -> None:
    old, new = schema(), replace(schema(), name="accounts")

    class BothNames:
        def rows(self, _query: str, *names: str) -> list[tuple[int]]:
            assert names == ("user_service", "accounts")
            return [(2,)]

    database: Any = BothNames()
    with pytest.raises(Refused) as refused:
        SchemaProvider().require(database, old, new)
    assert str(refused.value) == (
        "schema user_service can't be renamed: schema accounts exists already"
    )
