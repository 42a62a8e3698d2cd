"""The cluster behind Sentry on this machine: 64 shards over 6 workers, then 8, then 5.

One story, told in order: each test leaves the stack for the next. Those that are long begin
wherever they find it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.live import engines
from tests.up.stack import NODES, Ran, Stack

# Where there is a real Citus, the stand-in would show nothing more.
pytestmark = [pytest.mark.up, pytest.mark.one_engine]

ROWS = 2_000
COPY = "try-sentry-local"
# Citus' own catalogue: the nodes by their group, with the shards that each has.
PLACEMENTS = """SELECT groupid, count(*) FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid = 'sentry.nodestore_node'::regclass GROUP BY groupid ORDER BY groupid"""
WHERE = """SELECT shardid, groupid FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid = 'sentry.nodestore_node'::regclass"""
WRITE = f"""INSERT INTO sentry.nodestore_node
    SELECT md5(i::text), repeat('x', i % 400), now() FROM generate_series(1, {ROWS}) i"""
SUM = "SELECT count(*), md5(string_agg(id || data, ',' ORDER BY id)) FROM sentry.nodestore_node"


class Sentry(Stack):
    """A checkout whose stack `sentry` runs here by ``PLATFORM=local``."""

    def __init__(self, folder: Path, postgres_bin: str) -> None:
        super().__init__(folder, postgres_bin, name="sentry", like="sentry")
        self.original = self._file
        self.environment["STACK"] = "sentry"
        self.name = COPY  # which all but `make` knows it by

    def make(self, target: str, *, check: bool = True) -> Ran:
        return self.run("make", target, "PLATFORM=local", check=check)

    def declare_in_the_original(self, key: str, value: object) -> None:
        content = yaml.safe_load(self.original.read_text())
        content["config"][f"citus:{key}"] = value
        self.original.write_text(yaml.safe_dump(content, sort_keys=False))

    def tables(self, **changed: object) -> list[dict[str, Any]]:
        """Give the declared tables, with something else for the one that there is."""
        [table] = yaml.safe_load(self.original.read_text())["config"]["citus:tables"]
        return [{**table, **changed}]

    def placements(self) -> dict[int, int]:
        """Give the number of shards by worker."""
        return {groupid - 1: count for groupid, count in self.sql(PLACEMENTS)}

    def postmasters(self) -> dict[str, int]:
        """Give the process of each node that runs."""
        data = {name: self._node(name) / "data/postmaster.pid" for name in self.servers()}
        return {name: int(path.read_text().split("\n")[0]) for name, path in data.items()}

    def last_restart(self, name: str) -> list[tuple[str, str]]:
        """Give the times, as its log has them, at which a node went down and was up again."""
        said = {"received fast shutdown request": "down", "is ready to accept connections": "up"}
        log = (self._node(name) / "log").read_text().splitlines()
        events = [(line[:23], said[s]) for line in log for s in said if line.endswith(s)]
        return events[-2:]

    def _node(self, name: str) -> Path:
        return self.folder / ".local" / COPY / name

    def servers(self) -> list[str]:
        """Name the nodes that run."""
        names = ["coordinator", *(f"worker-{i}" for i in range(NODES))]
        return [name for name in names if self.pids(f"{name}/data")]


# A stack of its own for each engine, in one process from the first test to the last.
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"sentry-{name}")) for name in engines.NAMES
]


@pytest.fixture(scope="module", params=ENGINES)
def sentry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sentry]:
    engine = engines.find(request.param)
    if engine is None:
        pytest.skip(engines.MISSING[request.param])
    made = Sentry(tmp_path_factory.mktemp(f"sentry-{request.param}"), engine.bin)
    try:
        made.first_up = made.make("up").text
        made.sql(WRITE)
        yield made
    finally:
        made.make("down", check=False)


def test_one_command_makes_64_shards_over_6_workers(sentry: Sentry) -> None:
    said = sentry.first_up
    assert f"stack {COPY} is a copy of sentry for the platform local, in Pulumi.{COPY}.yaml" in said
    assert "without citus:nodeStorage, citus:nodeMemory" in said
    placements = sentry.placements()
    assert sum(placements.values()) == 64
    assert sorted(placements.values()) == [10, 10, 11, 11, 11, 11]
    assert sorted(placements) == [*range(6)]
    assert sentry.planned_sql() == []


@pytest.mark.long
def test_a_second_up_says_and_does_nothing(sentry: Sentry) -> None:
    said = sentry.make("up").text
    assert "copy of" not in said
    assert "unchanged" in said
    assert " to update" not in said
    asked = sentry.run(
        "make", "psql", "PLATFORM=local", "ARGS=-Atc 'SELECT count(*) FROM pg_dist_node'"
    )
    assert asked.text.strip() == str(len(sentry.servers()))


def test_two_workers_more_take_their_part_of_the_shards_and_no_shard_moves_in_vain(
    sentry: Sentry,
) -> None:
    rows, before = sentry.sql(SUM), dict(sentry.sql(WHERE))
    sentry.declare_in_the_original("workers", "8")
    said = sentry.make("preview").text
    assert f"Pulumi.{COPY}.yaml follows in citus:workers" in said
    for worker in ("worker-6", "worker-7"):
        assert f"{worker} joins the cluster" in said
    sentry.apply()
    assert sentry.placements() == dict.fromkeys(range(8), 8)
    after = dict(sentry.sql(WHERE))
    moved = {shard for shard in before if before[shard] != after[shard]}
    assert len(moved) == 16
    assert {after[shard] - 1 for shard in moved} == {6, 7}
    assert sentry.sql(SUM) == rows


def test_three_that_leave_are_all_marked_before_the_first_is_emptied_and_lose_no_row(
    sentry: Sentry,
) -> None:
    rows = sentry.sql(SUM)
    sentry.declare(shardTransferMode="block_writes")  # quicker; in the copy, where it stays
    sentry.declare_in_the_original("workers", "5")
    sentry.make("preview")  # brings it to the copy
    planned = [sql.split("(")[0].split(" ")[-1] for sql in sentry.planned_sql()]
    leaves = ["citus_drain_node", "citus_cleanup_orphaned_resources", "citus_remove_node"]
    assert planned[:3] == ["citus_set_node_property"] * 3
    assert sorted(planned[3:12]) == sorted(leaves * 3)
    sentry.apply()
    assert sorted(sentry.placements()) == [*range(5)]
    assert sum(sentry.placements().values()) == 64
    assert sentry.sql(SUM) == rows
    assert sentry.servers() == ["coordinator", *(f"worker-{i}" for i in range(5))]
    assert sentry.sql("SELECT count(*) FROM pg_dist_node WHERE groupid > 0") == [(5,)]
    assert not (sentry.folder / ".local" / COPY / "worker-5").exists()
    assert "shardTransferMode: block_writes" in sentry._file.read_text()


@pytest.mark.long
def test_twice_the_shards_are_a_rewrite_that_says_what_it_blocks_and_asks_for_nothing(
    sentry: Sentry,
) -> None:
    rows = sentry.sql(SUM)
    sentry.declare_in_the_original("tables", sentry.tables(shardCount=128))
    said = sentry.make("preview").text
    assert "alter_distributed_table('sentry.nodestore_node', shard_count := 128" in said
    assert "blocking" in said
    assert "DESTROYS DATA" not in said
    sentry.make("up")
    assert sum(sentry.placements().values()) == 128
    assert sentry.sql(SUM) == rows


@pytest.mark.long
def test_a_rewrite_that_loses_a_comment_asks_for_the_digest_of_just_that(sentry: Sentry) -> None:
    rows = sentry.sql(SUM)
    sentry.sql("COMMENT ON TABLE sentry.nodestore_node IS 'what an event was'")
    sentry.declare_in_the_original("tables", sentry.tables(shardCount=32))
    refused = sentry.make("up", check=False)
    assert refused.code != 0
    assert "comment" in refused.text
    [permit] = set(re.findall(r"To permit just this: (.*)", refused.text))
    sentry.run(*permit.split())
    assert f"is out of Pulumi.{COPY}.yaml" in sentry.make("up").text
    assert sum(sentry.placements().values()) == 32
    assert sentry.sql(SUM) == rows


@pytest.mark.long
def test_a_setting_that_is_reloaded_restarts_nothing(sentry: Sentry) -> None:
    pids = sentry.postmasters()
    sentry.declare(postgresqlConf={"work_mem": "9MB"})
    assert sentry.make("preview").text.count('"reload: work_mem"') == len(pids)
    sentry.make("up")
    assert sentry.postmasters() == pids
    for node in range(len(pids)):
        assert sentry.sql("SHOW work_mem", node=node) == [("9MB",)]


@pytest.mark.long
def test_restarts_go_one_node_at_a_time(sentry: Sentry) -> None:
    rows, pids = sentry.sql(SUM), sentry.postmasters()
    sentry.declare(postgresqlConf={"work_mem": "9MB", "max_connections": 90})
    shown = sentry.make("preview").text
    assert shown.count('"restart: max_connections, max_prepared_transactions"') == len(pids)
    sentry.make("up")
    assert not set(sentry.postmasters().values()) & set(pids.values())
    assert sentry.sql("SHOW max_connections") == [("90",)]
    assert sentry.sql("SHOW max_connections", node=1) == [("140",)]
    events = [event for _, event in sorted(e for node in pids for e in sentry.last_restart(node))]
    assert events == ["down", "up"] * len(pids)
    assert sentry.sql(SUM) == rows
    assert sentry.planned_sql() == []


def test_a_setting_that_postgresql_does_not_know_is_refused_before_anything_is_touched(
    sentry: Sentry,
) -> None:
    pids = sentry.postmasters()
    sentry.declare(postgresqlConf={"wrok_mem": "9MB"})
    refused = sentry.make("up", check=False)
    assert refused.code != 0
    assert 'unrecognized configuration parameter "wrok_mem"' in refused.text
    assert "Traceback" not in refused.text
    assert sentry.postmasters() == pids
    sentry.declare(postgresqlConf=None)


def test_the_checkout_is_as_it_was_and_nothing_of_the_copy_is_left_after_down(
    sentry: Sentry,
) -> None:
    sentry.run("git", "checkout", "Pulumi.sentry.yaml")
    assert sentry.changed_files() == ""
    sentry.make("down")
    assert sentry.changed_files() == ""
    assert sentry.servers() == []
    assert not list(sentry.folder.glob("Pulumi.try*"))
    assert not list((sentry.folder / ".local").iterdir())
    assert "is not up" in sentry.make("down").text
