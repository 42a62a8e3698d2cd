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

from citus.database import authinfo, scram
from citus.database.provider import PlannedProvider
from citus.database.statement import Identifier, Statement, Verifier
from citus.database.tracked import DROP, RETAIN, Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint, Node
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database


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
            statements.extend(authinfo.write(new.name, new.password or ""))
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
                nodes=authinfo.nodes_that_know(
                    database, wanted.name, wanted.password, wanted.nodes
                ),
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


def _drop(old: RoleSpec) -> Iterator[Statement]:
    # Together: a role that PostgreSQL refuses to drop keeps its entries, and a node that keeps
    # an entry keeps the role for the next run.
    why = "PostgreSQL refuses it while the role owns anything"
    drop = Statement("DROP ROLE {role}", {"role": Identifier(old.name)}, why)
    for statement in (drop, authinfo.forget(old.name)):
        yield replace(statement, transaction="drop")
