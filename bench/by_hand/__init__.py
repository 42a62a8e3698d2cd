"""A stack without Pulumi: a shell script, and what it needs of a stack that was up."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.checkout import Checkout
from bench.command import run, uninterrupted
from bench.failure import BenchFailed
from bench.statements import psql_file
from citus.platforms.local import postmaster, run_as

_SCRIPT = Path(__file__).with_name("up.sh")
_STOP_SECONDS = 30


@dataclass(frozen=True)
class Recipe:
    """What the script must make: the files it reads, by name, and whose programs it runs."""

    checkout: Checkout
    postgres_bin: Path
    files: Mapping[str, str]

    @classmethod
    def of(cls, checkout: Checkout, steps: Iterable[Mapping[str, Any]]) -> Recipe:
        """Read off a stack that is up: the same ports, the same settings, the same SQL.

        Raises:
            BenchFailed: The script's programs are missing.
        """
        if shutil.which("curl") is None:
            raise BenchFailed("the shell script needs curl: install it")
        outputs = checkout.outputs()
        password = secrets.token_hex(16)
        nodes = [("coordinator", outputs["coordinator"])]
        nodes += [(f"worker-{i}", address) for i, address in enumerate(outputs["workers"])]
        data = {name: checkout.data / name / "data" for name, _ in nodes}
        files = {f"{name}.conf": (data[name] / "postgresql.conf").read_text() for name in data}
        files["pg_hba.conf"] = (data["coordinator"] / "pg_hba.conf").read_text()
        files["nodes"] = lines((name, address.rpartition(":")[2]) for name, address in nodes)
        services = outputs["services"].items()
        files["services"] = lines((name, str(urlsplit(url).port)) for name, url in services)
        files["password"] = password + "\n"
        files["pgpass"] = f"*:*:*:postgres:{password}\n"
        files["statements.sql"] = psql_file(steps, password)
        return cls(checkout, checkout.postgres_bin, files)

    def run(self, folder: Path) -> float:
        """Run the script in *folder* and give its seconds."""
        folder.mkdir(mode=0o700)
        for name, text in self.files.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(text)
        variables = {
            "PATH": os.environ.get("PATH", os.defpath),
            "BIN": str(self.postgres_bin),
            "AS": " ".join(run_as.prefix()),
            "CHECKOUT": str(self.checkout.folder),
            "PYTHON": sys.executable,
        }
        return run(["sh", _SCRIPT], folder=folder, environment=variables).seconds


@contextmanager
def removed_at_the_end(folder: Path) -> Iterator[Path]:
    """Stop what the script has started, also where it was cut off, and remove its folder."""
    try:
        yield folder
    finally:
        with uninterrupted("cleaning up"):
            for pid_file in folder.glob("*.pid"):
                _stop(pid_file)
            for data in folder.glob("*/data"):
                postmaster.stop(data)
            shutil.rmtree(folder, ignore_errors=True)


def lines(rows: Iterable[tuple[str, str]]) -> str:
    """Write a file that the script reads word by word."""
    return "".join(f"{name} {port}\n" for name, port in rows)


def _stop(pid_file: Path) -> None:
    with suppress(psutil.Error, ValueError):
        process = psutil.Process(int(pid_file.read_text()))
        if str(pid_file) in process.cmdline():
            process.terminate()
            process.wait(_STOP_SECONDS)
