"""An executor that is killed: a process of its own, ended by SIGKILL at one statement of a plan.

It runs what the providers' process runs for one resource, and dies when the server has got the
statement, or when it has answered it.
"""

from __future__ import annotations

import importlib
import itertools
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from citus.database import executor
from tests.live.declared import Declared

SENT, ANSWERED = "while it runs", "once it is done"
_PATIENCE_SECONDS = 120
# A server of forks: a child has the modules, and none of the threads and sessions of the tests.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "citus.database.provider"])


def is_killed_at(step: int, moment: str, resource: Declared, checked: dict[str, Any]) -> bool:
    """Run what `check` has returned, nothing for a removal, to be killed at a statement from 0.

    Tell whether it was: a plan may have ended before, where less was to do.
    """
    provider = resource.provider
    reference = type(provider).__module__, type(provider).__name__, vars(provider)
    recorded = resource.id, resource.inputs, resource.outputs
    child = _PROCESSES.Process(target=_run, args=(step, moment, reference, recorded, checked))
    child.start()
    child.join(_PATIENCE_SECONDS)
    assert child.exitcode in (0, -signal.SIGKILL), f"it ended with {child.exitcode}"
    return child.exitcode != 0


def _run(
    step: int,
    moment: str,
    reference: tuple[str, str, dict[str, Any]],
    recorded: tuple[str, dict[str, Any], dict[str, Any]],
    checked: dict[str, Any],
) -> None:
    module, name, attributes = reference
    provider = getattr(importlib.import_module(module), name)()
    vars(provider).update(attributes)
    resource = Declared(provider, *recorded)
    _die_at(step, moment)
    if checked:
        resource.run(checked)
    else:
        resource.delete()


def _die_at(step: int, moment: str) -> None:
    number = itertools.count()

    @contextmanager
    def around_a_statement(*_: object) -> Iterator[None]:
        its_turn = next(number) == step
        if its_turn and moment == SENT:
            setattr(psycopg.Connection, "execute", _send_and_die)  # noqa: B010
        yield
        if its_turn:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(executor, "while_running", around_a_statement)  # noqa: B010


def _send_and_die(self: psycopg.Connection[Any], query: bytes) -> psycopg.Cursor[Any]:
    self.pgconn.send_query(query)
    while self.pgconn.flush():
        pass
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
