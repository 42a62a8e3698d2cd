"""A service of this machine: it is up when `create` returns, and comes back when it is not."""

from __future__ import annotations

import gc
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from citus.database.migrations import MigrationsProvider, MigrationsSpec
from citus.database.role import RoleProvider, RoleSpec
from citus.database.schema import SchemaProvider
from citus.database.schema_plan import SchemaSpec
from citus.database.sql_folder import checksums
from citus.errors import ServerFailed
from citus.platforms.local import service as service_module
from citus.platforms.local.service_process import ServiceProcessProvider, ServiceProcessSpec
from tests.live.cluster import HOST, Cluster, free_ports
from tests.live.declared import Declared, RefusedInPreview
from tests.live.platforms.conftest import kill, lives

pytestmark = [
    pytest.mark.live,
    pytest.mark.one_engine,
    # A service is meant to outlive whoever started it.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

ROOT = Path(__file__).parents[3]
NAME = "user_service"
PASSWORD = "a-service's:password"


@pytest.fixture(scope="module")
def role(cluster: Cluster) -> RoleSpec:
    """Make the role, the schema and the table of the user service."""
    role = RoleSpec(cluster.endpoint(), NAME, cluster.members, True, -1, PASSWORD)  # noqa: FBT003
    folder = ROOT / "sql" / NAME
    Declared(RoleProvider()).up(role)
    Declared(SchemaProvider()).up(SchemaSpec(cluster.endpoint(), NAME, NAME, distributed=True))
    files = checksums(folder)
    migrations = MigrationsSpec(cluster.endpoint(), NAME, NAME, folder.as_posix(), files)
    Declared(MigrationsProvider()).up(migrations)
    return role


@pytest.fixture
def declared(
    role: RoleSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ServiceProcessSpec]:
    """Declare the service; what runs of it after the test is stopped."""
    monkeypatch.chdir(ROOT)
    database = {"HOST": HOST, "PORT": role.endpoint.port, "NAME": "postgres", "USER": NAME}
    spec = ServiceProcessSpec(
        name="user",
        folder=(tmp_path / "user").as_posix(),
        host=HOST,
        port=free_ports(1)[0],
        environment={f"DATABASE_{key}": str(value) for key, value in database.items()},
        source={"app.py": "1"},
        password=PASSWORD,
        running=True,
    )
    yield spec
    spec.service.stop()
    gc.collect()  # while the warning of a process that was let go is still ignored


@pytest.fixture
def resource() -> Declared:
    """Give a service that no `up` has started yet."""
    return Declared(ServiceProcessProvider())


def answers(spec: ServiceProcessSpec) -> bool:
    with urllib.request.urlopen(f"http://{spec.host}:{spec.port}/users", timeout=5) as answer:
        return bool(answer.status == 200)


def process(spec: ServiceProcessSpec) -> psutil.Process:
    found = spec.service.process()
    assert found
    return found


def test_a_service_answers_when_create_returns_and_create_again_starts_it_anew(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    resource.up(declared)
    assert answers(declared)
    first = process(declared).pid
    Declared(resource.provider).up(declared)
    assert answers(declared)
    assert process(declared).pid != first
    assert not lives(first)
    resource.refresh()
    assert not resource.changes(declared)


def test_a_killed_service_is_seen_and_comes_back(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    resource.up(declared)
    for killed in declared.service.processes():
        kill(killed)
    resource.refresh()
    assert resource.inputs["running"] is False
    assert resource.changes(declared)
    resource.up(declared)
    assert answers(declared)
    temporary = Path(declared.folder) / "tmp"
    assert len(list(temporary.glob("metrics-*"))) == 1  # nothing is left of the killed one


def test_a_changed_source_file_is_a_change_and_restarts_it(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    resource.up(declared)
    first = process(declared).pid
    changed = replace(declared, source={"app.py": "2"})
    assert resource.changes(changed)
    resource.up(changed)
    assert process(declared).pid != first
    assert answers(declared)


def test_a_changed_password_restarts_it_with_the_new_one(
    resource: Declared, declared: ServiceProcessSpec, role: RoleSpec
) -> None:
    resource.up(declared)
    tracked = Declared(RoleProvider())
    tracked.up(role)
    tracked.up(replace(role, password="the-next-one"))
    try:
        resource.up(replace(declared, password="the-next-one"))
        assert answers(declared)
        secret = Path(declared.folder, "password")
        assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("the-next-one", 0o600)
    finally:
        tracked.up(role)


def test_its_command_line_and_environment_have_no_password(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    resource.up(declared)
    master = process(declared)
    for member in (master, *master.children(recursive=True)):
        assert PASSWORD not in " ".join((*member.cmdline(), *member.environ().values()))
    assert PASSWORD not in Path(declared.folder, "log").read_text()


def test_a_service_that_cannot_reach_its_database_says_so_within_its_limit(
    resource: Declared, declared: ServiceProcessSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_START_SECONDS", 2)
    nowhere = {**declared.environment, "DATABASE_PORT": str(free_ports(1)[0])}
    began = time.monotonic()
    with pytest.raises(ServerFailed) as failed:
        resource.up(replace(declared, environment=nowhere))
    assert time.monotonic() - began < 12
    said = str(failed.value)
    assert said.startswith("service user is not ready after 2 s; its log:\n")
    assert nowhere["DATABASE_PORT"] in said
    assert len(said.splitlines()) <= 11
    assert declared.service.process() is None
    resource.up(declared)
    assert answers(declared)


def test_a_service_that_ends_at_once_shows_its_log(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    unset = {**declared.environment, "DATABASE_PORT": "none"}
    with pytest.raises(ServerFailed, match=r"^service user ended at once; its log:\n") as failed:
        resource.up(replace(declared, environment=unset))
    assert "DATABASE_PORT is 'none', but must be a whole number" in str(failed.value)


def test_a_port_that_another_process_has_is_refused_by_process_and_key(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    with (
        socket.create_server((declared.host, declared.port)),
        pytest.raises(RefusedInPreview, match="config set serviceBasePort") as refused,
    ):
        resource.preview(declared)
    assert f"(process {os.getpid()})" in str(refused.value)


def test_delete_stops_it_and_removes_its_folder(
    resource: Declared, declared: ServiceProcessSpec
) -> None:
    resource.up(declared)
    first = process(declared).pid
    resource.delete()
    assert not lives(first)
    assert not Path(declared.folder).exists()
