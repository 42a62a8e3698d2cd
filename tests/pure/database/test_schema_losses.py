"""What goes with a schema's tables when they are made anew, and with the schema itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from citus.database import permit
from citus.database.errors import ChangedSincePreview
from citus.database.schema import SchemaProvider
from citus.database.schema_plan import SchemaSpec
from citus.database.tracked import DROP, UNDISTRIBUTE
from citus.errors import Refused
from tests.pure.database.specs import ENDPOINT, schema

if TYPE_CHECKING:
    from tests.pure.database.fake_server import Server

pytestmark = pytest.mark.pure

COMMENT, GRANTS = "the comment on table user_service.users", "the grants on view user_service.v"
VIEW, KEY = "view ads.users", "constraint users_fkey on table ads.clicks"
BACK = "its tables move back to the coordinator"
GOES = "schema user_service goes, with every table in it"
UNDISTRIBUTED = schema(on_delete=UNDISTRIBUTE, undistribute_loses=(COMMENT, GRANTS))
DROPPED = schema(on_delete=DROP, drop_takes=(VIEW, KEY))
LOSSES: dict[str, tuple[SchemaSpec, SchemaSpec | None, str, bool]] = {
    "undistribute": (
        schema(undistribute_loses=(COMMENT, GRANTS)),
        schema(distributed=False),
        f"{BACK}; loses {COMMENT}, {GRANTS}",
        True,
    ),
    "undistribute what has nothing to lose": (schema(), schema(distributed=False), BACK, False),
    "on_delete undistribute": (UNDISTRIBUTED, None, f"{BACK}; loses {COMMENT}, {GRANTS}", True),
    "on_delete undistribute, nothing to lose": (
        schema(on_delete=UNDISTRIBUTE),
        None,
        BACK,
        False,
    ),
    "on_delete drop": (DROPPED, None, f"{GOES}, and {VIEW}, and {KEY}", True),
    "on_delete drop, nothing outside": (schema(on_delete=DROP), None, GOES, True),
}
# What a removal would take, and what its refusal names.
REMOVALS = [(UNDISTRIBUTED, f"{BACK}; loses {COMMENT}, {GRANTS}"), (DROPPED, f"{VIEW}, and {KEY}")]


def recorded(server: Server, spec: SchemaSpec) -> dict[str, Any]:
    """Let there be the schema, and give what a refresh records of it."""
    server.has = spec
    outs: dict[str, Any] = SchemaProvider().read("id", SchemaProvider().encode(spec)).outs or {}
    return outs


def permitting(shown: list[str]) -> SchemaProvider:
    """Give a provider that the user has permitted what a preview showed."""
    provider = SchemaProvider()
    provider.permits = (permit.digest(ENDPOINT, "schema user_service", shown),)
    return provider


@pytest.mark.parametrize(("old", "new", "why", "loses"), LOSSES.values(), ids=LOSSES)
def test_a_statement_says_what_it_takes(
    old: SchemaSpec,
    new: SchemaSpec | None,
    why: str,
    loses: bool,  # noqa: FBT001
) -> None:
    (statement,) = SchemaProvider().plan(old, new)
    assert (statement.why, statement.destroys_data) == (why, loses)
    assert statement.planned().endswith(f"-- {'DESTROYS DATA: ' if loses else ''}{why}")


def test_what_would_be_lost_is_no_difference() -> None:
    """It is a fact about the database; the program can't declare it."""
    assert schema(undistribute_loses=(COMMENT,), drop_takes=(VIEW,)) == schema()


def test_what_would_be_lost_is_lost_by_nothing_else() -> None:
    old = schema("postgres", undistribute_loses=(COMMENT,), drop_takes=(VIEW,))
    for new in (schema(), schema(node="127.0.0.1:15434")):
        assert not any(statement.destroys_data for statement in SchemaProvider().plan(old, new))


@pytest.mark.parametrize(("spec", "named"), REMOVALS, ids=[UNDISTRIBUTE, DROP])
def test_a_removal_shows_it_and_waits_for_its_permit(
    server: Server, spec: SchemaSpec, named: str
) -> None:
    props = recorded(server, spec)
    statement, request = props["delete_sql"]
    assert statement.endswith(named)
    assert request.startswith("-- refused unless permitted: ")
    with pytest.raises(Refused, match="schema user_service: refused, since") as refused:
        SchemaProvider().delete("id", props)
    assert named in str(refused.value)
    assert server.ran == []
    permitting(props["delete_sql"]).delete("id", props)
    assert server.ran == [statement]


@pytest.mark.parametrize(("spec", "_named"), REMOVALS, ids=[UNDISTRIBUTE, DROP])
def test_a_removal_that_takes_more_than_was_shown_is_refused_with_any_permit(
    server: Server, spec: SchemaSpec, _named: str
) -> None:
    props = recorded(server, schema(on_delete=spec.on_delete))
    server.has = spec
    with pytest.raises(ChangedSincePreview, match="schema user_service has changed"):
        permitting(props["delete_sql"]).delete("id", props)
    assert server.ran == []


def test_an_update_that_undistributes_waits_for_its_permit(server: Server) -> None:
    provider, local = SchemaProvider(), schema(distributed=False)
    olds = recorded(server, schema(undistribute_loses=(COMMENT,)))
    news = provider.check(olds, provider.encode(local)).inputs
    server.becomes = local
    with pytest.raises(Refused, match=f"would lose data: {BACK}; loses {COMMENT}"):
        provider.update("id", olds, news)
    assert server.ran == []
    permitting(news["planned_sql"]).update("id", olds, news)
    assert server.ran == permit.statements(news["planned_sql"])
