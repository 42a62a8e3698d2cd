"""Run a command to its end, and time it; Ctrl-C is passed on once and waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.failure import BenchFailed

_LAST_LINES = 15


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how long it took."""

    text: str
    seconds: float


def run(command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str]) -> Ran:
    """Run a command with no input.

    Raises:
        BenchFailed: It failed; with its last lines.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own: Ctrl-C in the terminal must not reach it twice, nor a clean-up.
        start_new_session=True,
    )
    try:
        printed, errors = process.communicate()
    except KeyboardInterrupt:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.communicate()
        raise
    seconds = time.perf_counter() - began
    if process.returncode:
        last = "\n".join((printed + errors).strip().splitlines()[-_LAST_LINES:])
        line = " ".join(str(word) for word in command)
        raise BenchFailed(f"`{line}` failed:\n{last}")
    return Ran(printed, seconds)


@contextmanager
def uninterrupted(what: str) -> Iterator[None]:
    """Finish what must be finished, whoever is impatient."""

    def explain(_number: int, _frame: object) -> None:
        print(f"{what}: this is not interrupted", flush=True)

    before = {number: signal.signal(number, explain) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
