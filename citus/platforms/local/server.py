"""One PostgreSQL server of this machine: initdb, settings, start, stop, bootstrap.

.local/<stack>/worker-0/
├── data/      PostgreSQL's own
├── log        what the server says
└── pgpass     how its superuser reaches the other nodes (0600)
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from citus.errors import Refused, ServerFailed
from citus.platforms import conf_file
from citus.platforms.local import postmaster, psql, run_as
from citus.private_file import write_private

SUPERUSER = "postgres"
DATABASE = "postgres"
_HBA = """# Written by citus; a change by hand is lost. A password everywhere, no trust.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""
HAND_WRITTEN_HBA = "pg_hba.conf"
_HAND = "changed by hand"


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

    def configure(self, settings: Mapping[str, str], password: str) -> bool:
        """Write the settings, and take back what `ALTER SYSTEM` has set; tell of any change."""
        write_private(self._pgpass, f"*:*:*:{SUPERUSER}:{_escaped(password)}\n")
        wanted = {self._conf: conf_file.render(settings), self._hba: _HBA}
        if conf_file.parse(_text(self._auto)):
            wanted[self._auto] = ""
        changed = {path: text for path, text in wanted.items() if _text(path) != text}
        for path, text in changed.items():
            write_private(path, text)
        return bool(changed)

    def settings(self) -> dict[str, str]:
        """Read the settings back, as the files have them now."""
        files = _text(self._conf) + _text(self._auto)
        hba = {} if _text(self._hba) == _HBA else {HAND_WRITTEN_HBA: _HAND}
        return {**conf_file.parse(files), **hba}

    def process(self) -> psutil.Process | None:
        """Find the postmaster where it runs."""
        return postmaster.find(self.data)

    def runs_as_configured(self) -> bool:
        """Tell whether the postmaster runs with what its files say, and where they are now."""
        if self.process() is None:
            return False
        taken = self._pid_file.stat().st_mtime_ns
        written = max(path.stat().st_mtime_ns for path in (self._conf, self._hba) if path.exists())
        return taken >= written and self.knows_its_folder()

    def knows_its_folder(self) -> bool:
        """Tell whether it looks for the password here: it doesn't in a checkout that was moved."""
        process = self.process()
        return process is not None and process.environ().get("PGPASSFILE") == str(self._pgpass)

    def runs_as_configured_now(self) -> None:
        """Remember, by the time of the pid file, that it has taken in what its files say."""
        os.utime(self._pid_file)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerFailed: It doesn't come up; the message holds the last lines that it has logged.
        """
        if self.process() is not None:
            return
        postmaster.forget_a_dead_one(self.data)
        earlier = self.log.stat().st_size if self.log.exists() else 0
        try:
            self._pg_ctl("start", "-l", str(self.log))
        except ServerFailed:
            said = self.log.read_bytes()[earlier:].decode(errors="replace")
            raise ServerFailed(run_as.explain(f"the start of {self.folder.name}", said)) from None

    def stop(self) -> None:
        """Stop it; its clients are disconnected, its data are safe. Stopped already is fine."""
        postmaster.stop(self.data)

    def reload(self) -> None:
        """Have it read its files again; whoever connects after that finds them read."""
        postmaster.reload(self.data)

    def bootstrap(self, host: str, port: int) -> None:
        """Give the database the extension, which every member must have before it joins."""
        self._psql(host, port, "CREATE EXTENSION IF NOT EXISTS citus")

    def ask(self, query: str) -> list[str]:
        """Give the rows of one column, from where the server listens, whatever its files say."""
        # PostgreSQL's own record: pid, folder, start, port, socket, address.
        record = self._pid_file.read_text().split("\n")
        return self._psql(psql.host_of(record[5].strip()), int(record[3]), query).splitlines()

    def _psql(self, host: str, port: int, command: str) -> str:
        where = f"host={host} port={port} user={SUPERUSER} dbname={DATABASE}"
        return psql.run(self.bin / "psql", where, command, env=self._environment())

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def _conf(self) -> Path:
        return self.data / "postgresql.conf"

    @property
    def _auto(self) -> Path:
        return self.data / "postgresql.auto.conf"

    @property
    def _hba(self) -> Path:
        return self.data / "pg_hba.conf"

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


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")
