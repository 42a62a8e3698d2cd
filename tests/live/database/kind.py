"""One kind of tracked resource, as the table of `test_life` sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from citus.database.provider import PlannedProvider
from tests.live.database.place import Place
from tests.live.declared import Declared

Spec = Any  # the frozen value of whichever kind


@dataclass(frozen=True)
class Drift:
    """A change by hand, and the input that a refresh then shows with another value."""

    field: str
    by_hand: str
    on_worker: bool = False


@dataclass(frozen=True)
class Left:
    """What a policy of ``on_delete`` leaves: a question to the database, and its answer."""

    question: str
    answer: tuple[Any, ...]


@dataclass(frozen=True)
class Kind:
    """One kind: how it is declared, changed, drifts, is refused and goes.

    ``gone`` makes it absent by hand, ``nothing`` clears the place before a test, ``left`` tells
    what each policy of ``on_delete`` leaves.
    """

    name: str
    provider: type[PlannedProvider[Any]]
    steps: int
    declare: Callable[[Place], Spec]
    changed: Callable[[Place, Spec], Spec]
    refused: Callable[[Place, Spec], Spec]
    refusal: str
    drifts: Mapping[str, Drift] = field(default_factory=dict)
    gone: str = ""
    left: Mapping[str, Left] = field(default_factory=dict)
    nothing: str = "SELECT 1"
    own_database: bool = False

    def __str__(self) -> str:
        return self.name

    def resource(self) -> Declared:
        """Give a resource of this kind that no `up` has made yet."""
        return Declared(self.provider())
