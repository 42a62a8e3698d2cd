"""What somebody meets who types `make up` for the first time."""

from __future__ import annotations

import re
import shutil
import urllib.error

import pytest

from tests.up.stack import SERVICES, TEN_USERS, Stack

pytestmark = pytest.mark.up


def test_the_first_preview_shows_all_sql(stack: Stack) -> None:
    """No server runs yet and no password is known; no statement is withheld for that."""
    statements = [statement.split(" -- ")[0] for statement in stack.first_preview]
    port = stack.base_port
    assert statements[:5] == [
        "CREATE EXTENSION citus",
        f"SELECT citus_set_coordinator_host('127.0.0.1', {port})",
        f"SELECT citus_add_node('127.0.0.1', {port + 1}, groupid := 1)",
        f"SELECT citus_add_node('127.0.0.1', {port + 2}, groupid := 2)",
        f"SELECT citus_add_node('127.0.0.1', {port + 3}, groupid := 3)",
    ]
    rest = "\n".join(statements[5:])
    for sql in (
        "CREATE ROLE user_service",
        "ALTER ROLE user_service LOGIN PASSWORD '********' CONNECTION LIMIT -1",
        "authinfo) SELECT 0, ''user_service'', ''password=********'' FROM quiet",
        "CREATE SCHEMA user_service AUTHORIZATION user_service",
        "SELECT citus_schema_distribute('user_service')",
        "CREATE TABLE users (",
        "INSERT INTO citus_pulumi.migrations (schema_id, schema_name, file, checksum) VALUES",
    ):
        assert sql in rest


def test_the_outputs_are_those_of_a_cluster(stack: Stack, engine: str) -> None:
    outputs = stack.outputs()
    port = stack.base_port
    assert outputs["coordinator"] == f"127.0.0.1:{port}"
    assert outputs["workers"][:3] == [f"127.0.0.1:{port + 1 + i}" for i in range(3)]
    names = [f"{service}_service" for service in SERVICES]
    assert [(s["name"], s["owner"]) for s in outputs["schemas"]] == [(n, n) for n in names]
    assert outputs["services"] == {
        name: f"http://127.0.0.1:{stack.service_port + i}" for i, name in enumerate(SERVICES)
    }
    assert sorted(table for node in outputs["shards"].values() for table in node) == [
        "ping_service.ping_results",
        "time_service.query_details",
        "user_service.users",
    ]
    assert outputs["adminUrl"].startswith("postgresql://postgres:")
    assert outputs["databaseUrls"]["user_service"].startswith("postgresql://user_service:")
    assert outputs["citusVersion"].endswith("-standin") == (engine == "standin")


def test_the_stand_in_says_what_it_is(stack: Stack, engine: str) -> None:
    assert ("a stand-in answers for it" in stack.first_up) == (engine == "standin")


def test_the_tutorials_ten_users(stack: Stack) -> None:
    made = stack.request("POST", "/users", TEN_USERS)
    assert made["message"] == "Users created successfully"
    assert len(made["user_ids"]) == 10
    listed = [u for u in stack.users() if u["id"] in made["user_ids"]]
    assert [{"name": u["name"], "email": u["email"]} for u in listed] == TEN_USERS


def test_the_schema_is_in_citus_schemas(stack: Stack) -> None:
    shown = stack.run("make", "psql", "ARGS=-c 'SELECT * FROM citus_schemas'").text
    for service in SERVICES:
        assert f" {service}_service |" in shown
    assert "(3 rows)" in shown


def test_each_services_table_is_on_another_worker(stack: Stack) -> None:
    shown = stack.first_shards  # as it was made; what other tests distribute anew goes elsewhere
    assert len({(host, port) for host, port, _, _ in shown}) == len(SERVICES)
    assert all(size.endswith(" kB") for _, _, _, size in shown)


def test_the_tutorials_time_and_ping(stack: Stack) -> None:
    now = stack.request("GET", "/current_time", service="time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", now["current_time"])
    assert now["ip_address"] == "127.0.0.1"
    assert stack.sql("SELECT host(ip_address) FROM time_service.query_details") == [("127.0.0.1",)]
    if shutil.which("ping"):
        answer = stack.request("POST", "/ping", {"host": "127.0.0.1"}, service="ping")
        assert answer["host"] == "127.0.0.1"
        assert "4 packets transmitted, 4" in answer["result"]
        stored = stack.sql("SELECT host, result FROM ping_service.ping_results")
        assert stored == [(answer["host"], answer["result"])]
    else:
        with pytest.raises(urllib.error.HTTPError, match="503"):
            stack.request("POST", "/ping", {"host": "127.0.0.1"}, service="ping")


def test_the_service_reads_nothing_but_its_own(stack: Stack) -> None:
    for secret in ("pg_dist_authinfo", "pg_authid", "citus_pulumi.migrations"):
        with pytest.raises(Exception, match="permission denied"):
            stack.sql(f"SELECT * FROM {secret}", role="user_service")


def test_a_second_up_and_a_preview_have_nothing_to_do(stack: Stack) -> None:
    before = stack.changed_files()
    for target in ("up", "preview"):
        shown = stack.make(target).text
        assert "unchanged" in shown
        assert not any(word in shown for word in (" to create", " to update", " updated"))
    assert stack.changed_files() == before
