from __future__ import annotations

from dataclasses import replace

import pytest

from citus.database.role import RoleProvider, RoleSpec
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE
from citus.errors import Refused
from tests.pure.database.specs import SECRET, rendered, role

pytestmark = pytest.mark.pure

A, B, C = "127.0.0.1:15432", "127.0.0.1:15433", "127.0.0.1:15434"
CREATE = "CREATE ROLE user_service"
ALTER = "ALTER ROLE user_service LOGIN PASSWORD '********' CONNECTION LIMIT -1"
TOUCH = (
    "SELECT nodeid, success, result FROM run_command_on_all_nodes('"
    "UPDATE pg_dist_authinfo SET authinfo = authinfo WHERE rolename = ''user_service''')"
)
FAN_OUT = (
    "SELECT nodeid, success, result FROM run_command_on_all_nodes((SELECT repeat(' ', "
    "max(result::int)) FROM run_command_on_all_nodes('SELECT setting FROM pg_settings "
    "WHERE name = ''track_activity_query_size''')) || '"
    "WITH quiet AS MATERIALIZED (SELECT set_config(''log_min_error_statement'', ''panic'', true), "
    "set_config(''log_error_verbosity'', ''terse'', true)) "
    "INSERT INTO pg_dist_authinfo (nodeid, rolename, authinfo) "
    "SELECT 0, ''user_service'', ''password=********'' FROM quiet "
    "ON CONFLICT (rolename, nodeid) DO UPDATE SET authinfo = excluded.authinfo')"
)
FORGET = (
    "SELECT nodeid, success, result FROM run_command_on_all_nodes('"
    "DELETE FROM pg_dist_authinfo WHERE rolename = ''user_service''')"
)
provider = RoleProvider()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, role([A, B]), [CREATE, ALTER, TOUCH, FAN_OUT]),
        (role([A, B]), role([A, B]), []),
        (role([A, B]), role([A, B, C]), [TOUCH, FAN_OUT]),
        (role([A, B, C]), role([A, B]), []),
        (role([A, B]), role([B, A]), []),
        (role([A], password="another one"), role([A]), [ALTER, TOUCH, FAN_OUT]),
        (role([], password=None), role([A]), [ALTER, TOUCH, FAN_OUT]),
        (replace(role([A]), login=False), role([A]), [ALTER]),
        (role([A], limit=-1), role([A], limit=7), [ALTER.replace("-1", "7")]),
    ],
    ids=[
        "new",
        "unchanged",
        "a node joins",
        "a node leaves",
        "another order of nodes",
        "another password",
        "just created",
        "locked out by hand",
        "limited",
    ],
)
def test_plan(old: RoleSpec | None, new: RoleSpec, expected: list[str]) -> None:
    assert rendered(provider.plan(old, new)) == expected


def test_every_statement_with_the_password_knows_it() -> None:
    """By it the executor silences the log and masks errors."""
    holding = [statement.holds_secret for statement in provider.plan(None, role())]
    assert holding == [False, True, False, True]


def test_the_password_is_set_as_a_verifier_salted_on_the_client() -> None:
    (secret,) = provider.plan(None, role())[1].secrets()
    assert type(secret).__name__ == "Verifier"
    assert secret.text == SECRET


def test_a_refusal_says_another_password_and_not_which() -> None:
    assert SECRET not in repr(role())
    assert SECRET not in str(provider.plan(None, role()))


def test_a_role_stays_by_default() -> None:
    assert provider.plan(role(), None) == []
    assert provider.plan(replace(role(), on_delete=RETAIN), None) == []


def test_a_dropped_role_leaves_no_password_behind() -> None:
    """Both or neither: a role that owns something keeps its passwords."""
    drop, forget = plan = provider.plan(replace(role(), on_delete=DROP), None)
    assert rendered(plan) == ["DROP ROLE user_service", FORGET]
    assert (drop.every_node, forget.every_node) == (False, True)
    assert drop.transaction is not None
    assert drop.transaction == forget.transaction
    assert not any(s.destroys_data or s.holds_secret for s in plan)


def test_odd_names_are_quoted_as_what_they_are() -> None:
    odd = replace(role(), name="My 'Role", on_delete=DROP)
    assert rendered(provider.plan(None, odd))[0] == """CREATE ROLE "My 'Role\""""
    drop, forget = rendered(provider.plan(odd, None))
    assert "WHERE rolename = ''My ''''Role''" in forget
    assert drop == """DROP ROLE "My 'Role\""""


def test_a_role_can_not_be_undistributed() -> None:
    news = provider.encode(replace(role(), on_delete=UNDISTRIBUTE))
    (failure,) = provider.check({}, news).failures
    assert failure.reason == (
        "role user_service: on_delete is undistribute, which is none of: retain, drop"
    )


def test_another_name_is_refused() -> None:
    with pytest.raises(Refused, match="role user_service can't be renamed to other yet"):
        provider.plan(role(), replace(role(), name="other"))
