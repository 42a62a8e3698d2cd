"""PlannedProvider: decode → check → diff → observe → plan → execute, for all kinds.

A kind gives a value, a pure `plan` and an `observe`; what makes the preview a contract is here:

- `check` adds ``planned_sql`` to the inputs, so that a preview shows it, and ``delete_sql``
  where the policy ``on_delete`` is to run something;
- `create`, `update` and `delete` look at the database, plan from what it has, and run that
  only where it is a subsequence of what the preview showed, and permitted where it loses data;
- `read` gives the inputs as the database has them: drift is an ordinary diff.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.dynamic import CheckResult, ConfigureRequest, CreateResult, ReadResult, UpdateResult

from citus.database import answers, catalogue_lock, permit
from citus.database.errors import ChangedSincePreview, NotReachable
from citus.database.session import connect
from citus.database.statement import Statement
from citus.database.tracked import (
    CHANGED_AT,
    RETAIN,
    Observed,
    TrackedSpec,
    changed,
    is_subsequence,
    policy,
)
from citus.dynamic import DeclaredProvider, refusal
from citus.errors import Refused
from citus.lifeline import LIFELINE
from citus.progress import tell, warn_once
from citus.properties import KNOWN_AFTER_UP, UnknownShape

if TYPE_CHECKING:
    from citus.database.executor import Database

PLANNED_SQL = "planned_sql"
DELETE_SQL = "delete_sql"


class PlannedProvider(DeclaredProvider[TrackedSpec]):
    """The provider of one kind; stateless, and permanent under its module path.

    ``policies`` are those that ``on_delete`` may name, an input only where there are several;
    ``has_facts`` says whether `observe` finds more than inputs.
    """

    policies: ClassVar[tuple[str, ...]] = (RETAIN,)
    has_facts: ClassVar[bool] = True
    permits: tuple[str, ...] = ()

    def configure(self, req: ConfigureRequest) -> None:
        """Read what may lose data, too."""
        super().configure(req)
        self.permits = permit.permits(req.config.get(permit.ALLOW_DATA_LOSS))

    @abstractmethod
    def plan(self, old: TrackedSpec | None, new: TrackedSpec | None) -> list[Statement]:
        """Give what turns *old* into *new*; without *new*, what *old*'s policy says. Pure."""

    @abstractmethod
    def observe(self, database: Database, wanted: TrackedSpec) -> Observed[TrackedSpec] | None:
        """Look at what *wanted* is in the database; ``None`` where it is absent."""

    def require(self, _database: Database, _old: TrackedSpec | None, _new: TrackedSpec) -> None:
        """Raise `Refused` where the database can't take the change."""

    def prepare(self, database: Database, _found: TrackedSpec, new: TrackedSpec) -> None:
        """Raise `Refused` where a plan could not come to its end; nothing of it has run."""
        answers.require_members(database, new.title)

    def observe_change(
        self, database: Database, old: TrackedSpec | None, new: TrackedSpec
    ) -> Observed[TrackedSpec] | None:
        """Observe before a change; what was renamed meanwhile is found by its old name."""
        return self.observe(database, new) or (self.observe(database, old) if old else None)

    def unseen(self, recorded: TrackedSpec) -> TrackedSpec:
        """Give what a refresh that can't look keeps; by default what is recorded."""
        return recorded

    def at_stake(self, _database: Database, _observed: TrackedSpec) -> list[str]:
        """Name what a plan that destroys data would take: ``ads.companies (5 rows)``."""
        return []

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate, and add the SQL of the change and of the removal; looks at no database."""
        try:
            new = self.decode(news)
            self._check_policy(new)
            planned = permit.planned(new, self.plan(self.decode_or_none(_olds), new))
            removal = self._removal(new)
        except UnknownShape:
            planned, removal = [str(KNOWN_AFTER_UP)], {}
        except Refused as refused:
            return refusal(news, refused)
        return CheckResult({**news, PLANNED_SQL: planned, **removal}, [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt what exists, make what is missing; a second time changes nothing."""
        new = self.decode(props)
        return CreateResult(new.title, self._apply(None, new, props[PLANNED_SQL]))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Run what the preview showed, as far as the database still needs it."""
        new, old = self.decode(_news), self.decode_or_none(_olds)
        return UpdateResult(self._apply(old, new, _news[PLANNED_SQL]))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Observe; a server that doesn't answer is never taken for an absent object."""
        recorded = self.decode(props)
        try:
            with LIFELINE.held(), connect(recorded.endpoint, patience=0, lenient=True) as db:
                observed = self.observe(db, recorded)
        except NotReachable as error:
            warn_once(str(recorded.endpoint), str(error))
            kept = self._inputs(self.unseen(recorded))
            return ReadResult(id_, {**props, **kept}, {**kept, PLANNED_SQL: []})
        if observed is None:
            return ReadResult("", {})
        inputs = self._inputs(observed.spec)
        outs = {**inputs, **observed.facts, CHANGED_AT: props.get(CHANGED_AT, "")}
        return ReadResult(id_, outs, {**inputs, PLANNED_SQL: []})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Do what ``on_delete`` says; gone already is fine. By default it stays."""
        old = self.decode(_props)
        if policy(old) == RETAIN:
            tell(f"{old.title} stays in the database, no longer tracked")
            return
        with LIFELINE.held(), connect(old.endpoint) as db, catalogue_lock.held(db):
            observed = self.observe(db, old)
            if observed is not None:
                statements = self.plan(observed.spec, None)
                shown = _props.get(DELETE_SQL, [])
                if not is_subsequence([s.planned() for s in statements], shown):
                    raise ChangedSincePreview(f"{old.title} has changed: preview again")
                self._run(db, old, observed.spec, statements, shown)

    def _apply(
        self, old: TrackedSpec | None, new: TrackedSpec, planned: list[str]
    ) -> dict[str, Any]:
        with LIFELINE.held(), connect(new.endpoint) as db, catalogue_lock.held(db):
            self.require(db, old, new)
            observed = self.observe_change(db, old, new)
            statements = self.plan(observed.spec if observed else None, new)
            if not is_subsequence([s.planned() for s in statements], planned):
                raise ChangedSincePreview(changed(old, new, observed.spec if observed else None))
            self._run(db, new, observed.spec if observed else new, statements, planned)
            result = self.observe(db, new) if statements and self.has_facts else observed
            facts = {**(result.facts if result else {}), CHANGED_AT: _now()}
            return {**self._inputs(new), **facts}

    def _run(
        self,
        database: Database,
        declared: TrackedSpec,
        found: TrackedSpec,
        plan: list[Statement],
        shown: list[str],
    ) -> None:
        permit.demand(declared, plan, shown, self.permits, lambda: self.at_stake(database, found))
        if plan:
            self.prepare(database, found, declared)
        database.run(plan, declared.title)

    def _check_policy(self, new: TrackedSpec) -> None:
        if policy(new) not in self.policies:
            raise Refused(
                f"{new.title}: on_delete is {policy(new)}, "
                f"which is none of: {', '.join(self.policies)}"
            )

    def _inputs(self, spec: TrackedSpec) -> dict[str, Any]:
        return {**self.encode(spec), **self._removal(spec)}

    def _removal(self, spec: TrackedSpec) -> dict[str, list[str]]:
        # An output too: a delete gets nothing else, and its preview shows nothing else.
        plan = [] if policy(spec) == RETAIN else self.plan(spec, None)
        return {DELETE_SQL: permit.planned(spec, plan)} if plan else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
