"""What a PostgreSQL server of this machine refuses: each in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import socket
from dataclasses import replace

import pytest

from citus.errors import Refused, ServerFailed
from citus.platforms.local.server_spec import PostgresServerSpec
from tests.live.declared import Declared, RefusedInPreview
from tests.live.platforms.conftest import PASSWORD, query, with_settings

pytestmark = [pytest.mark.live, pytest.mark.one_engine]


def test_a_port_that_another_process_has_is_refused_by_process_and_key(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    with (
        socket.create_server((declared.host, declared.port)),
        pytest.raises(RefusedInPreview) as refused,
    ):
        resource.preview(declared)
    said = str(refused.value)
    assert said.startswith(f"the port {declared.port} of worker-7 is in use by ")
    assert f"(process {os.getpid()})" in said
    assert "config set basePort" in said
    assert "\n" not in said
    resource.up(declared)
    assert resource.changes(with_settings(declared, {"max_connections": "42"}))


def test_data_of_another_major_version_are_refused(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    declared.server.stop()
    (declared.server.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(RefusedInPreview, match=r"^the data of worker-7 were made by PostgreSQL 11"):
        resource.preview(declared)


def test_data_that_are_gone_are_not_made_anew(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    declared.server.stop()
    shutil.rmtree(declared.server.data)
    with pytest.raises(Refused, match=r"^the data of worker-7 are gone \(.*/data\), though"):
        resource.refresh()
    assert not declared.server.data.exists()


def test_a_server_that_does_not_come_up_shows_the_end_of_its_log(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    bad = with_settings(declared, {"superuser_reserved_connections": "1000"})
    with pytest.raises(ServerFailed) as failed:
        resource.up(bad)
    said = str(failed.value)
    assert said.startswith("the start of worker-7 failed:\n")
    assert re.search(r'superuser_reserved_connections"? \(1000\).* must be less than', said)
    assert len(said.splitlines()) <= 11
    assert PASSWORD not in said
    resource.up(declared)
    assert query(declared, "SELECT 1") == [(1,)]


def test_a_new_password_of_the_superuser_is_refused_without_showing_it(
    resource: Declared, declared: PostgresServerSpec
) -> None:
    resource.up(declared)
    with pytest.raises(RefusedInPreview, match="superuser's password can't be changed") as refused:
        resource.preview(replace(declared, password="another-one"))
    assert "another-one" not in str(refused.value)
