"""The cluster that the bench's programs declare on, and how each reaches it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from bench.checkout import Checkout
from bench.command import run
from bench.programs.graph import PREFIX

_ROLES = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)"
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
_AUTHINFO = (
    "SELECT run_command_on_all_nodes("
    "$$DELETE FROM pg_dist_authinfo WHERE starts_with(rolename, '{prefix}')$$)"
)


@dataclass(frozen=True)
class Target:
    """A coordinator by its URL, its nodes, and the psql that fits."""

    url: str
    nodes: tuple[str, ...]
    psql: Path
    role_password: str = "0123456789abcdef"  # noqa: S105 - of roles that live for minutes

    @classmethod
    def of(cls, checkout: Checkout) -> Target:
        """Read it off a stack that is up."""
        outputs = checkout.outputs()
        nodes = (str(outputs["coordinator"]), *map(str, outputs["workers"]))
        return cls(str(outputs["adminUrl"]), nodes, checkout.postgres_bin / "psql")

    def settings(self, resources: int) -> dict[str, object]:
        """Give the configuration of the programs."""
        url = urlsplit(self.url)
        return {
            "bench:resources": resources,
            "bench:nodes": " ".join(self.nodes),
            "bench:database": url.path.lstrip("/"),
            "bench:user": unquote(url.username or ""),
            "bench:password": unquote(url.password or ""),
            "bench:rolePassword": self.role_password,
        }

    def run(self, file: Path) -> float:
        """Run a file of statements by one psql, and give its seconds."""
        url = urlsplit(self.url)
        database = url.path.lstrip("/")
        where = f"host={url.hostname} port={url.port} user={url.username} dbname={database}"
        flags = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull)
        path = os.environ.get("PATH", os.defpath)
        environment = {"PATH": path, "PGPASSWORD": unquote(url.password or "")}
        line = [str(self.psql), *flags, "-f", str(file), where]
        return run(line, folder=file.parent, environment=environment).seconds

    def clean(self) -> None:
        """Drop what the programs and the file have made."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET client_min_messages = warning")
            schemas = connection.execute(_SCHEMAS, (PREFIX,)).fetchall()
            roles = connection.execute(_ROLES, (PREFIX,)).fetchall()
            for (name,) in schemas:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
            for (name,) in roles:
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL(_AUTHINFO.format(prefix=PREFIX)))
