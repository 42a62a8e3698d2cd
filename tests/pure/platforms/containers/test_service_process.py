"""What a service is told and the image of a service must agree on."""

from __future__ import annotations

from pathlib import Path

import pytest

from citus.endpoint import Address, Endpoint
from citus.platforms.containers import service_process
from services.runtime import gunicorn_conf
from services.runtime.settings import Settings

pytestmark = pytest.mark.pure

SERVICES = Path(__file__).parents[4] / "services"
NAMES = sorted(app.parent.name for app in SERVICES.glob("*/app.py"))
DATABASE = Endpoint("127.0.0.1", 15432, "postgres", "user_service", "a password")


def test_a_service_reads_all_that_it_is_told(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("a password")
    told = service_process.environment(Address("pooler", 9999), DATABASE, password.as_posix())
    read = Settings.from_environment(told)
    assert (read.database_host, read.database_port) == ("pooler", 9999)
    assert (read.database_user, read.database_name) == ("user_service", "postgres")
    assert read.database_password_file == password


def test_it_is_not_told_the_password_itself() -> None:
    told = service_process.environment(Address("pooler", 9999), DATABASE, "/run/secrets/password")
    assert "a password" not in told.values()


@pytest.mark.parametrize("name", NAMES)
def test_its_image_runs_it_as_the_same_user_at_the_same_port(name: str) -> None:
    lines = (SERVICES / name / "Dockerfile").read_text().splitlines()
    assert f"USER {service_process.USER}:{service_process.USER}" in lines
    assert f"EXPOSE {service_process.PORT}" in lines


def test_it_has_more_time_to_stop_than_it_takes() -> None:
    assert gunicorn_conf.graceful_timeout < service_process.STOP_SECONDS


def test_only_ping_needs_the_kernel_to_allow_something_and_its_group_alone_may() -> None:
    asked = {name: service_process.sysctls(name) for name in NAMES}
    assert {name for name, of in asked.items() if of} == {"ping"}
    group = service_process.USER
    assert asked["ping"] == {"net.ipv4.ping_group_range": f"{group} {group}"}


def test_the_image_of_ping_has_a_ping_that_needs_no_capability() -> None:
    """`install` copies what is in a file, and no capability that it has."""
    text = (SERVICES / "ping" / "Dockerfile").read_text()
    assert "install -m 755 /usr/bin/ping /ping" in text
    assert "mv /ping /usr/bin/ping" in text
