"""A stack of a few resources, taken to what is declared as `make up` does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from citus.database.distributed_table import DistributedTableProvider
from citus.database.membership import MembershipProvider
from citus.database.rebalance import RebalanceProvider, RebalanceSpec
from citus.database.role import RoleProvider
from citus.database.schema import SchemaProvider
from citus.database.schema_plan import SchemaSpec
from citus.database.table import TableSpec
from citus.database.tracked import UNDISTRIBUTE
from citus.endpoint import Node
from tests.live.database.drills.cut import is_killed_at
from tests.live.database.drills.transition import checked, run
from tests.live.database.drills.world import World, table
from tests.live.database.kinds import role
from tests.live.database.place import Place
from tests.live.database.tables_to_move import made_anew, members
from tests.live.declared import Declared

_PROVIDERS: dict[str, Any] = {
    "membership": MembershipProvider,
    "role": RoleProvider,
    "schema": SchemaProvider,
    "table": DistributedTableProvider,
    "rebalance": RebalanceProvider,
}


@dataclass
class Killing:
    """The death of the executor: at which change of the next run, at which of its statements."""

    change: int
    statement: int
    moment: str


@dataclass
class SmallStack:
    """The resources that a stack has recorded, by name, in the order of the program."""

    place: Place
    resources: dict[str, Declared] = field(default_factory=dict)
    workers: frozenset[int] = frozenset()

    def up(self, world: World, killing: Killing | None = None) -> bool:
        """Refresh, then change and make, then take away. Tell whether it was killed."""
        for name, resource in [*self.resources.items()]:
            resource.refresh()
            if not resource.id:
                del self.resources[name]
        for name, spec in self._steps(world):
            resource = self.resources.get(name) or Declared(_PROVIDERS[name.split()[0]]())
            found = checked(resource, spec)
            changes = spec is None or resource.changes(spec)
            if killing and changes and self._is_its_turn(killing):
                step = killing.statement % max(1, len(found.get("planned_sql", [])))
                is_killed_at(step, killing.moment, resource, found)
                return True
            run(resource, spec)
            self.resources[name] = resource
            if spec is None:
                del self.resources[name]
            if name == "membership":
                self._make_servers_anew(world)
        return False

    def planned(self, world: World) -> list[str]:
        """Refresh, and give what a preview shows as changed."""
        wished = dict(self._steps(world))
        for resource in self.resources.values():
            resource.refresh()
        return [
            name
            for name, spec in wished.items()
            if name not in self.resources
            or spec is None
            or self.resources[name].changes(spec)
            or self.resources[name].preview(spec)
        ]

    def _is_its_turn(self, killing: Killing) -> bool:
        killing.change -= 1
        return killing.change < 0

    def _steps(self, world: World) -> Iterator[tuple[str, Any]]:
        declared = dict(self._declared(world))
        yield from declared.items()
        for name in reversed([*self.resources]):
            if name not in declared:
                yield name, None

    def _declared(self, world: World) -> Iterator[tuple[str, Any]]:
        place, endpoint = self.place, self.place.endpoint
        nodes = [self._node(index) for index in sorted(world.workers)]
        addresses = (place.cluster.coordinator, *nodes)
        yield "membership", members(place, *sorted(world.workers))
        yield "role", replace(role(place), nodes=tuple(str(n.address) for n in addresses))
        for name, distributed in world.schemas.items():
            spec = SchemaSpec(endpoint, name, "postgres", distributed, on_delete=UNDISTRIBUTE)
            yield f"schema {name}", spec
        for name in world.tables:
            spec_of: Any = table(world, name)
            yield f"table {name}", TableSpec(endpoint, **spec_of)
        if world.rebalanced:
            workers = {node.name: node.address for node in nodes}
            yield "rebalance", RebalanceSpec(endpoint, workers, "by_shard_count")

    def _node(self, index: int) -> Node:
        return self.place.cluster.nodes[1 + index]

    def _make_servers_anew(self, world: World) -> None:
        """A server that has left is deleted; one that joins later has empty data."""
        for index in self.workers - world.workers:
            made_anew(self.place, self._node(index))
        self.workers = world.workers
