"""Find and stop the postmaster of a data folder."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from citus.errors import ServerFailed
from citus.process import ends_within, lives

_STOP_SECONDS = 60


def find(data: Path) -> psutil.Process | None:
    """Find it by its pid file; a pid that another process has by now is none."""
    process = _recorded(data)
    try:
        return process if process and lives(process) and Path(process.cwd()) == data else None
    except psutil.Error:
        return None


def stop(data: Path) -> None:
    """Stop it, also one whose folder was removed under it. Stopped already is fine.

    Raises:
        ServerFailed: It goes on after a minute.
    """
    process = find(data) or _without_its_files(data)
    if process is not None:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        if not ends_within(_STOP_SECONDS, process):
            raise ServerFailed(f"the server of {data} does not stop (process {process.pid})")


def reload(data: Path) -> None:
    """Have it read its files again, where it runs."""
    process = find(data)
    if process is not None:
        process.send_signal(signal.SIGHUP)


def forget_a_dead_one(data: Path) -> None:
    """Take away the pid file of a killed postmaster that its parent has not reaped.

    PostgreSQL takes such a process for alive; the first process of many containers reaps none.
    """
    process = _recorded(data)
    if process is not None and not lives(process):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _recorded(data: Path) -> psutil.Process | None:
    try:
        return psutil.Process(int((data / "postmaster.pid").read_text().split("\n")[0]))
    except (OSError, ValueError, psutil.Error):
        return None


def _without_its_files(data: Path) -> psutil.Process | None:
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if command[1:3] == ["-D", str(data)] and lives(process):
            return process
    return None
