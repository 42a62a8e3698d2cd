"""A resource goes from one declaration to another, as `up` takes it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from citus.database import permit
from citus.database.provider import DELETE_SQL, PLANNED_SQL, PlannedProvider
from tests.live.database.conftest import Placed
from tests.live.database.kind import Kind, Spec
from tests.live.database.place import Place
from tests.live.database.tables_to_move import own_database
from tests.live.declared import Declared


@dataclass(frozen=True)
class Transition:
    """From *old* to *new*, in so many *steps* that run; ``None`` is what is not declared.

    *old* makes the place ready, too. Without a *kind* of the table of kinds it has a database for
    itself.
    """

    name: str
    provider: type[PlannedProvider[Any]]
    old: Callable[[Place], Spec]
    new: Callable[[Place, Spec], Spec]
    steps: int
    kind: Kind | None = None

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def placed(self, place: Place, placed: Placed) -> Iterator[Place]:
        """Give the place that it needs."""
        if self.kind:
            yield placed(self.kind, place)
            return
        with own_database(place) as apart:
            yield apart

    def begun(self, place: Place) -> tuple[Declared, Spec]:
        """Bring the place to where it begins; give the resource, and what is to be declared."""
        resource, old = Declared(self.provider()), self.old(place)
        if old is not None:
            resource.up(old)
        return resource, self.new(place, old)


def checked(resource: Declared, new: Spec) -> dict[str, Any]:
    """Preview, and permit what the preview asks for; nothing is checked for a removal."""
    found = resource.check(new) if new is not None else {}
    shown = found.get(PLANNED_SQL, []) if found else resource.outputs.get(DELETE_SQL, [])
    asked = [entry.split()[-1] for entry in shown if entry not in permit.statements(shown)]
    cast("PlannedProvider[Any]", resource.provider).permits = tuple(asked)
    return found


def run(resource: Declared, new: Spec) -> None:
    """Do what `make up` does: refresh, preview, run."""
    if resource.id:
        resource.refresh()
    found = checked(resource, new)
    if found:
        resource.run(found)
    elif resource.id:
        resource.delete()
