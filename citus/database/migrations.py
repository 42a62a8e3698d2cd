"""The files of one ``sql/`` folder, run in order and once, as the schema's owner.

    -- 002_emails.sql
    ALTER TABLE users ADD …;
    INSERT INTO citus_pulumi.migrations …;

A file is one transaction with its row in the ledger. A first line ``-- no-transaction`` opts
out (``CREATE INDEX CONCURRENTLY IF NOT EXISTS``): it is in the ledger without a checksum while
it runs, and runs again from its top where it was cut off, once no index is left invalid that
``IF NOT EXISTS`` would skip. The resource carries names and checksums; the text is read from
the folder, where it is under version control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from citus.database import ledger, sql_file, sql_folder
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
            if not applied and sql_folder.position(name) <= sql_folder.position(new.baseline):
                # All or none: with some of them in the ledger, the others would run.
                why, whole = f"{name} was applied before", f"{new.schema}, the baseline"
                statements.append(ledger.enter(new.schema, name, new.files[name], why, whole))
            elif not applied.get(name):
                file = sql_folder.load(new.folder, name, new.files[name])
                statements.extend(_run(new, file, begun=name in applied))
        return statements

    def prepare(self, database: Database, found: MigrationsSpec, new: MigrationsSpec) -> None:
        """Refuse to go on after an index whose making was cut off."""
        super().prepare(database, found, new)
        if ledger.BEGUN in found.files.values():
            _refuse_invalid_indexes(database, new)

    def observe(
        self, database: Database, wanted: MigrationsSpec
    ) -> Observed[MigrationsSpec] | None:
        """Read the ledger; without an entry there, the schema's tables are strangers."""
        exists, files = ledger.files(database, wanted.schema)
        tables = () if files else _tables(database, wanted.schema)
        return Observed(replace(wanted, files=files, ledger=exists, strangers=tables))


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


def _refuse_invalid_indexes(database: Database, new: MigrationsSpec) -> None:
    rows = database.rows(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON oid = indexrelid"
        " WHERE relnamespace = to_regnamespace(%s) AND NOT indisvalid ORDER BY 1",
        identifier(new.schema),
    )
    if rows:
        names = ", ".join(str(row[0]) for row in rows)
        raise Refused(
            f"{names}: not valid, since its making was cut off, and IF NOT EXISTS would leave it "
            f"so: `DROP INDEX CONCURRENTLY IF EXISTS {names}` by `make psql`, then run this again"
        )


def _run(new: MigrationsSpec, file: SqlFile, *, begun: bool) -> Iterator[Statement]:
    transaction = f"{new.schema}/{file.name}" if file.in_transaction else None
    if not file.in_transaction and not begun:
        yield ledger.enter(new.schema, file.name, ledger.BEGUN, f"{file.name} is begun")
    path = f"{identifier(new.schema)}, public"
    settings = {**AS_LONG_AS_IT_TAKES, "role": new.owner, "search_path": path}
    for sql in file.statements():
        why = f"{file.name}{_IDENTITY if sql_file.has_identity_column(sql) else ''}"
        yield Statement(
            sql,
            why=why,
            settings=settings,
            transaction=transaction,
            # What has failed without one has left something behind.
            retried=file.in_transaction,
        )
    record = ledger.enter if file.in_transaction else ledger.finish
    checksum, why = new.files[file.name], f"{file.name} is applied"
    yield record(new.schema, file.name, checksum, why, transaction)


def _tables(database: Database, schema: str) -> tuple[str, ...]:
    rows = database.rows(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND relkind IN ('r', 'p', 'f') ORDER BY relname",
        schema,
    )
    return tuple(str(row[0]) for row in rows)
