"""PlannedProvider: decode → check → diff → observe → plan → execute, for all kinds.

A kind gives a frozen value, a pure `plan` and an `observe`; everything that makes the
preview a contract is here:

- `check` adds ``planned_sql`` to the inputs, so that a preview shows it;
- `create` and `update` look at the database, plan from what it has, and run that only
  where it is a subsequence of what the preview showed;
- `read` gives the inputs as the database has them, so that drift is an ordinary diff.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

from citus.database.errors import ChangedSincePreview, NotReachable
from citus.database.executor import Database, connect
from citus.database.statement import Statement
from citus.dynamic import DeclaredProvider, refusal
from citus.endpoint import Endpoint
from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.progress import tell
from citus.properties import KNOWN_AFTER_UP, UnknownShape

PLANNED_SQL = "planned_sql"


class Tracked(Protocol):
    """A value that a kind tracks."""

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


class PlannedProvider(DeclaredProvider[TrackedSpec]):
    """The provider of one kind; stateless, and permanent under its module path."""

    @abstractmethod
    def plan(self, old: TrackedSpec | None, new: TrackedSpec) -> list[Statement]:
        """Give what turns *old* into *new*; ``None`` means absent. Pure; may raise `Refused`."""

    @abstractmethod
    def observe(self, database: Database, wanted: TrackedSpec) -> Observed[TrackedSpec] | None:
        """Look at what *wanted* is in the database; ``None`` where it is absent."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate, and add ``planned_sql``; looks at no database."""
        try:
            statements = self._safe_plan(self.decode_or_none(_olds), self.decode(news))
            planned = [statement.planned() for statement in statements]
        except UnknownShape:
            planned = [str(KNOWN_AFTER_UP)]
        except Refused as refused:
            return refusal(news, refused)
        return CheckResult({**news, PLANNED_SQL: planned}, [])

    def _safe_plan(self, old: TrackedSpec | None, new: TrackedSpec) -> list[Statement]:
        statements = self.plan(old, new)
        for statement in statements:
            if statement.destroys_data:
                raise Refused(f"{new.title}: refused, since it would lose data: {statement.why}")
        return statements

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt what exists, make what is missing; a second time changes nothing."""
        new = self.decode(props)

        def say(observed: TrackedSpec) -> str:
            different = "; ".join(f"its {k} is {v}" for k, v in _differences(new, observed))
            return f"{new.title} exists, but {different}: declare it so first, then change it"

        outs = self._apply(new, props[PLANNED_SQL], say)
        return CreateResult(new.title, outs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Run what the preview showed, as far as the database still needs it."""
        new, old = self.decode(_news), self.decode_or_none(_olds)

        def say(observed: TrackedSpec) -> str:
            different = "; ".join(f"its {k} is now {v}" for k, v in _differences(old, observed))
            return f"{new.title} has changed since the preview ({different}): preview again"

        return UpdateResult(self._apply(new, _news[PLANNED_SQL], say))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Observe; a server that doesn't answer is never taken for an absent object."""
        recorded = self.decode(props)
        try:
            with LIFELINE.held(), connect(recorded.endpoint, patience=0, lenient=True) as db:
                observed = self.observe(db, recorded)
        except NotReachable as error:
            warn_once(str(recorded.endpoint), str(error))
            return ReadResult(id_, dict(props), {**self.encode(recorded), PLANNED_SQL: []})
        if observed is None:
            return ReadResult("", {})
        inputs = self.encode(observed.spec)
        return ReadResult(id_, {**inputs, **observed.facts}, {**inputs, PLANNED_SQL: []})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Keep the object in the database: what holds data is never dropped unasked."""
        tell(f"{self.decode(_props).title} stays in the database, no longer tracked")

    def _apply(
        self, new: TrackedSpec, planned: list[str], say: Callable[[TrackedSpec], str]
    ) -> dict[str, Any]:
        with LIFELINE.held(), connect(new.endpoint) as database, database.catalogue_lock():
            observed = self.observe(database, new)
            statements = self._safe_plan(observed.spec if observed else None, new)
            if not is_subsequence([s.planned() for s in statements], planned):
                raise ChangedSincePreview(
                    say(observed.spec) if observed else f"{new.title} is gone: preview again"
                )
            database.run(statements, new.title)
            result = self.observe(database, new) if statements else observed
            return {**self.encode(new), **(result.facts if result else {})}


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    """Tell whether *part* is *whole* with some entries left out."""
    rest = iter(whole)
    return all(entry in rest for entry in part)


def _differences(one: TrackedSpec | None, other: TrackedSpec) -> list[tuple[str, object]]:
    """Name the fields of *other* that differ; a secret's value isn't shown."""
    return [
        (f.name, getattr(other, f.name) if f.repr else "another")
        for f in dataclasses.fields(other)  # type: ignore[arg-type]
        if f.name != "endpoint" and getattr(one, f.name, None) != getattr(other, f.name)
    ]


_warned: set[str] = set()


def warn_once(server: str, message: str) -> None:
    """Tell that a server could not be read; once for each, however many resources lie on it."""
    if server not in _warned:
        _warned.add(server)
        tell(f"warning: {message}; what was recorded of {server} is kept")
