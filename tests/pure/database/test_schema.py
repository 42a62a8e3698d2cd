from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database.schema import SchemaProvider
from citus.database.schema_plan import FUNCTION, SETTING, SchemaSpec
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE
from citus.errors import Refused
from tests.pure.database.specs import rendered, schema

pytestmark = pytest.mark.pure

CREATE = "CREATE SCHEMA user_service AUTHORIZATION user_service"
OWNER = "ALTER SCHEMA user_service OWNER TO user_service"
DISTRIBUTE = "SELECT citus_schema_distribute('user_service')"
BACK = "SELECT citus_schema_undistribute('user_service')"
RENAME = "ALTER SCHEMA user_service RENAME TO accounts"
W0, W1 = "127.0.0.1:15433", "127.0.0.1:15434"
MOVE = "SELECT citus_schema_move('user_service', '127.0.0.1', 15434)"
REMARK = (
    f"-- user_service can't be moved to {W1} before it is distributed and has a table: "
    "the next `make up` after that moves it"
)
provider = SchemaProvider()
accounts = replace(schema(), name="accounts")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, schema(), [CREATE, DISTRIBUTE]),
        (None, schema(distributed=False), [CREATE]),
        (None, schema(how=SETTING), [CREATE]),
        (None, schema(how=SETTING, distributed=False), [CREATE]),
        (schema(), schema(), []),
        (schema(distributed=False), schema(distributed=False), []),
        (schema(distributed=False), schema(), [DISTRIBUTE]),
        (schema(), schema(distributed=False), [BACK]),
        (schema("postgres"), schema(), [OWNER]),
        (schema("postgres", distributed=False), schema(), [OWNER, DISTRIBUTE]),
        (schema(), schema(how=SETTING), []),
        (schema(how=SETTING), schema(), []),
        (schema(distributed=False), schema(how=SETTING), [DISTRIBUTE]),
        (schema(), accounts, [RENAME]),
        (
            schema("postgres", distributed=False),
            accounts,
            [OWNER, DISTRIBUTE, RENAME],
        ),
        (None, schema(node=W1), [CREATE, DISTRIBUTE, REMARK]),
        (None, schema(node=W1, how=SETTING), [CREATE, REMARK]),
        (schema(distributed=False), schema(node=W1), [DISTRIBUTE, REMARK]),
        # What is observed of one that isn't distributed has the node that is asked for.
        (schema(distributed=False, node=W1), schema(node=W1), [DISTRIBUTE, REMARK]),
        (schema(node=W0), schema(node=W1), [MOVE]),
        (schema(), schema(node=W1), [MOVE]),
        (schema(node=W1), schema(node=W1), []),
        (schema(node=W1), schema(), []),
        (schema(node=W1), schema(distributed=False), [BACK]),
        (schema(), schema(on_delete=DROP), []),
    ],
    ids=[
        "new",
        "new, local",
        "new, by the setting",
        "new, local, whatever the setting",
        "unchanged",
        "unchanged, local",
        "distribute",
        "undistribute",
        "another owner",
        "another owner, and distribute",
        "by the setting from now on",
        "by the function from now on",
        "distribute, whatever it would have been made by",
        "another name",
        "another name, another owner, and distribute",
        "new, on a node",
        "new, by the setting, on a node",
        "distribute, on a node",
        "distribute, on a node, as a run finds it",
        "another node",
        "a node that was Citus' choice",
        "where it should be",
        "wherever Citus likes from now on",
        "undistribute what was on a node",
        "another policy",
    ],
)
def test_plan(old: SchemaSpec | None, new: SchemaSpec, expected: list[str]) -> None:
    assert rendered(provider.plan(old, new)) == expected


def test_no_plan_of_what_has_nothing_to_lose_loses_anything() -> None:
    for old in (None, schema(), schema(distributed=False)):
        for new in (schema(), schema("other", distributed=False)):
            assert not any(statement.destroys_data for statement in provider.plan(old, new))


def test_the_reason_names_the_owner_that_it_had() -> None:
    (statement,) = provider.plan(schema("postgres"), schema())
    assert statement.why == "it was postgres's"


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        (schema(), []),
        (schema(on_delete=RETAIN), []),
        (schema(on_delete=UNDISTRIBUTE), [BACK]),
        (schema(on_delete=UNDISTRIBUTE, distributed=False), []),
        (schema(on_delete=DROP), ["DROP SCHEMA user_service CASCADE"]),
        (schema(on_delete=DROP, distributed=False), ["DROP SCHEMA user_service CASCADE"]),
    ],
    ids=["by default", "retain", "undistribute", "undistribute, local", "drop", "drop, local"],
)
def test_a_policy(old: SchemaSpec, expected: list[str]) -> None:
    plan = provider.plan(old, None)
    assert rendered(plan) == expected
    assert [s.destroys_data for s in plan] == ["DROP" in sql for sql in expected]


def test_the_setting_is_on_for_the_statement_that_makes_the_schema_alone() -> None:
    (by_setting,) = provider.plan(None, schema(how=SETTING))
    assert by_setting.settings == {"citus.enable_schema_based_sharding": "on"}
    assert "citus.enable_schema_based_sharding is on" in by_setting.planned()
    for local in (schema(how=SETTING, distributed=False), schema(how=FUNCTION)):
        assert provider.plan(None, local)[0].settings == {}


def test_what_moves_rows_may_take_as_long_as_it_takes() -> None:
    for old, new in [
        (schema(distributed=False), schema()),
        (schema(), schema(distributed=False)),
        (schema(node=W0), schema(node=W1)),
        (schema(on_delete=DROP), None),
    ]:
        (statement,) = provider.plan(old, new)
        assert statement.settings == {"statement_timeout": "0"}


def test_it_moves_as_the_stack_has_declared_that_shards_do() -> None:
    new = schema(node=W1, shard_transfer_mode="block_writes")
    (statement,) = provider.plan(schema(), new)
    assert rendered([statement]) == [f"{MOVE[:-1]}, 'block_writes')"]


def test_a_node_is_named_by_its_address_whatever_is_in_it() -> None:
    (statement,) = provider.plan(schema(), schema(node="::1:5432"))
    assert rendered([statement]) == ["SELECT citus_schema_move('user_service', '::1', 5432)"]


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (
            schema(node=W1, distributed=False),
            f"^schema user_service has a node, {W1}, but is not distributed$",
        ),
        (schema(how="magic"), "^schema user_service: how is magic, neither function nor setting$"),
    ],
    ids=["a node of a local schema", "an unknown way"],
)
def test_what_can_not_be_is_refused(new: SchemaSpec, sentence: str) -> None:
    for old in (None, schema()):
        with pytest.raises(Refused, match=sentence):
            provider.plan(old, new)


def test_odd_names_are_quoted_as_what_they_are() -> None:
    odd = SchemaSpec(schema().endpoint, "My 'Schema", "user", distributed=True, on_delete=DROP)
    assert rendered(provider.plan(None, odd)) == [
        """CREATE SCHEMA "My 'Schema" AUTHORIZATION "user\"""",
        """SELECT citus_schema_distribute('"My ''Schema"')""",
    ]
    assert rendered(provider.plan(schema(), replace(odd, owner="user_service"))) == [
        """ALTER SCHEMA user_service RENAME TO "My 'Schema\"""",
    ]
    assert rendered(provider.plan(odd, replace(odd, node=W1))) == [
        """SELECT citus_schema_move('"My ''Schema"', '127.0.0.1', 15434)""",
    ]
    assert rendered(provider.plan(odd, None)) == ["""DROP SCHEMA "My 'Schema" CASCADE"""]
