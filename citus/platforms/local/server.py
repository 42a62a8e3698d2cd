"""One PostgreSQL server of this machine: initdb, settings, start, stop, bootstrap.

.local/<stack>/worker-0/
├── data/      PostgreSQL's own
├── log        what the server says
└── pgpass     how its superuser reaches the other nodes (0600)
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from citus.errors import Refused, ServerFailed
from citus.platforms.local import run_as
from citus.private_file import write_private

SUPERUSER = "postgres"
DATABASE = "postgres"
_HBA = """# Written by citus; a change by hand is lost. A password everywhere, no trust.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""
_HEADER = "# Written by citus; a change by hand shows as drift and is put back.\n"
_SETTING = re.compile(r"^\s*([\w.]+)(?:\s*=\s*|\s+)(?:'((?:[^']|'')*)'|([^\s#']+))", re.MULTILINE)


@dataclass(frozen=True)
class Server:
    """A server by its folder; the programs are those of *bin*."""

    folder: Path
    bin: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder.resolve() / "data"

    @property
    def log(self) -> Path:
        """The file that the server writes to."""
        return self.folder.resolve() / "log"

    @property
    def major(self) -> int | None:
        """The major version that made the data; ``None`` where there are none.

        Raises:
            Refused: The folder holds something else.
        """
        version = _text(self.data / "PG_VERSION").strip()
        if version.isdecimal():
            return int(version)
        if self.data.exists() and any(self.data.iterdir()):
            raise Refused(f"{self.data} holds no data of PostgreSQL: move it out of the way")
        return None

    def initdb(self, password: str) -> None:
        """Make the data folder, whole or not at all; one that exists is kept."""
        if self.major is not None:
            return
        draft = self.data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        secret = self.folder / "initdb-password"
        write_private(secret, password + "\n")
        try:
            run_as.run(
                self.bin / "initdb",
                *("-D", draft, "-U", SUPERUSER, f"--pwfile={secret}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                env=self._environment(),
            )
        finally:
            secret.unlink(missing_ok=True)
        draft.rename(self.data)

    def configure(self, settings: Mapping[str, str], password: str) -> None:
        """Write the settings; a file that has them already is left as it is."""
        write_private(self._pgpass, f"*:*:*:{SUPERUSER}:{_escaped(password)}\n")
        files = {"postgresql.conf": render(settings), "pg_hba.conf": _HBA}
        for name, text in files.items():
            if _text(self.data / name) != text:
                write_private(self.data / name, text)

    def settings(self) -> dict[str, str]:
        """Read the settings back, as they are in the file now."""
        return parse(_text(self.data / "postgresql.conf"))

    def process(self) -> psutil.Process | None:
        """Find the postmaster; a pid that another process has by now is none."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
            return process if alive and Path(process.cwd()) == self.data else None
        except (OSError, ValueError, psutil.Error):
            return None

    def runs_as_configured(self) -> bool:
        """Tell whether the postmaster began after its settings were last written."""
        if self.process() is None:
            return False
        written, began = self.data / "postgresql.conf", self.data / "postmaster.pid"
        return began.stat().st_mtime_ns >= written.stat().st_mtime_ns

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerFailed: It doesn't come up; the message holds the last lines of its log.
        """
        if self.process() is not None:
            return
        self._forget_the_dead()
        try:
            self._pg_ctl("start", "-l", str(self.log))
        except ServerFailed:
            log = self.log.read_text(errors="replace") if self.log.exists() else ""
            raise ServerFailed(run_as.explain(f"the start of {self.folder.name}", log)) from None

    def stop(self) -> None:
        """Stop it; its clients are disconnected, its data are safe. Stopped already is fine."""
        if self.process() is not None:
            self._pg_ctl("stop", "-m", "fast")

    def _forget_the_dead(self) -> None:
        """Take away the pid file of a killed postmaster that its parent has not reaped.

        PostgreSQL takes such a process for alive; the first process of many containers reaps none.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n")[0]))
            if process.status() == psutil.STATUS_ZOMBIE:
                pid_file.unlink()
        except (OSError, ValueError, psutil.Error):
            return

    def bootstrap(self, host: str, port: int) -> None:
        """Give the database the extension, which every member must have before it joins."""
        target = f"host={host} port={port} user={SUPERUSER} dbname={DATABASE}"
        run_as.run(
            self.bin / "psql",
            *("-X", "-q", "-v", "ON_ERROR_STOP=1"),
            *("-c", "CREATE EXTENSION IF NOT EXISTS citus"),
            f"{target} application_name=citus-bootstrap",
            env=self._environment(),
        )

    @property
    def _pgpass(self) -> Path:
        return self.folder.resolve() / "pgpass"

    def _pg_ctl(self, *arguments: str) -> None:
        run_as.run(
            self.bin / "pg_ctl",
            *("-D", self.data, "-s", "-w", "-t", "120"),
            *arguments,
            env=self._environment(),
        )

    def _environment(self) -> dict[str, str]:
        """Give nothing of the caller's environment but PATH: it may hold a passphrase."""
        path = os.environ.get("PATH", os.defpath)
        return {"PATH": path, "LC_ALL": "C", "PGPASSFILE": str(self._pgpass)}


def render(settings: Mapping[str, str]) -> str:
    """Write a postgresql.conf; `parse` reads it back."""
    lines = [f"{name} = '{_quoted(value)}'" for name, value in sorted(settings.items())]
    return _HEADER + "\n".join(lines) + "\n"


def parse(text: str) -> dict[str, str]:
    """Read the settings of a postgresql.conf: those that `render` wrote, and what was added."""
    return {
        name: plain or quoted.replace("''", "'").replace("\\\\", "\\")
        for name, quoted, plain in _SETTING.findall(text)
    }


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")
