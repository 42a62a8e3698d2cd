"""Changes that a user makes: by config, in sql/, by hand in the database."""

from __future__ import annotations

import re

import pytest

from tests.up.stack import Stack

pytestmark = pytest.mark.up

_OTHER_OWNER = (
    "            owner='postgres' if self.name == 'user_service' else self.name,\n"
    "            distributed"
)
LOGGED = re.compile(r"citus-pulumi plan \S+ LOG:  statement: (.*)")


@pytest.mark.one_engine
def test_an_undistributed_schema_is_shown_and_mended_with_its_rows(stack: Stack) -> None:
    before = stack.users()
    stack.sql("SELECT citus_schema_undistribute('user_service')")
    preview = stack.make("preview").text
    assert "~ distributed: false => true" in preview
    assert "SELECT citus_schema_distribute('user_service')" in preview
    stack.make("up")
    assert stack.sql("SELECT count(*) FROM pg_dist_schema") == [(3,)]
    assert stack.users() == before


@pytest.mark.one_engine
def test_a_new_sql_file_is_shown_and_only_it_runs(stack: Stack) -> None:
    stack.sql("ALTER DATABASE postgres SET log_statement = 'all'")
    (stack.folder / "sql/user_service/002_note.sql").write_text(
        "ALTER TABLE users ADD COLUMN note text;\nCREATE INDEX users_email ON users (email);\n"
    )
    planned = [sql.split(" -- ")[0] for sql in stack.planned_sql()]
    assert planned[:2] == [
        "ALTER TABLE users ADD COLUMN note text",
        "CREATE INDEX users_email ON users (email)",
    ]
    stack.make("up")
    stack.sql("ALTER DATABASE postgres RESET log_statement")
    log = (stack.folder / ".local/dev/coordinator/log").read_text()
    ran = [sql for sql in LOGGED.findall(log) if "'application_name'" not in sql]
    assert ran == planned


@pytest.mark.long
@pytest.mark.one_engine
def test_what_is_changed_in_a_servers_files_is_shown_by_name_and_put_back(stack: Stack) -> None:
    hba = stack.folder / ".local/dev/worker-0/data/pg_hba.conf"
    declared = hba.read_text()
    hba.write_text("host all all 127.0.0.1/32 trust\n")
    stack.sql("ALTER SYSTEM SET temp_buffers = '7MB'", node=1)
    preview = stack.make("preview").text
    assert "- pg_hba.conf" in preview
    assert "- temp_buffers" in preview
    assert '"reload: pg_hba.conf, temp_buffers"' in preview
    stack.make("up")
    assert hba.read_text() == declared
    assert stack.sql("SHOW temp_buffers", node=1) == [("8MB",)]


@pytest.mark.one_engine
def test_an_edited_applied_file_is_refused_by_name(stack: Stack) -> None:
    file = stack.folder / "sql/user_service/001_users.sql"
    text = file.read_text()
    file.write_text(text + "-- edited\n")
    refused = stack.make("preview", check=False)
    file.write_text(text)
    assert refused.code != 0
    assert "sql/user_service/001_users.sql was applied and has been edited" in refused.errors[0]
    assert "Traceback" not in refused.text


@pytest.mark.one_engine
def test_a_fourth_worker_joins_and_the_role_works_on_it(stack: Stack) -> None:
    stack.config("workers", "4")
    planned = stack.planned_sql()
    add_node = f"SELECT citus_add_node('127.0.0.1', {stack.base_port + 4}, groupid := 4)"
    assert planned[0].startswith(add_node)
    roles = [entry for entry in planned if "''password=********''" in entry]
    assert len(roles) == 3
    assert planned[1].startswith("SELECT replicate_reference_tables()")
    assert len(planned) == 2 + 2 * len(roles)
    preview = stack.make("preview").text
    assert preview.count("PostgresServer: (create)") == 1
    stack.make("up")
    assert stack.sql("SELECT count(*) FROM pg_dist_node") == [(5,)]
    assert stack.sql("SELECT current_user", node=4, role="user_service") == [("user_service",)]
    assert stack.sql("SELECT result FROM citus_check_cluster_node_health()") == [(True,)] * 25


@pytest.mark.long
@pytest.mark.one_engine
def test_a_database_that_changed_unseen_is_refused_then_shown_then_mended(stack: Stack) -> None:
    program = stack.folder / "citus/database/owned_schema.py"
    text = program.read_text()
    other = text.replace("            owner=self.name,\n            distributed", _OTHER_OWNER)
    assert other != text
    program.write_text(other)
    stack.sql("SELECT citus_schema_undistribute('user_service')")
    refused = stack.pulumi("up", "--yes", "--refresh=false", check=False)
    assert refused.code != 0
    assert (
        "ChangedSincePreview: schema user_service has changed since the preview "
        "(its distributed is now False): preview again" in refused.text
    )
    assert "Traceback" not in refused.text
    assert [sql.split(" -- ")[0] for sql in stack.planned_sql()] == [
        "ALTER SCHEMA user_service OWNER TO postgres",
        "SELECT citus_schema_distribute('user_service')",
    ]
    stack.make("up")
    program.write_text(text)
    stack.apply()
    assert stack.sql("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = "
                     "'user_service'") == [("user_service",)]  # fmt: skip
    assert stack.sql("SELECT count(*) FROM pg_dist_schema") == [(3,)]
    assert stack.planned_sql() == []


@pytest.mark.long
def test_a_service_in_the_middle_is_taken_out_and_the_next_has_its_port(fresh: Stack) -> None:
    fresh.declare(services=["user", "ping"])
    fresh.make("up")
    fresh.declare(services=["ping"])
    fresh.make("up")
    assert fresh.outputs()["services"] == {"ping": f"http://127.0.0.1:{fresh.service_port}"}
    assert fresh.request("GET", "/readyz")
    assert fresh.sql("SELECT count(*) FROM user_service.users") == [(0,)]
    assert fresh.planned_sql() == []
