"""Which errors of a statement pass by themselves, and for how long it is tried again."""

from __future__ import annotations

import psycopg
import tenacity

from citus.lifeline import LIFELINE
from citus.progress import tell

_TRANSIENT = {"40001", "40P01", "55P03"}  # serialization, deadlock, lock not available
# Another session moves shards, or a node has not been told of the others yet.
_BUSY = (
    "could not acquire the lock required to",
    "A rebalance is already running",
    "is a metadata node, but is out of sync",
)
_ATTEMPTS = 6
_BUSY_SECONDS = 600
# For what leaves something behind where it fails, and would take that for its work.
ONCE = tenacity.Retrying(stop=tenacity.stop_after_attempt(1), reraise=True)


def retrying(resource: str) -> tenacity.Retrying:
    """Try a statement again where that can help; *resource* names it to the user."""

    def again(state: tenacity.RetryCallState) -> None:
        LIFELINE.check()
        if state.attempt_number == 1 and _is_busy(_error(state)):
            tell(f"{resource}: waits, since {_first_line(_error(state))}")

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda e: _is_transient(e) or _is_busy(e)),
        wait=tenacity.wait_exponential(multiplier=0.2, max=5),
        stop=_is_enough,
        before_sleep=again,
        reraise=True,
    )


def _is_enough(state: tenacity.RetryCallState) -> bool:
    if _is_busy(_error(state)):
        return (state.seconds_since_start or 0) > _BUSY_SECONDS
    return state.attempt_number >= _ATTEMPTS


def _is_transient(error: BaseException | None) -> bool:
    if not isinstance(error, psycopg.Error):
        return False
    return error.sqlstate in _TRANSIENT or "tuple concurrently updated" in str(error)


def _is_busy(error: BaseException | None) -> bool:
    return isinstance(error, psycopg.Error) and any(text in str(error) for text in _BUSY)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n")[0]
