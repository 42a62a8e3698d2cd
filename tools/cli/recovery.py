"""Before a command that locks: clean up after a run that was killed.

Each step can be killed too: the locks go only after the orphans have ended, the begun creates are
looked for with or without a lock, and both files are written or removed in one piece.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.cli import left_on_docker, pending
from tools.cli.locks import Holder, Lock, holder_of
from tools.cli.orphans import end_plugins, wait_for_orphans

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.cli.file_backend import StackFiles


@dataclass(frozen=True)
class Recovery:
    """Who recovers what: the CLI, for a stack of a project."""

    pulumi: Callable[..., str]
    project: Path
    files: StackFiles

    def run(self) -> None:
        """Recover, and say in one line what was recovered."""
        stale, others = self._sort_locks()
        if others:
            return  # somebody is at work: the CLI says so
        if stale:
            end_plugins(self.project)
            wait_for_orphans(self.project)
            for lock in stale:
                lock.unlink(missing_ok=True)
                lock.with_name(lock.name + ".attrs").unlink(missing_ok=True)
        deployment = self.files.deployment()
        begun = pending.creating(deployment)
        if begun:
            left_on_docker.remove(left_on_docker.begun(deployment))
            pending.clear(self.pulumi, self.files.stack)
        if stale or begun:
            print(_what_was_done(self.files.stack, begun), file=sys.stderr, flush=True)

    def _sort_locks(self) -> tuple[list[Path], list[Path]]:
        """Part the locks of dead runs from the others; say of those why they stay."""
        stale: list[Path] = []
        others: list[Path] = []
        for path in self.files.locks():
            lock = Lock.read(path)
            state = holder_of(lock) if lock else None
            (stale if state is Holder.DEAD else others).append(path)
            if lock and state is Holder.ELSEWHERE:
                print(
                    f"stack {self.files.stack} is locked by a run on the host {lock.hostname} "
                    f"(pid {lock.pid}): if it no longer runs there, `bin/pulumi cancel`",
                    file=sys.stderr,
                    flush=True,
                )
        return stale, others


def _what_was_done(stack: str, begun: list[str]) -> str:
    adopted = f"; the next up adopts what exists of: {', '.join(begun)}" if begun else ""
    return f"recovered stack {stack} from a run that was killed{adopted}"
