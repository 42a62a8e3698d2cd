"""What a kind tracks: a frozen value that is declared, and the same as the database has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from citus.endpoint import Endpoint

# What happens in the database to what is no longer declared (``on_delete``).
RETAIN = "retain"  # it stays
UNDISTRIBUTE = "undistribute"  # it stays, as an ordinary object of the coordinator
DROP = "drop"  # it goes, with its rows

# How somebody looked, or whether; nothing that the database has.
_OF_THE_LOOK = ("endpoint", "seen")
_GONE = "gone"  # stands for an entry that is there no more

CHANGED_AT = "changed_at"  # the output that tells when a run last changed the object


class Tracked(Protocol):
    """A value that a kind tracks; ``on_delete`` is among its fields where a kind has policies."""

    @property
    def endpoint(self) -> Endpoint:
        """The coordinator's."""

    @property
    def title(self) -> str:
        """How a sentence names the object: ``schema user_service``."""


TrackedSpec = TypeVar("TrackedSpec", bound=Tracked)


@dataclass(frozen=True)
class Observed(Generic[TrackedSpec]):
    """What the database has: the inputs that it would take to declare it, and facts beside."""

    spec: TrackedSpec
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


def policy(spec: Tracked) -> str:
    """Give what is to happen to it when it is no longer declared."""
    return str(getattr(spec, "on_delete", RETAIN))


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    """Tell whether *part* is *whole* with some entries left out."""
    rest = iter(whole)
    return all(entry in rest for entry in part)


def changed(old: Tracked | None, new: Tracked, observed: Tracked | None) -> str:
    """Say what *observed* has that the preview of *new* did not know of."""
    if observed is None:
        return f"{new.title} is gone: preview again"
    if old is None:
        found = [(k, v) for k, v in differences(new, observed) if v != _GONE]  # yet to be made
        different = "; ".join(f"its {k} is {v}" for k, v in found)
        return f"{new.title} exists, but {different}: declare it so first, then change it"
    different = "; ".join(f"its {k} is now {v}" for k, v in differences(old, observed))
    return f"{new.title} has changed since the preview ({different}): preview again"


def differences(one: Tracked | None, other: Tracked) -> list[tuple[str, object]]:
    """Name the fields of *other* that differ, of a mapping its entries; a secret isn't shown.

    What is only observed is named where nothing that is declared differs.
    """
    different = [
        field
        for field in dataclasses.fields(other)  # type: ignore[arg-type]
        if field.name not in _OF_THE_LOOK
        and getattr(one, field.name, None) != getattr(other, field.name)
    ]
    declared = [field for field in different if field.compare]
    return [
        pair
        for field in declared or different
        for pair in _pairs(field, getattr(one, field.name, None), getattr(other, field.name))
    ]


def _pairs(field: dataclasses.Field[Any], had: Any, has: Any) -> Iterator[tuple[str, object]]:
    if not field.repr:
        yield field.name, "another"
    elif isinstance(has, Mapping) and isinstance(had, Mapping):
        different = [key for key in {**had, **has} if had.get(key) != has.get(key)]
        yield from ((key, has.get(key, _GONE)) for key in different)
    else:
        yield field.name, has
