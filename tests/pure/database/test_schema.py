from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database.schema import SchemaProvider, SchemaSpec
from citus.errors import Refused
from tests.pure.database.specs import rendered, schema

pytestmark = pytest.mark.pure

CREATE = "CREATE SCHEMA user_service AUTHORIZATION user_service"
OWNER = "ALTER SCHEMA user_service OWNER TO user_service"
DISTRIBUTE = "SELECT citus_schema_distribute('user_service')"
UNDISTRIBUTE = "SELECT citus_schema_undistribute('user_service')"
provider = SchemaProvider()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, schema(), [CREATE, DISTRIBUTE]),
        (None, schema(distributed=False), [CREATE]),
        (schema(), schema(), []),
        (schema(distributed=False), schema(distributed=False), []),
        (schema(distributed=False), schema(), [DISTRIBUTE]),
        (schema(), schema(distributed=False), [UNDISTRIBUTE]),
        (schema("postgres"), schema(), [OWNER]),
        (schema("postgres", distributed=False), schema(), [OWNER, DISTRIBUTE]),
    ],
    ids=[
        "new",
        "new, local",
        "unchanged",
        "unchanged, local",
        "distribute",
        "undistribute",
        "another owner",
        "another owner, and distribute",
    ],
)
def test_plan(old: SchemaSpec | None, new: SchemaSpec, expected: list[str]) -> None:
    assert rendered(provider.plan(old, new)) == expected


def test_no_plan_loses_rows() -> None:
    for old in (None, schema(), schema(distributed=False)):
        for new in (schema(), schema("other", distributed=False)):
            assert not any(statement.destroys_data for statement in provider.plan(old, new))


def test_the_reason_names_the_owner_that_it_had() -> None:
    (statement,) = provider.plan(schema("postgres"), schema())
    assert statement.why == "it was postgres's"


def test_another_name_is_refused() -> None:
    with pytest.raises(Refused, match="schema user_service can't be renamed to other yet"):
        provider.plan(schema(), replace(schema(), name="other"))


def test_odd_names_are_quoted_as_what_they_are() -> None:
    odd = SchemaSpec(schema().endpoint, "My 'Schema", "user", distributed=True)
    assert rendered(provider.plan(None, odd)) == [
        """CREATE SCHEMA "My 'Schema" AUTHORIZATION "user\"""",
        """SELECT citus_schema_distribute('"My ''Schema"')""",
    ]
