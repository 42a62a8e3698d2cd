"""A stack of the real program, in a copy of the checkout, by the real commands."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import yaml  # type: ignore[import-untyped]

from citus.process import ends_within

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    *("bin", "citus", "services", "sql", "tools"),
    *("Makefile", "Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "requirements.txt"),
)
TEN_USERS = [{"name": f"user {i}", "email": f"user{i}@example.com"} for i in range(10)]
NODES = 8  # ports for that many nodes are kept free, and one for each service
SERVICES = ("user", "time", "ping")
_NOT_ITS_OWN = ("PULUMI_", "MAKE", "MFLAGS", "ARGS", "YES")  # of whoever runs the tests by `make`


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    text: str
    code: int

    @property
    def errors(self) -> list[str]:
        """The lines that say what went wrong."""
        return [line.strip() for line in self.text.splitlines() if "error: " in line]


class Stack:
    """A copy of the checkout with a stack on ports of its own.

    Its file is a copy of that of the stack *like*, under its own name.
    """

    def __init__(
        self,
        folder: Path,
        postgres_bin: str,
        *,
        name: str = "dev",
        like: str = "dev",
        **declared: object,
    ) -> None:
        self.folder = folder
        self.name = name
        self.patience = 240  # seconds for a command
        self.base_port = _free_ports(NODES + len(SERVICES))
        self.service_port = self.base_port + NODES
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_ITS_OWN)}
        if name != "dev":  # which `make` takes by default
            self.environment["STACK"] = name
        for part in COPIED:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        shutil.copy(ROOT / f"Pulumi.{like}.yaml", self._file)
        shutil.copy(ROOT / ".gitignore", folder)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / ".gitignore").write_text((ROOT / ".gitignore").read_text() + "/.venv\n")
        ports = {"basePort": str(self.base_port), "serviceBasePort": str(self.service_port)}
        self.declare(**ports, postgresBin=postgres_bin, **declared)
        self.run("git", "init", "-q")
        self.run("git", "add", "-A")
        author = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        self.run("git", *author, "commit", "-qm", "a clean checkout")
        self.first_preview: list[str] = []
        self.first_up = ""
        self.first_shards: list[tuple[Any, ...]] = []

    def run(self, *command: str, check: bool = True) -> Ran:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=self.patience,
        )
        assert not check or done.returncode == 0, done.stdout
        return Ran(done.stdout, done.returncode)

    def make(self, target: str, *, check: bool = True) -> Ran:
        return self.run("make", target, check=check)

    def pulumi(self, *arguments: str, check: bool = True) -> Ran:
        return self.run("bin/pulumi", "--stack", self.name, *arguments, check=check)

    def apply(self) -> None:
        """Put something in place, or back: as `make up`, but without a preview that binds it."""
        self.pulumi("up", "--yes", "--skip-preview")

    def config(self, key: str, value: str) -> None:
        self.pulumi("config", "set", key, "--", value)

    def declare(self, **values: object) -> None:
        """Write settings into the stack's file, as a user does by an editor."""
        content = yaml.safe_load(self._file.read_text())
        for key, value in values.items():
            content["config"].pop(f"citus:{key}", None)
            if value is not None:
                content["config"][f"citus:{key}"] = value
        self._file.write_text(yaml.safe_dump(content, sort_keys=False))

    def unset(self, key: str) -> None:
        self.pulumi("config", "rm", key)

    def outputs(self) -> dict[str, Any]:
        text = self.pulumi("stack", "output", "--json", "--show-secrets").text
        return dict(json.loads(text[text.index("{") :]))

    def planned_sql(self) -> list[str]:
        """Give the SQL that a preview shows, in its order."""
        preview = self.pulumi("preview", "--json")
        steps = json.loads(preview.text[preview.text.index("{") :])["steps"]
        found = []
        for step in steps:
            if step["op"] in ("create", "update"):
                found += step["newState"].get("inputs", {}).get("planned_sql", [])
        return found

    def start(self, target: str) -> subprocess.Popen[str]:
        """Begin a command in a process group of its own, to be killed by the test."""
        return subprocess.Popen(
            ["make", target],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def connection(self, *, node: int = 0, role: str = "postgres") -> psycopg.Connection[Any]:
        password = (self.folder / ".local" / self.name / "passwords" / role).read_text()
        where = f"host=127.0.0.1 port={self.base_port + node} dbname=postgres user={role}"
        writable = "-c default_transaction_read_only=off"
        return psycopg.connect(where, password=password, options=writable, autocommit=True)

    def sql(self, query: str, *, node: int = 0, role: str = "postgres") -> list[tuple[Any, ...]]:
        with self.connection(node=node, role=role) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def users(self) -> list[dict[str, Any]]:
        return list(self.request("GET", "/users"))

    def request(self, method: str, path: str, body: object = None, service: str = "user") -> Any:
        port = self.service_port + SERVICES.index(service)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def pids(self, text: str) -> list[int]:
        """Find this stack's processes whose command line has *text*."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or [])
            if text in line and str(self.folder) in line:
                found.append(process.pid)
        return found

    def at_work(self, text: str) -> list[int]:
        """Find the processes in this stack's folder whose command line has *text*, shells apart."""
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            line = " ".join(process.info["cmdline"] or [])
            here = process.info["cwd"] == str(self.folder)
            if here and text in line and "sh " not in line[:12]:
                found.append(process.pid)
        return found

    def kill(self, node: str) -> None:
        """End a server as a crash does."""
        pid_file = self.folder / ".local" / self.name / node / "data/postmaster.pid"
        pid = int(pid_file.read_text().split("\n")[0])
        process = psutil.Process(pid)
        os.kill(pid, signal.SIGKILL)
        assert ends_within(10, process)

    def changed_files(self) -> str:
        return self.run("git", "status", "--porcelain").text

    @property
    def _file(self) -> Path:
        return self.folder / f"Pulumi.{self.name}.yaml"


def _free_ports(count: int) -> int:
    """Find a run of ports that nothing listens on."""
    # Each process of a parallel run looks in a range of its own, below those of the system.
    lane = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    for base in range(20000 + lane * 3000, 23000 + lane * 3000, count):
        sockets = [socket.socket() for _ in range(count)]
        try:
            for index, free in enumerate(sockets):
                free.bind(("127.0.0.1", base + index))
        except OSError:
            continue
        else:
            return base
        finally:
            for free in sockets:
                free.close()
    raise AssertionError("no free ports")
