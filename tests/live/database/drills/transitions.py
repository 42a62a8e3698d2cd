"""The table: from what to what each kind of tracked resource can go, and by how many statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from citus.database.membership import MembershipProvider
from citus.database.rebalance import RebalanceProvider, RebalanceSpec
from citus.database.tracked import RETAIN
from tests.live.database.drills.transition import Transition
from tests.live.database.kind import Kind, Spec
from tests.live.database.kinds import KINDS, migrations, schema
from tests.live.database.place import Place
from tests.live.database.tables_to_move import TABLES, members
from tests.live.declared import Declared

_KINDS = {kind.name: kind for kind in KINDS}
_STEPS_OF_A_CHANGE = {
    "membership": 2,
    "role": 3,
    "schema": 1,
    "migrations": 2,
    "distributed table": 2,
    "colocated table": 1,
    "table distributed concurrently": 1,
    "single-shard table": 2,
    "reference table": 2,
}


def _of_kinds() -> Iterator[Transition]:
    """Make, change and take away each kind of the table of kinds."""
    for kind in KINDS:
        yield Transition(
            f"{kind}: made", kind.provider, _nothing, partial(_made, kind), kind.steps, kind
        )
    for name, steps in _STEPS_OF_A_CHANGE.items():
        kind = _KINDS[name]
        yield Transition(f"{kind}: changed", kind.provider, kind.declare, kind.changed, steps, kind)
    for kind in KINDS:
        for policy in sorted(kind.left.keys() - {RETAIN}):
            old = partial(_with_policy, kind, policy)
            steps = 2 if kind.name == "role" else 1
            yield Transition(f"{kind}: {policy}", kind.provider, old, _gone, steps, kind)


def _adopted() -> Iterator[Transition]:
    """Take up what somebody has made by hand."""
    for name, old, steps in (("role", _role_by_hand, 3), ("schema", _local, 1)):
        kind = _KINDS[name]
        yield Transition(f"{kind}: adopted", kind.provider, old, partial(_made, kind), steps, kind)


def _of_schemas() -> Iterator[Transition]:
    """Schemas with rows in them, and a file that is no transaction."""
    for name, what, old, new, steps in _SCHEMAS:
        kind = _KINDS[name]
        yield Transition(f"{kind}: {what}", kind.provider, old, new, steps, kind)


def _of_nodes() -> Iterator[Transition]:
    """Nodes with shards on them."""
    yield Transition("a worker joins", MembershipProvider, _three, _four, 2)
    yield Transition("two workers leave", MembershipProvider, _three, lambda p, _: members(p, 2), 8)
    yield Transition("rebalance", RebalanceProvider, _unbalanced, _balanced, 2)


def _nothing(_: Place) -> None:
    return None


def _gone(_place: Place, _old: Spec) -> None:
    return None


def _made(kind: Kind, place: Place, _old: Spec) -> Spec:
    return kind.declare(place)


def _with_policy(kind: Kind, policy: str, place: Place) -> Spec:
    return replace(kind.declare(place), on_delete=policy)


def _role_by_hand(place: Place) -> None:
    place.by_hand("CREATE ROLE {name} LOGIN PASSWORD 'by hand'")


def _local(place: Place) -> None:
    """Make a schema by hand, with rows."""
    place.by_hand("CREATE SCHEMA {name}; CREATE TABLE {name}.t (id int PRIMARY KEY)")
    place.by_hand("INSERT INTO {name}.t SELECT generate_series(1, 100)")


def _not_distributed(place: Place) -> Spec:
    _local(place)
    return replace(schema(place), distributed=False)


def _distributed(place: Place) -> Spec:
    _local(place)
    return schema(place)


def _elsewhere(place: Place, old: Spec) -> Spec:
    [(here,)] = place.by_hand("""SELECT nodeport FROM pg_dist_placement JOIN pg_dist_shard
        USING (shardid) JOIN pg_dist_node USING (groupid)
        WHERE logicalrelid = '{name}.t'::regclass""")
    there = [node.address for node in place.cluster.workers if node.address.port != here]
    return replace(old, node=str(there[0]))


def _renamed_and_local(place: Place, old: Spec) -> Spec:
    place.by_hand("CREATE ROLE {name}")
    return replace(old, name=f"{old.name}_2", owner=place.name, distributed=False)


def _concurrently(place: Place, _old: Spec) -> Spec:
    text = "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS by_email ON users (email);"
    place.file("003_index.sql", text)
    return migrations(place)


_SCHEMAS: list[tuple[str, str, Callable[[Place], Spec], Callable[[Place, Spec], Spec], int]] = [
    ("schema", "distributed", _not_distributed, lambda _, old: replace(old, distributed=True), 1),
    ("schema", "moved", _distributed, _elsewhere, 1),
    ("schema", "given away, made local, renamed", _distributed, _renamed_and_local, 3),
    ("migrations", "in no transaction", _KINDS["migrations"].declare, _concurrently, 3),
]


def _three(place: Place) -> Spec:
    """Join three workers, and put tables on them."""
    declared = members(place, 0, 1, 2)
    Declared(MembershipProvider()).up(declared)
    place.by_hand(TABLES)
    return declared


def _four(place: Place, _old: Spec) -> Spec:
    return members(place, 0, 1, 2, 3)


def _unbalanced(place: Place) -> None:
    resource = Declared(MembershipProvider())
    resource.up(_three(place))
    resource.up(_four(place, None))


def _balanced(place: Place, _old: Spec) -> RebalanceSpec:
    workers = {node.name: node.address for node in place.cluster.nodes[1:]}
    return RebalanceSpec(place.endpoint, workers, "by_shard_count", threshold=5)


TRANSITIONS = [*_of_kinds(), *_adopted(), *_of_schemas(), *_of_nodes()]
