"""What a kind tracks: a frozen value that is declared, and the same as the database has it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from citus.endpoint import Endpoint

# What happens in the database to what is no longer declared (``on_delete``).
RETAIN = "retain"  # it stays
UNDISTRIBUTE = "undistribute"  # it stays, as an ordinary object of the coordinator
DROP = "drop"  # it goes, with its rows

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


def differences(one: Tracked | None, other: Tracked) -> list[tuple[str, object]]:
    """Name the fields of *other* that differ; a secret's value isn't shown.

    What is only observed is named where nothing that is declared differs.
    """
    different = [
        field
        for field in dataclasses.fields(other)  # type: ignore[arg-type]
        if field.name != "endpoint" and getattr(one, field.name, None) != getattr(other, field.name)
    ]
    declared = [field for field in different if field.compare]
    return [
        (field.name, getattr(other, field.name) if field.repr else "another")
        for field in declared or different
    ]
