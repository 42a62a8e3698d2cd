"""The files of one ``sql/`` folder, run in order and once, as the schema's owner.

    -- 002_emails.sql
    ALTER TABLE users ADD …;
    INSERT INTO citus_pulumi.migrations …;

A file is one transaction with its row in the ledger, a table on the coordinator. A first
line ``-- no-transaction`` opts out (``CREATE INDEX CONCURRENTLY IF NOT EXISTS``): it is in
the ledger without a checksum while it runs, and runs again from its top where it was cut
off. An index that this has left invalid is refused by its name.

The resource carries names and checksums; the text is read from the folder, where it is under
version control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from citus.database import ledger, sql_file, sql_folder, valid_indexes
from citus.database.provider import PlannedProvider
from citus.database.session import AS_LONG_AS_IT_TAKES
from citus.database.sql_file import SqlFile
from citus.database.statement import Statement, identifier
from citus.database.tracked import Observed
from citus.database.tracked_resource import TrackedResource
from citus.endpoint import Endpoint
from citus.errors import Refused

if TYPE_CHECKING:
    from citus.database.executor import Database

_IDENTITY = "; WARNING: Citus can't rewrite a table with an identity column: use BIGSERIAL"


@dataclass(frozen=True)
class MigrationsSpec:
    """A folder's files by checksum, and the schema that they are for.

    ``baseline`` is the last file that is taken for applied: its tables existed before the
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
    has_facts = False

    def plan(self, old: MigrationsSpec | None, new: MigrationsSpec | None) -> list[Statement]:
        """Make the ledger, then run each file that isn't in it."""
        if new is None:
            return []
        applied = old.files if old else {}
        sql_folder.refuse_rewritten_history(new.folder, applied, new.files)
        _refuse_baseline(old, new)
        statements = [] if old is not None and old.ledger else list(ledger.MAKE)
        for name in sql_folder.in_order(new.files):
            if name not in applied and _is_baseline(new, name):
                why, transaction = f"{name} was applied before", f"{new.schema}/baseline"
                entry = ledger.enter(new.schema, name, new.files[name], why, transaction)
                statements.append(entry)
            elif not applied.get(name):
                file = sql_folder.load(new.folder, name, new.files[name])
                statements.extend(_run(new, file, begun=name in applied))
        return statements

    def observe(
        self, database: Database, wanted: MigrationsSpec
    ) -> Observed[MigrationsSpec] | None:
        """Read the ledger; without an entry there, the schema's tables are strangers."""
        there = ledger.exists(database)
        files = ledger.files(database, wanted.schema) if there else {}
        tables = () if files else _tables(database, wanted.schema)
        return Observed(replace(wanted, files=files, ledger=there, strangers=tables))


class Migrations(TrackedResource, module="citus", name="Migrations"):
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
            files=sql_folder.checksums(folder),
            baseline=baseline,
        )
        super().__init__(MigrationsProvider(), resource_name, inputs, opts)


def _refuse_baseline(old: MigrationsSpec | None, new: MigrationsSpec) -> None:
    path = f"--path 'baseline.{new.schema}'"
    if new.baseline and new.baseline not in new.files:
        raise Refused(f"citus:baseline names {new.baseline}, which is not in {new.folder}/")
    if old and old.strangers and not new.baseline:
        raise Refused(
            f"schema {new.schema} has tables ({', '.join(old.strangers)}) that no ledger tells of; "
            "if the files up to one made them: `bin/pulumi config set "
            f"{path} {max(new.files, key=sql_folder.position, default='001_….sql')}`"
        )
    if old and new.baseline and not old.files and not old.strangers:
        raise Refused(
            f"citus:baseline names {new.baseline} for {new.schema}, which has no tables: "
            f"`bin/pulumi config rm {path}`, and its files run"
        )


def _is_baseline(new: MigrationsSpec, name: str) -> bool:
    # In a ledger that has other files, too: what a cut has left out must not run on old rows.
    return sql_folder.position(name) <= sql_folder.position(new.baseline)


def _run(new: MigrationsSpec, file: SqlFile, *, begun: bool) -> Iterator[Statement]:
    schema, name, checksum = new.schema, file.name, new.files[file.name]
    transaction = f"{schema}/{name}" if file.in_transaction else None
    if not file.in_transaction and not begun:
        yield ledger.enter(schema, name, ledger.BEGUN, f"{name} is begun")
    statements = file.statements()
    settings = _settings(new, statements)
    waits = valid_indexes.all_valid(schema) if begun else None
    for sql in statements:
        why = f"{name}{_IDENTITY if sql_file.has_identity_column(sql) else ''}"
        statement = Statement(sql, why=why, settings=settings, transaction=transaction)
        # What a cut has left is no index: IF NOT EXISTS would skip it, now or tried again.
        yield statement if transaction else replace(statement, retried=False, before=waits)
        waits = None
    if file.in_transaction:
        yield ledger.enter(schema, name, checksum, f"{name} is applied", transaction)
    else:
        yield ledger.finish(schema, name, checksum, f"{name} is applied")


def _settings(new: MigrationsSpec, statements: list[str]) -> dict[str, str]:
    settings = {"role": new.owner, "search_path": f"{identifier(new.schema)}, public"}
    if any(sql_file.setting_of(sql) == "statement_timeout" for sql in statements):
        return settings  # the file says for how long
    return {**settings, **AS_LONG_AS_IT_TAKES}


def _tables(database: Database, schema: str) -> tuple[str, ...]:
    rows = database.rows(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND relkind IN ('r', 'p', 'f') ORDER BY relname",
        schema,
    )
    return tuple(str(row[0]) for row in rows)
