"""What is waited for before or after a statement: a question that is asked again and again.

    SELECT metadatasynced, NULL, 'worker-1 is told of the nodes' FROM pg_dist_node …

Its row tells whether it is done, what has failed, and how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from citus.lifeline import LIFELINE
from citus.progress import tell

_PROGRESS_SECONDS = 5
# What is soon done is soon seen; what takes long is not slowed down by questions.
_SOONEST, _LATEST, _PART = 0.1, 1.0, 0.05  # seconds, and of the time waited so far
PATIENCE_SECONDS = 600


class Answer(NamedTuple):
    """A row of a question.

    It tells whether it is done, what has failed, how far it is, and a guess of what remains: where
    only the guess changes, it stands still.
    """

    done: bool
    failure: str | None
    line: str | None
    remaining: str | None = None


@dataclass(frozen=True)
class Wait:
    """A condition, and how long to wait for it.

    Attributes:
        question: SQL whose one row is an `Answer`. A ``{value}`` stands for the number that the
            statement has answered; where it has answered none, there is nothing to wait for.
        patience: For how many seconds its line may stay the same.
        at_most: For how many seconds it is waited for, whatever moves on; 0 for no limit.
        when_over: What a user can do where the patience is at its end.
        stops: SQL that ends what has failed, so that nothing goes on behind the user's back. What
            only takes long goes on.
    """

    question: str
    patience: float = PATIENCE_SECONDS
    at_most: float = 0
    when_over: str = ""
    stops: str = ""

    @property
    def needs_value(self) -> bool:
        """Whether it asks of what the statement has answered."""
        return "{value}" in self.question

    def of(self, value: object) -> str:
        """Give the question of one answered value."""
        return self.question.replace("{value}", str(value))


class Failed(Exception):
    """What was waited for has failed."""


class Late(Failed):
    """What was waited for has not come in time."""


def until_done(wait: Wait, ask: Callable[[], Answer], meanwhile: Callable[[], object]) -> None:
    """Ask until it is done, and tell every few seconds how far it is.

    *meanwhile* is done between two questions.

    Raises:
        Failed: It has failed, stands still for too long, or takes too long.
    """
    began = moved = told = time.monotonic()
    line = None
    while not (answer := ask()).done:
        now = time.monotonic()
        if answer.failure:
            raise Failed(answer.failure)
        if answer.line != line:
            line, moved = answer.line, now
        if now - moved > wait.patience:
            raise Late(_over(line, f"has not moved for {now - moved:.0f} s", wait))
        if wait.at_most and now - began > wait.at_most:
            raise Late(_over(line, f"has run for {now - began:.0f} s", wait))
        if line and now - told >= _PROGRESS_SECONDS:
            tell(f"{line}, {answer.remaining}" if answer.remaining else line)
            told = now
        LIFELINE.check()
        time.sleep(min(_LATEST, max(_SOONEST, _PART * (now - began))))
        meanwhile()


def _over(line: str | None, what: str, wait: Wait) -> str:
    sentence = f"{line or 'what is waited for'}: it {what}"
    return f"{sentence}; {wait.when_over}" if wait.when_over else sentence
