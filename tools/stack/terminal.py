"""Run a program that owns the terminal while this one waits."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import FrameType


def run(command: list[str], *, environment: Mapping[str, str], folder: Path) -> int:
    """Run to the end and give the exit code as a shell does.

    Ctrl-C reaches the program by itself, once, as it is in the terminal's process group; SIGTERM
    and SIGHUP are for this process alone and are passed on.
    """
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if child is not None:
            child.send_signal(number)

    # A handler, not SIG_IGN: the program would inherit that and never hear of Ctrl-C.
    before = {signal.SIGINT: signal.signal(signal.SIGINT, lambda _number, _frame: None)}
    for number in (signal.SIGTERM, signal.SIGHUP):
        before[number] = signal.signal(number, pass_on)
    try:
        child = subprocess.Popen(command, env=dict(environment), cwd=folder)
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code
