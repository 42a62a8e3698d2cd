"""One process of a control plane: its log, its end, and the last words of one that failed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_LAST_LINES = 8
_STOP_SECONDS = 15


class Ended(Exception):
    """A process of the control plane has ended by itself."""


class Process:
    """A program that runs until it is stopped, or until this process dies."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.name = Path(command[0]).name
        self._log = folder / f"{self.name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*_ends_with_its_parent(), *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop this in order
            )

    @property
    def pid(self) -> int:
        """Give the process's id."""
        return self._process.pid

    def check(self) -> None:
        """Raise `Ended` unless it runs."""
        code = self._process.poll()
        if code is not None:
            last = self._log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
            raise Ended("\n".join([f"{self.name} has ended with code {code}; its log:", *last]))

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _ends_with_its_parent() -> list[str]:
    """Let Linux end it where the tests are killed and can't."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
