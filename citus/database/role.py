"""A role that services log in as, and the passwords by which nodes reach each other as it.

    CREATE ROLE user_service;
    ALTER ROLE user_service LOGIN PASSWORD '…' CONNECTION LIMIT -1;
    SELECT … FROM run_command_on_all_nodes('… INSERT INTO pg_dist_authinfo …');

Citus carries the first two to every node, the new ones too. ``pg_dist_authinfo`` it carries
nowhere: it is written on each node for each role that owns tables or runs queries. So the
set of nodes is an input, and a new node is an update of the role.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pulumi

from citus.database import scram
from citus.database.errors import NotReachable
from citus.database.provider import PlannedProvider
from citus.database.statement import Identifier, Password, Statement, Verifier, literal
from citus.database.tracked import DROP, RETAIN, Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint, Node
from citus.errors import Refused
from citus.progress import warn_once

if TYPE_CHECKING:
    from citus.database.executor import Database

# Runs first, and holds no secret: a node that refuses to be written to (a standby, a read-only
# or a locked one) refuses this one. It would log the next before that silences anything.
_TOUCH_AUTHINFO = "UPDATE pg_dist_authinfo SET authinfo = authinfo WHERE rolename = {role}"
# One statement that silences the log first: a failing one would be logged on every node
# with its values, and a SET before it would hide the failure.
_WRITE_AUTHINFO = (
    "WITH quiet AS MATERIALIZED (SELECT set_config('log_min_error_statement', 'panic', true), "
    "set_config('log_error_verbosity', 'terse', true)) "
    "INSERT INTO pg_dist_authinfo (nodeid, rolename, authinfo) "
    "SELECT 0, {role}, {authinfo} FROM quiet "
    "ON CONFLICT (rolename, nodeid) DO UPDATE SET authinfo = excluded.authinfo"
)


@dataclass(frozen=True)
class RoleSpec:
    """A role, its password, and the nodes that know how to log in as it."""

    endpoint: Endpoint
    name: str
    nodes: tuple[str, ...]
    login: bool
    connection_limit: int
    password: str | None = field(default=None, repr=False)
    on_delete: str = RETAIN

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"role {self.name}"


class RoleProvider(PlannedProvider[RoleSpec]):
    """Makes the role, follows its password, and fans it out to every node."""

    spec = RoleSpec
    policies = (RETAIN, DROP)
    has_facts = False

    def plan(self, old: RoleSpec | None, new: RoleSpec | None) -> list[Statement]:
        """Each step stands alone, so that a half-done run needs only some of them."""
        if new is None:
            return list(_drop(old)) if old is not None and old.on_delete == DROP else []
        statements = []
        if old is not None and old.name != new.name:
            raise Refused(f"role {old.name} can't be renamed to {new.name} yet")
        if old is None:
            sql = "CREATE ROLE {role}"
            statements.append(Statement(sql, {"role": Identifier(new.name)}, "a service logs in"))
        if old is None or _login(old) != _login(new):
            statements.append(_alter_role(new))
        if old is None or old.password != new.password or set(new.nodes) - set(old.nodes):
            statements.extend(_write_authinfo(new))
        return statements

    def observe(self, database: Database, wanted: RoleSpec) -> Observed[RoleSpec] | None:
        """Read ``pg_authid`` and every node's ``pg_dist_authinfo``."""
        rows = database.rows(
            "SELECT rolcanlogin, rolconnlimit, rolpassword FROM pg_authid WHERE rolname = %s",
            wanted.name,
        )
        if not rows:
            return None
        login, limit, verifier = rows[0]
        fits = wanted.password is not None and scram.fits(wanted.password, verifier)
        return Observed(
            replace(
                wanted,
                nodes=_nodes_with_authinfo(database, wanted),
                password=wanted.password if fits else None,
                connection_limit=limit,
                login=login,
            )
        )


class Role(TrackedResource, module="citus", name="Role"):
    """A role that may log in; `name` is known in a preview."""

    name: pulumi.Output[str]
    password: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        name: str,
        password: pulumi.Input[str],
        nodes: Sequence[Node],
        connection_limit: int = -1,
        on_delete: str = RETAIN,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = RoleSpec(
            endpoint=endpoint,
            name=name,
            nodes=tuple(str(node.address) for node in nodes),
            login=True,
            connection_limit=connection_limit,
            on_delete=on_delete,
            password=password,  # type: ignore[arg-type] # an output here, text in the provider
        )
        super().__init__(RoleProvider(), resource_name, inputs, opts)


def _login(spec: RoleSpec) -> tuple[bool, str | None, int]:
    return spec.login, spec.password, spec.connection_limit


def _alter_role(new: RoleSpec) -> Statement:
    login = "LOGIN" if new.login else "NOLOGIN"
    return Statement(
        f"ALTER ROLE {{role}} {login} PASSWORD {{verifier}} CONNECTION LIMIT {{limit}}",
        {
            "role": Identifier(new.name),
            "verifier": Verifier(new.password or "", new.name),
            "limit": new.connection_limit,
        },
        "its password as a SCRAM verifier, on every node",
    )


def _write_authinfo(new: RoleSpec) -> Iterator[Statement]:
    authinfo = Password(new.password or "", before="password=")
    touch = Statement(_TOUCH_AUTHINFO, {"role": new.name})
    write = Statement(_WRITE_AUTHINFO, {"role": new.name, "authinfo": authinfo})
    for command, why in (
        (touch, "no password is sent before every node can be written to"),
        (write, f"nodes reach each other as {new.name}"),
    ):
        yield _on_every_node(command, why)


def _drop(old: RoleSpec) -> Iterator[Statement]:
    # The entries first: where PostgreSQL then refuses the second, the next run does both again.
    forget = Statement("DELETE FROM pg_dist_authinfo WHERE rolename = {role}", {"role": old.name})
    yield _on_every_node(forget, "no node keeps its password")
    why = "PostgreSQL refuses it while the role owns anything"
    yield Statement("DROP ROLE {role}", {"role": Identifier(old.name)}, why)


def _on_every_node(command: Statement, why: str) -> Statement:
    sql = "SELECT nodeid, success, result FROM run_command_on_all_nodes({command})"
    return Statement(sql, {"command": command}, why, every_node=True)


def _nodes_with_authinfo(database: Database, wanted: RoleSpec) -> tuple[str, ...]:
    """Name the nodes that have the entry; one that doesn't answer keeps its recorded part."""
    role = literal(wanted.name)
    command = f"SELECT authinfo FROM pg_dist_authinfo WHERE nodeid = 0 AND rolename = {role}"
    rows = database.rows(
        "SELECT n.nodename || ':' || n.nodeport, r.success, r.result"
        " FROM run_command_on_all_nodes(%s) r JOIN pg_dist_node n USING (nodeid)",
        command,
    )
    for node, result in [(node, result) for node, success, result in rows if not success]:
        if not database.lenient:
            raise NotReachable(f"{node} does not answer: {result}")
        warn_once(node, f"{node} does not answer: {result}")
    expected = f"password={wanted.password}"
    known = {node for node, success, result in rows if not success or result == expected}
    return tuple(node for node in wanted.nodes if node in known)
