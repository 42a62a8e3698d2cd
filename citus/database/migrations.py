"""The files of one ``sql/`` folder, run in order and once, as the schema's owner.

    -- 002_emails.sql
    ALTER TABLE users ADD …;
    INSERT INTO citus_pulumi.migrations …;

A file is one transaction with its row in the ledger, a table on the coordinator. A first
line ``-- no-transaction`` opts out (``CREATE INDEX CONCURRENTLY``). The resource carries
names and checksums; the text is read from the folder, where it is under version control.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi
from pulumi.dynamic import Resource

from citus.database import sql_file
from citus.database.executor import Database
from citus.database.provider import Observed, PlannedProvider
from citus.database.sql_file import SqlFile
from citus.database.statement import Statement, identifier
from citus.endpoint import Endpoint
from citus.errors import ConfigError, Refused
from citus.properties import encode

_LEDGER = [
    Statement("CREATE SCHEMA IF NOT EXISTS citus_pulumi", why="holds the ledger of files"),
    Statement(
        "CREATE TABLE IF NOT EXISTS citus_pulumi.migrations (schema_name text NOT NULL, "
        "file text NOT NULL, checksum text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (schema_name, file))",
        why="the ledger of files, on the coordinator",
    ),
]
_ENTER = (
    "INSERT INTO citus_pulumi.migrations (schema_name, file, checksum) "
    "VALUES ({schema}, {file}, {checksum})"
)
_FILE_NAME = re.compile(r"\d{3,}_.+\.sql")


@dataclass(frozen=True)
class MigrationsSpec:
    """A folder's files by checksum, and the schema that they are for.

    ``baseline`` is the last file that is taken for applied where tables exist without a
    ledger. ``ledger`` and ``strangers`` are observed: whether the ledger exists, and the
    tables that it doesn't know of.
    """

    endpoint: Endpoint
    schema: str
    owner: str
    folder: str
    files: Mapping[str, str]
    baseline: str = ""
    ledger: bool = True
    strangers: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name it in a sentence."""
        return f"migrations of {self.schema}"


class MigrationsProvider(PlannedProvider[MigrationsSpec]):
    """Runs new files; an applied file that is edited, gone or overtaken is refused by name."""

    spec = MigrationsSpec

    def plan(self, old: MigrationsSpec | None, new: MigrationsSpec) -> list[Statement]:
        """Make the ledger, then run each file that isn't in it."""
        applied = old.files if old else {}
        _refuse_what_cannot_be(applied, new)
        if old is not None:
            _refuse_baseline(old, new)
        baseline = [] if applied else [f for f in _ordered(new.files) if f <= new.baseline]
        statements = [] if old is not None and old.ledger else list(_LEDGER)
        for name in _ordered(new.files):
            if name in baseline:
                statements.append(_enter(new, name, f"{name} was applied before", None))
            elif name not in applied:
                statements.extend(_run(new, _checked(new, name)))
        return statements

    def observe(
        self, database: Database, wanted: MigrationsSpec
    ) -> Observed[MigrationsSpec] | None:
        """Read the ledger; without an entry there, the schema's tables are strangers."""
        ledger = database.rows("SELECT to_regclass('citus_pulumi.migrations') IS NOT NULL")[0][0]
        files: dict[str, str] = {}
        if ledger:
            query = "SELECT file, checksum FROM citus_pulumi.migrations WHERE schema_name = %s"
            files = dict(database.rows(query, wanted.schema))
        tables = () if files else _tables(database, wanted.schema)
        return Observed(replace(wanted, files=files, ledger=ledger, strangers=tables))


class Migrations(Resource, module="citus", name="Migrations"):
    """One folder of SQL files, applied to one schema."""

    schema: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Endpoint,
        schema: str,
        owner: str,
        folder: Path,
        baseline: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = MigrationsSpec(
            endpoint=endpoint,
            schema=schema,
            owner=owner,
            folder=folder.as_posix(),
            files=_checksums(folder),
            baseline=baseline,
        )
        super().__init__(MigrationsProvider(), resource_name, encode(inputs), opts)


def _checksums(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}/ is missing: it holds the SQL files of the service's tables")
    return {path.name: sql_file.read(path).checksum for path in sorted(folder.glob("*.sql"))}


def _ordered(files: Mapping[str, str]) -> list[str]:
    return sorted(files)


def _refuse_what_cannot_be(applied: Mapping[str, str], new: MigrationsSpec) -> None:
    for name in new.files:
        if not _FILE_NAME.fullmatch(name):
            raise _refused(new, name, "needs a name such as 001_users.sql")
    for name, checksum in applied.items():
        if name not in new.files:
            raise _refused(new, name, "was applied and is gone: put it back")
        if new.files[name] != checksum:
            raise _refused(new, name, "was applied and has been edited since: undo the edit, "
                           "write what is to change into a new file")  # fmt: skip
    overtaken = [n for n in new.files if n not in applied and applied and n < max(applied)]
    for name in overtaken:
        raise _refused(new, name, f"is new but comes before {max(applied)}, which was applied: "
                       "give it a higher number")  # fmt: skip


def _refuse_baseline(old: MigrationsSpec, new: MigrationsSpec) -> None:
    if old.strangers and not new.baseline:
        raise Refused(
            f"schema {new.schema} has tables ({', '.join(old.strangers)}) that no ledger tells of; "
            f"if the files up to one made them: `bin/pulumi config set --path "
            f"'baseline.{new.schema}' {max(new.files, default='001_….sql')}`",
        )
    if new.baseline and not old.files and not old.strangers:
        raise Refused(
            f"citus:baseline names {new.baseline} for {new.schema}, which has no tables: "
            f"`bin/pulumi config rm --path 'baseline.{new.schema}'`, and its files run",
        )


def _refused(new: MigrationsSpec, name: str, why: str) -> Refused:
    return Refused(f"{new.folder}/{name} {why}")


def _checked(new: MigrationsSpec, name: str) -> SqlFile:
    file = sql_file.read(Path(new.folder, name))
    if file.checksum != new.files[name]:
        raise _refused(new, name, "was edited while it was read: run it again")
    return file


def _run(new: MigrationsSpec, file: SqlFile) -> Iterator[Statement]:
    transaction = f"{new.schema}/{file.name}" if file.in_transaction else None
    path = f"{identifier(new.schema)}, public"
    for sql in file.statements():
        yield Statement(
            sql,
            why=file.name,
            settings={"role": new.owner, "search_path": path},
            transaction=transaction,
        )
    yield _enter(new, file.name, f"{file.name} is applied", transaction)


def _enter(new: MigrationsSpec, name: str, why: str, transaction: str | None) -> Statement:
    values = {"schema": new.schema, "file": name, "checksum": new.files[name]}
    return Statement(_ENTER, values, why, transaction=transaction)


def _tables(database: Database, schema: str) -> tuple[str, ...]:
    rows = database.rows(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND relkind IN ('r', 'p', 'f') ORDER BY relname",
        schema,
    )
    return tuple(str(row[0]) for row in rows)
