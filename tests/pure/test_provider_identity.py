"""Module and class names of providers stand in the state of every stack: they are permanent."""

from __future__ import annotations

import base64
import importlib
import json
import pickletools
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi.dynamic import Resource
from pulumi.dynamic.dynamic import serialize_provider

from citus.dynamic import DeclaredProvider

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[2]
# Never change a line of it: where a class moves, leave a re-export at the old place.
RELEASED = [
    ("citus.database.distributed_table", "DistributedTableProvider", "DistributedTable"),
    ("citus.database.extension", "ExtensionProvider", "Extension"),
    ("citus.database.membership", "MembershipProvider", "Membership"),
    ("citus.database.migrations", "MigrationsProvider", "Migrations"),
    ("citus.database.password", "PasswordProvider", "Password"),
    ("citus.database.placements", "PlacementsProvider", "Placements"),
    ("citus.database.rebalance", "RebalanceProvider", "Rebalance"),
    ("citus.database.reference_table", "ReferenceTableProvider", "ReferenceTable"),
    ("citus.database.role", "RoleProvider", "Role"),
    ("citus.database.schema", "SchemaProvider", "Schema"),
    ("citus.platforms.local.data_root", "DataRootProvider", "DataRoot"),
    ("citus.platforms.local.postgres_server", "PostgresServerProvider", "PostgresServer"),
    ("citus.platforms.local.service_process", "ServiceProcessProvider", "ServiceProcess"),
    ("citus.platforms.record", "PlatformRecordProvider", "PlatformRecord"),
    ("citus.platforms.kubernetes.certificate", "CertificateProvider", "Certificate"),
    (
        "citus.platforms.kubernetes.certificate_authority",
        "AuthorityCertificateProvider",
        "AuthorityCertificate",
    ),
    ("citus.platforms.kubernetes.certificate_authority", "AuthorityKeyProvider", "AuthorityKey"),
    ("citus.platforms.kubernetes.cluster_record", "ClusterRecordProvider", "ClusterRecord"),
]
released = pytest.mark.parametrize(("module", "name", "kind"), RELEASED)
# Runs in a fresh interpreter; Pulumi's own imports come first and are not what is asked.
IMPORT_ALL = """
import importlib, json, sys, threading
import pulumi.dynamic, psutil, psycopg, sqlglot, tenacity
seen = []
def hook(event, args):
    writes = event == "open" and args[1] is not None and set(str(args[1])) & set("wax+")
    if writes or event in {"subprocess.Popen", "os.system", "os.mkdir", "socket.connect"}:
        seen.append([event, str(args[0])])
sys.dont_write_bytecode = True
sys.addaudithook(hook)
for module in json.loads(sys.argv[1]):
    importlib.import_module(module)
print(json.dumps([seen, threading.active_count()]))
"""


def pickled(module: str, name: str) -> bytes:
    provider = getattr(importlib.import_module(module), name)()
    return base64.b64decode(serialize_provider(provider))


@released
def test_a_state_finds_its_provider(module: str, name: str, kind: str) -> None:
    strings = [arg for op, arg, _ in pickletools.genops(pickled(module, name)) if "UNI" in op.name]
    assert strings == [module, name]
    assert kind


@released
def test_a_provider_is_a_reference_without_attributes(module: str, name: str, kind: str) -> None:
    operations = {op.name for op, _, _ in pickletools.genops(pickled(module, name))}
    assert "STACK_GLOBAL" in operations
    assert not operations & {"BUILD", "SETITEMS", "SETITEM", "REDUCE"}
    assert len(pickled(module, name)) < 120
    assert kind


@released
def test_a_kind_has_its_type(module: str, name: str, kind: str) -> None:
    resource = getattr(importlib.import_module(module), kind)
    assert resource._resource_type_name == f"dynamic/citus:{kind}"
    assert name == f"{kind}Provider"


def test_every_provider_and_kind_is_in_the_list() -> None:
    for path in (ROOT / "citus").rglob("*.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert _names(DeclaredProvider) == {(module, name) for module, name, _ in RELEASED}
    assert _names(Resource) == {(module, kind) for module, _, kind in RELEASED}


def test_importing_a_providers_module_does_nothing() -> None:
    modules = json.dumps([module for module, _, _ in RELEASED])
    line = [sys.executable, "-c", IMPORT_ALL, modules]
    answer = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == [[], 1]


def _names(base: type) -> set[tuple[str, str]]:
    """Give the classes of this program that are final, below a class of any place."""
    found: set[tuple[str, str]] = set()
    cls: type
    for cls in base.__subclasses__():
        found |= _names(cls)
        if cls.__module__.startswith("citus.") and not cls.__subclasses__():
            found.add((cls.__module__, cls.__name__))
    return found
