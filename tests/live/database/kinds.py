"""The kinds of tracked resources, and what the table of `test_life` does with each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from citus.database.extension import ExtensionProvider, ExtensionSpec
from citus.database.membership import MembershipProvider
from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.role import RoleProvider, RoleSpec
from citus.database.schema import SchemaProvider
from citus.database.schema_plan import SchemaSpec
from citus.database.sql_folder import checksums
from tests.live.database.kind import Drift, Kind, Left, Spec
from tests.live.database.kinds_of_tables import TABLES
from tests.live.database.place import Place

PASSWORD = "the-first-Password:1"
NEXT_PASSWORD = "the-next-Password:2"

_NO_NODES = "SELECT citus_remove_node(nodename, nodeport) FROM pg_dist_node ORDER BY groupid DESC"
_NO_CITUS = "DROP EXTENSION IF EXISTS citus"
_IN_SCHEMA = """SELECT count(*), count(colocationid) > 0 FROM pg_namespace
    LEFT JOIN pg_dist_schema ON schemaid = pg_namespace.oid WHERE nspname = '{name}'"""
_NO_LEDGER = "DROP SCHEMA IF EXISTS citus_pulumi CASCADE"


def _membership(place: Place) -> Spec:
    return place.cluster.membership(*place.cluster.workers, database=place.database)


def _with_spare(place: Place, _old: Spec) -> Spec:
    workers = (*place.cluster.workers, place.cluster.spare)
    return place.cluster.membership(*workers, database=place.database)


def _of_another_group(_place: Place, old: Spec) -> Spec:
    changed = replace(old.workers["worker-1"], groupid=9)
    return replace(old, workers={**old.workers, "worker-1": changed})


def role(place: Place) -> RoleSpec:
    return RoleSpec(place.endpoint, place.name, place.cluster.members, True, -1, PASSWORD)  # noqa: FBT003


def schema(place: Place) -> SchemaSpec:
    return SchemaSpec(place.endpoint, place.name, "postgres", distributed=True)


def migrations(place: Place, **more: Any) -> MigrationsSpec:
    """Declare the files that are in the folder now."""
    folder, files = place.folder.as_posix(), checksums(place.folder)
    return MigrationsSpec(place.endpoint, place.name, "postgres", folder, files, **more)


def _two_files(place: Place) -> MigrationsSpec:
    place.by_hand("CREATE SCHEMA IF NOT EXISTS {name}")
    place.file("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);")
    place.file("002_emails.sql", "ALTER TABLE users ADD COLUMN IF NOT EXISTS email text;")
    return migrations(place)


def _third_file(place: Place, _old: Spec) -> MigrationsSpec:
    place.file("003_index.sql", "CREATE INDEX ON users (email);")
    return migrations(place)


def _edited_file(place: Place, _old: Spec) -> MigrationsSpec:
    place.file("001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text);")
    return migrations(place)


KINDS = [
    Kind(
        "extension",
        ExtensionProvider,
        steps=1,
        declare=lambda place: ExtensionSpec(place.endpoint),
        changed=lambda place, old: replace(old, version=_version(place)),
        refused=lambda _, old: replace(old, version="9.9-9"),
        refusal="in the database, but 9.9-9 is declared",
        gone=_NO_CITUS,
        nothing=_NO_CITUS,
        own_database=True,
    ),
    Kind(
        "membership",
        MembershipProvider,
        steps=5,
        declare=_membership,
        changed=_with_spare,
        refused=_of_another_group,
        refusal="a node keeps its group",
        drifts={
            "coordinator": Drift("coordinator", "SELECT citus_set_coordinator_host('localhost')"),
            "workers": Drift(
                "workers",
                "SELECT citus_remove_node(nodename, nodeport) FROM pg_dist_node WHERE groupid = 2",
            ),
            "may hold no shards": Drift(
                "workers",
                "SELECT citus_set_node_property(nodename, nodeport, 'shouldhaveshards', false)"
                " FROM pg_dist_node WHERE groupid = 2",
            ),
        },
        gone=_NO_NODES,
        nothing=f"CREATE EXTENSION IF NOT EXISTS citus; {_NO_NODES}",
        own_database=True,
    ),
    Kind(
        "role",
        RoleProvider,
        steps=4,
        declare=role,
        changed=lambda _, old: replace(old, connection_limit=7, password=NEXT_PASSWORD),
        refused=lambda _, old: replace(old, name=f"{old.name}_renamed"),
        refusal="can't be renamed",
        drifts={
            "login": Drift("login", "ALTER ROLE {name} NOLOGIN"),
            "connection_limit": Drift("connection_limit", "ALTER ROLE {name} CONNECTION LIMIT 3"),
            "password": Drift("password", "ALTER ROLE {name} PASSWORD 'another'"),
            "authinfo gone on a node": Drift(
                "nodes", "DELETE FROM pg_dist_authinfo WHERE rolename = '{name}'", on_worker=True
            ),
            "authinfo old on a node": Drift(
                "nodes",
                "UPDATE pg_dist_authinfo SET authinfo = 'password=old' WHERE rolename = '{name}'",
                on_worker=True,
            ),
        },
        gone="DROP ROLE {name}",
        left={
            "retain": Left("SELECT count(*) FROM pg_roles WHERE rolname = '{name}'", (1,)),
            "drop": Left("SELECT count(*) FROM pg_roles WHERE rolname = '{name}'", (0,)),
        },
    ),
    Kind(
        "schema",
        SchemaProvider,
        steps=2,
        declare=schema,
        changed=lambda _, old: replace(old, distributed=False),
        refused=lambda _, old: replace(old, distributed=False, node="127.0.0.1:1"),
        refusal="has a node, 127.0.0.1:1, but is not distributed",
        drifts={
            "owner": Drift("owner", "CREATE ROLE {name}; ALTER SCHEMA {name} OWNER TO {name}"),
            "distributed": Drift("distributed", "SELECT citus_schema_undistribute('{name}')"),
        },
        gone="DROP SCHEMA {name}",
        left={
            "retain": Left(_IN_SCHEMA, (1, True)),
            "undistribute": Left(_IN_SCHEMA, (1, False)),
            "drop": Left(_IN_SCHEMA, (0, False)),
        },
    ),
    Kind(
        "migrations",
        MigrationsProvider,
        steps=6,
        declare=_two_files,
        changed=_third_file,
        refused=_edited_file,
        refusal="001_users.sql was applied and has been edited since",
        drifts={
            "files": Drift(
                "files",
                "DELETE FROM citus_pulumi.migrations"
                " WHERE schema_name = '{name}' AND file = '002_emails.sql'",
            )
        },
        nothing=_NO_LEDGER,
    ),
    *TABLES,
]


def _version(place: Place) -> str:
    return str(place.by_hand("SELECT extversion FROM pg_extension WHERE extname = 'citus'")[0][0])
