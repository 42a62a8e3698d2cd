"""`make preview-report`: what a reviewer reads is what then happens."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import engines
from tests.up.stack import Ran, Stack

pytestmark = [pytest.mark.up, pytest.mark.one_engine]

TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL);\n"
DECLARED = {"schema": "shop", "table": "orders", "distributionColumn": "id", "shardCount": 12}
PLACEMENTS = """SELECT shardid, groupid FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    JOIN pg_dist_partition USING (logicalrelid) WHERE repmodel <> 't'"""
PERMIT = re.compile(r"^bin/pulumi config set allowDataLoss p\w+ --stack dev$", re.MULTILINE)
TOTAL = re.compile(r"### Shards that move\n\n\*\*(\d+) shards?, ")


@pytest.fixture
def unborn(engine: str, tmp_path: Path) -> Stack:
    """Give a stack that is only previewed: nothing of it runs."""
    installation = engines.find(engine)
    assert installation is not None
    return Stack(tmp_path, installation.bin, services=["user"])


@pytest.fixture(scope="module")
def stored(stack: Stack) -> Iterator[Stack]:
    """Give the stack with a table of 12 shards that goes when it is no longer declared."""
    workers = len(stack.outputs()["workers"])
    folder = stack.folder / "sql/shop"
    folder.mkdir()
    (folder / "001_orders.sql").write_text(TABLE)
    stack.declare(
        tables=[DECLARED],
        schemas={"shop": {"onDelete": "drop"}},
        rebalance={"strategy": "by_shard_count"},
    )
    stack.apply()
    stack.sql("INSERT INTO shop.orders SELECT i, repeat('x', 90) FROM generate_series(1, 500) i")
    yield stack
    stack.declare(tables=None, schemas=None, rebalance=None, workers=workers)
    if line := PERMIT.search(report(stack).text):
        stack.run(*line[0].split())
    stack.make("up")
    shutil.rmtree(folder)


def report(stack: Stack, *options: str, check: bool = True) -> Ran:
    return stack.run("make", "-s", "preview-report", *options, check=check)


def placements(stack: Stack) -> dict[int, int]:
    return dict(stack.sql(PLACEMENTS))


def test_the_first_report_names_every_statement_in_the_order_in_which_it_runs(
    unborn: Stack,
) -> None:
    told, place = report(unborn).text, 0
    planned = unborn.planned_sql()
    for entry in planned:
        sql = entry.split("\n", 1)[1] if entry.startswith("-- ") else entry.rpartition(" -- ")[0]
        assert sql in told
    ran = [sql for sql in planned if "user_service" in sql and not sql.startswith("-- ")]
    assert len(ran) > 5
    for entry in ran:
        place = told.index(entry.rpartition(" -- ")[0], place)
    assert "loses data" not in told


@pytest.mark.long
def test_nothing_to_do_is_one_line(stored: Stack, engine: str) -> None:
    progress, line = report(stored, "LIVE=1").text.splitlines()
    assert progress.startswith("previewing ")  # on stderr
    said, _, warning = line.partition(" Warning: ")
    assert said == "Preview of stack `dev`: nothing to do."
    assert ("stand-in" in warning) == (engine == "standin")


@pytest.mark.long
def test_as_many_shards_move_as_the_report_has_said(stored: Stack, engine: str) -> None:
    workers = len(stored.outputs()["workers"])
    stored.declare(workers=workers + 1)
    told, before = report(stored, "LIVE=1").text, placements(stored)
    stored.apply()
    joined = placements(stored)
    assert _moves(told) == _changed(before, joined) > 0
    assert ("An estimate" in told) == (engine == "standin")
    passwords = [file.read_text() for file in (stored.folder / ".local/dev/passwords").iterdir()]
    assert not [password for password in passwords if password.strip() in told]

    stored.declare(workers=workers)
    told = report(stored, "LIVE=1").text
    stored.apply()
    left = placements(stored)
    assert _moves(told) == _changed(joined, left) > 0
    assert f"- `worker-{workers}` leaves; it is emptied first\n" in told
    assert stored.sql("SELECT count(*) FROM shop.orders") == [(500,)]


@pytest.mark.long
def test_what_loses_data_is_on_top_and_the_line_there_permits_it(stored: Stack) -> None:
    stored.declare(tables=None, schemas=None)
    file = stored.folder / "report.md"
    told = report(stored, "LIVE=1", f"ARGS=--output {file}").text
    written = file.read_text()
    assert told.endswith(written)
    assert written.split("\n\n")[1:3] == [
        "### ⚠ This loses data",
        "- Schema `shop`: schema shop goes, with every table in it\n  - shop.orders: 500 rows",
    ]
    assert (
        "-- LOSES DATA: schema shop goes, with every table in it\nDROP SCHEMA shop CASCADE" in told
    )
    line = PERMIT.search(told)
    assert line is not None
    stored.run(*line[0].split())
    assert "It is permitted by `citus:allowDataLoss`" in report(stored).text
    stored.make("up")
    assert stored.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'shop'") == []


@pytest.mark.long
def test_a_broken_setting_is_one_sentence_and_a_failure(fresh: Stack) -> None:
    fresh.config("workers", "0")
    failed = report(fresh, check=False)
    assert failed.code != 0
    assert "## Preview of stack `dev`: it fails\n\n- Pulumi.dev.yaml: citus:workers is 0, " in (
        failed.text
    )
    assert "Traceback" not in failed.text


def test_a_stack_that_is_not_up_has_nothing_to_ask(fresh: Stack) -> None:
    told = report(fresh, "LIVE=1").text
    assert "- nothing is told of rows, sizes and moves of shards: stack dev is not up: " in told
    assert "Created" in told


def _moves(told: str) -> int:
    found = TOTAL.search(told)
    assert found is not None
    return int(found[1])


def _changed(before: dict[int, int], after: dict[int, int]) -> int:
    assert before.keys() == after.keys()
    return sum(before[shard] != after[shard] for shard in before)
