"""Runs a plan on a model of the database, cut off after each step."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from citus.database.tracked import is_subsequence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from citus.database.statement import Statement


def planned(provider: Any, old: Any, new: Any) -> list[str]:
    """Give a plan as the preview shows it."""
    return [statement.planned() for statement in provider.plan(old, new)]


def steps(plan: Sequence[Statement]) -> list[list[Statement]]:
    """Give what is run together: a transaction, or one statement; a remark isn't run."""
    groups = itertools.groupby(
        enumerate(s for s in plan if s.text), key=lambda pair: pair[1].transaction or pair[0]
    )
    return [[statement for _, statement in group] for _, group in groups]


def replay(provider: Any, old: Any, new: Any, after: Callable[[Any, Statement], Any]) -> None:
    """Stop after each prefix of the plan: the rest is a part of it, and the end is *new*.

    *after* gives what the database has when a step's last statement has run.
    """
    plan = provider.plan(old, new)
    first, state = planned(provider, old, new), old
    for step in steps(plan):
        state = after(state, step[-1])
        assert is_subsequence(planned(provider, state, new), first)
        assert len(steps(provider.plan(state, new))) < len(steps(plan))
    assert provider.plan(state, new) == []
