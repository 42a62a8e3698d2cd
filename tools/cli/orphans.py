"""What a killed CLI leaves at work: providers and programs of the same project.

A provider ends by itself after the statement it is at; until then nobody else may start.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE_SECONDS = 300.0
_PROGRESS_SECONDS = 5.0
_POLL_SECONDS = 0.2
_IDLE_SECONDS = 30.0


def is_at_work_for_pulumi(command: list[str]) -> bool:
    """Tell by its command line whether a process is a dynamic provider or a program."""
    if "-m" in command[:-1] and command[command.index("-m") + 1] == "pulumi.dynamic":
        return True
    return any(Path(word).name == "pulumi-language-python-exec" for word in command[:5])


def is_a_plugin(command: list[str]) -> bool:
    """Tell whether a process is a provider of Pulumi's own, such as that of Docker."""
    return Path(command[0]).name.startswith("pulumi-resource-") if command else False


def end_plugins(project: Path) -> None:
    """End the providers of Pulumi's own that a killed CLI left: they don't end by themselves."""
    left = _orphans(project, is_a_plugin)
    end([process.pid for process in left])
    _, alive = psutil.wait_procs(left, timeout=10)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def wait_for_orphans(
    project: Path,
    *,
    patience: float = _PATIENCE_SECONDS,
    find: Callable[[Path], list[int]] | None = None,
) -> None:
    """Wait until the processes that a killed CLI left have ended."""
    started = time.monotonic()
    told = -_PROGRESS_SECONDS
    busy: dict[int, float] = {}  # when each was last seen at work
    while pids := (find or orphans_of)(project):
        waited = time.monotonic() - started
        named = ", ".join(str(pid) for pid in pids)
        if waited > patience:
            raise ToolError(
                f"a run that was killed still works (pid {named}): wait until it has ended, or "
                f"end it by `kill {named.replace(',', '')}`, then run this again"
            )
        if waited - told >= _PROGRESS_SECONDS:
            told = waited
            print(
                f"waiting for what a killed run left at work (pid {named}): {waited:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        now = time.monotonic()
        busy = {pid: busy.get(pid, now) if is_idle(pid) else now for pid in pids}
        end([pid for pid in pids if now - busy[pid] > _IDLE_SECONDS])
        time.sleep(_POLL_SECONDS)


def is_idle(pid: int) -> bool:
    """Tell whether an orphan has neither a child nor a connection to a database.

    One that nobody has given work to doesn't know that it is an orphan; any other ends by itself.
    """
    try:
        process = psutil.Process(pid)
        talks = any(c.status == psutil.CONN_ESTABLISHED for c in process.net_connections())
        return not talks and not process.children()
    except psutil.Error:
        return False  # ended meanwhile, or not to be looked into


def end(pids: list[int]) -> None:
    """End processes by their own pids."""
    for pid in pids:
        with suppress(psutil.Error):
            psutil.Process(pid).terminate()


def orphans_of(project: Path) -> list[int]:
    """List the pids of providers and programs in *project* that no CLI is above."""
    return sorted(process.pid for process in _orphans(project, is_at_work_for_pulumi))


def _orphans(project: Path, is_one: Callable[[list[str]], bool]) -> list[psutil.Process]:
    folder = project.resolve()
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        if not is_one(process.info["cmdline"] or []):
            continue
        try:
            if Path(process.cwd()) == folder and not _has_a_cli_above(process):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # ended meanwhile, or another user's
    return found


def _has_a_cli_above(process: psutil.Process) -> bool:
    return any(
        parent.name() == "pulumi" and parent.status() != psutil.STATUS_ZOMBIE
        for parent in process.parents()
    )
