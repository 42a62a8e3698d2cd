"""Examples and strategies of what the kinds track."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from pulumi.output import UNKNOWN

from citus.database.distributed_table import DistributedTableProvider
from citus.database.extension import ExtensionProvider, ExtensionSpec
from citus.database.membership import MembershipProvider, MembershipSpec, Worker
from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.placements import PlacementsProvider, PlacementsSpec
from citus.database.rebalance import RebalanceProvider, RebalanceSpec
from citus.database.reference_table import ReferenceTableProvider
from citus.database.role import RoleProvider, RoleSpec
from citus.database.schema import SchemaProvider
from citus.database.schema_plan import FUNCTION, SETTING, SchemaSpec
from citus.database.sql_file import SqlFile
from citus.database.table import DEFAULT, HASH, NONE, REFERENCE, SINGLE_SHARD, TableSpec
from citus.database.tracked import DROP, RETAIN, UNDISTRIBUTE
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
    DistributedTableProvider(),
    ReferenceTableProvider(),
    PlacementsProvider(),
    RebalanceProvider(),
]


def worker(index: int, *, port: int | None = None, active: bool = True, **more: Any) -> Worker:
    return Worker("127.0.0.1", port or 15433 + index, index + 1, active, **more)


def workers(*indices: int) -> dict[str, Worker]:
    return {f"worker-{index}": worker(index) for index in indices}


def members(rows: dict[str, Worker], coordinator: Address = COORDINATOR) -> MembershipSpec:
    return MembershipSpec(ENDPOINT, coordinator, rows)


def rebalance(*indices: int, strategy: str = "by_disk_size", **more: Any) -> RebalanceSpec:
    addresses = {name: row.address for name, row in workers(*indices).items()}
    return RebalanceSpec(ENDPOINT, addresses, strategy, **more)


def role(
    nodes: Iterable[str] = ("127.0.0.1:15432",), password: str | None = SECRET, limit: int = -1
) -> RoleSpec:
    return RoleSpec(ENDPOINT, "user_service", tuple(nodes), True, limit, password)  # noqa: FBT003


def schema(owner: str = "user_service", *, distributed: bool = True, **more: Any) -> SchemaSpec:
    return SchemaSpec(ENDPOINT, "user_service", owner, distributed, **more)


def table(name: str = "companies", column: str = "id", **more: Any) -> TableSpec:
    return TableSpec(ENDPOINT, "ads", name, HASH, column, **more)


def single_shard(name: str = "companies", **more: Any) -> TableSpec:
    return TableSpec(ENDPOINT, "ads", name, SINGLE_SHARD, **more)


def reference(name: str = "companies", **more: Any) -> TableSpec:
    return TableSpec(ENDPOINT, "ads", name, REFERENCE, **more)


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


# Of each kind one; the plans of these need no file, and are not empty.
PLANNED_EXAMPLES: list[tuple[Any, Any]] = [
    (ExtensionProvider(), ExtensionSpec(ENDPOINT, "13.2-1")),
    (MembershipProvider(), members(workers(0, 1, 2))),
    (RoleProvider(), role()),
    (SchemaProvider(), schema()),
    (DistributedTableProvider(), table(shard_count=32)),
    (ReferenceTableProvider(), reference()),
    (RebalanceProvider(), rebalance(0, 1, 2, threshold=5)),
]
EXAMPLES: list[tuple[Any, Any]] = [
    *PLANNED_EXAMPLES,
    (
        MigrationsProvider(),
        MigrationsSpec(ENDPOINT, "user_service", "user_service", "sql", {"001_a.sql": "0"}),
    ),
    (PlacementsProvider(), PlacementsSpec(ENDPOINT, {"Schema user_service": "2026-01-01"})),
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
    on_delete=st.sampled_from([RETAIN, DROP]),
)
policies = st.sampled_from([RETAIN, UNDISTRIBUTE, DROP])
schemas = st.builds(
    SchemaSpec,
    endpoint=st.just(ENDPOINT),
    name=st.sampled_from(["user_service", "My 'Schema"]),
    owner=names,
    distributed=st.booleans(),
    how=st.sampled_from([FUNCTION, SETTING]),
    node=st.sampled_from(["", "127.0.0.1:15433", "worker-1:5432"]),
    on_delete=policies,
).map(lambda spec: spec if spec.distributed else replace(spec, node=""))
hash_tables = st.builds(
    table,
    column=names,
    shard_count=st.none() | st.integers(1, 64000),
    colocate_with=st.sampled_from([DEFAULT, NONE, "ads.ads", 'ads."Ads"']),
    concurrently=st.booleans(),
    on_delete=policies,
    followers=st.sampled_from([(), ("ads.campaigns", "ads.clicks")]),
).map(lambda spec: spec if spec.colocate_with in (DEFAULT, NONE) else replace(spec, followers=()))
single_shards = st.builds(
    single_shard, colocate_with=st.sampled_from([DEFAULT, NONE, "ads.ads"]), on_delete=policies
)
tables = hash_tables | single_shards | st.builds(reference, on_delete=policies)
placements = st.builds(
    PlacementsSpec, endpoint=st.just(ENDPOINT), after=st.dictionaries(names, names, max_size=3)
)
memberships = st.builds(
    members,
    st.sets(st.integers(0, 6), min_size=1).map(lambda indices: workers(*indices)),
    st.sampled_from([COORDINATOR, Address("coordinator", 5432)]),
)
rebalances = st.builds(
    lambda indices, **more: rebalance(*indices, **more),
    indices=st.sets(st.integers(0, 6), min_size=1),
    strategy=st.sampled_from(["by_disk_size", "by_shard_count", "the user's"]),
    threshold=st.integers(0, 100),
    timeout_minutes=st.integers(1, 1000),
    shard_transfer_mode=st.sampled_from(["auto", "force_logical", "block_writes"]),
)
extensions = st.builds(
    ExtensionSpec, st.just(ENDPOINT), st.none() | st.sampled_from(["13.2-1", "12.1-1"])
)
