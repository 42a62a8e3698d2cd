"""Examples and strategies of what the kinds track."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from pulumi.output import UNKNOWN

from citus.database.extension import ExtensionProvider, ExtensionSpec
from citus.database.membership import MembershipProvider, MembershipSpec, Worker
from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.role import RoleProvider, RoleSpec
from citus.database.schema import SchemaProvider, SchemaSpec
from citus.database.sql_file import SqlFile
from citus.endpoint import Address, Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from citus.database.statement import Statement

ADMIN = "the-superusers-secret"
SECRET = "the-roles-secret"
ENDPOINT = Endpoint("127.0.0.1", 15432, "postgres", "postgres", ADMIN)
COORDINATOR = Address("127.0.0.1", 15432)
PROVIDERS: list[Any] = [
    ExtensionProvider(),
    MembershipProvider(),
    RoleProvider(),
    SchemaProvider(),
    MigrationsProvider(),
]


def worker(index: int, *, port: int | None = None, active: bool = True) -> Worker:
    return Worker("127.0.0.1", port or 15433 + index, index + 1, active)


def workers(*indices: int) -> dict[str, Worker]:
    return {f"worker-{index}": worker(index) for index in indices}


def members(rows: dict[str, Worker], coordinator: Address = COORDINATOR) -> MembershipSpec:
    return MembershipSpec(ENDPOINT, coordinator, rows)


def role(
    nodes: Iterable[str] = ("127.0.0.1:15432",), password: str | None = SECRET, limit: int = -1
) -> RoleSpec:
    return RoleSpec(ENDPOINT, "user_service", tuple(nodes), True, limit, password)  # noqa: FBT003


def schema(owner: str = "user_service", *, distributed: bool = True) -> SchemaSpec:
    return SchemaSpec(ENDPOINT, "user_service", owner, distributed)


def migrations(folder: Path, files: dict[str, str], **more: Any) -> MigrationsSpec:
    """Write *files* into *folder* and declare them."""
    for name, text in files.items():
        (folder / name).write_text(text)
    sums = {name: SqlFile(name, text).checksum for name, text in files.items()}
    return MigrationsSpec(ENDPOINT, "user_service", "user_service", str(folder), sums, **more)


def rendered(plan: Iterable[Statement]) -> list[str]:
    """Give the SQL of a plan as a preview shows it, without the reasons."""
    return [line.planned().split(" -- ")[0] for line in plan]


def unknown(inputs: dict[str, Any], *path: str) -> dict[str, Any]:
    """Give the inputs with one value unknown yet."""
    first, *rest = path
    return {**inputs, first: unknown(inputs[first], *rest) if rest else UNKNOWN}


EXAMPLES: list[tuple[Any, Any]] = [
    (ExtensionProvider(), ExtensionSpec(ENDPOINT, "13.2-1")),
    (MembershipProvider(), members(workers(0, 1, 2))),
    (RoleProvider(), role()),
    (SchemaProvider(), schema()),
    (
        MigrationsProvider(),
        MigrationsSpec(ENDPOINT, "user_service", "user_service", "sql", {"001_a.sql": "0"}),
    ),
]

# Names with all that a name may have, and passwords as citus:passwords takes them.
names = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12)
passwords = st.text("abcXYZ059!#$%&()*+,-./:;<=>?@[]^_`{|}~", min_size=12, max_size=24)
nodes = st.lists(
    st.integers(15432, 15440).map(lambda p: f"127.0.0.1:{p}"), unique=True, max_size=5
).map(tuple)
roles = st.builds(
    RoleSpec,
    endpoint=st.just(ENDPOINT),
    name=names,
    nodes=nodes,
    login=st.just(value=True),
    connection_limit=st.integers(-1, 100),
    password=passwords,
)
schemas = st.builds(
    SchemaSpec,
    endpoint=st.just(ENDPOINT),
    name=st.just("user_service"),
    owner=names,
    distributed=st.booleans(),
)
memberships = st.builds(
    members,
    st.sets(st.integers(0, 6), min_size=1).map(lambda indices: workers(*indices)),
    st.sampled_from([COORDINATOR, Address("coordinator", 5432)]),
)
extensions = st.builds(
    ExtensionSpec, st.just(ENDPOINT), st.none() | st.sampled_from(["13.2-1", "12.1-1"])
)
