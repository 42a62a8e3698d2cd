"""The cluster behind Sentry on this machine: 64 shards over 6 workers, then 8, then 5.

One story, told in order: each test leaves the stack for the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.live import engines
from tests.up.stack import NODES, Ran, Stack

pytestmark = pytest.mark.up

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

    def servers(self) -> list[str]:
        """Name the nodes that run."""
        names = ["coordinator", *(f"worker-{i}" for i in range(NODES))]
        return [name for name in names if self.pids(f"{name}/data")]


@pytest.fixture(scope="module", params=engines.NAMES)
def sentry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sentry]:
    engine = engines.find(request.param)
    if engine is None:
        pytest.skip(engines.MISSING[request.param])
    made = Sentry(tmp_path_factory.mktemp(f"sentry-{request.param}"), engine.bin)
    yield made
    made.make("down", check=False)


def test_one_command_makes_64_shards_over_6_workers(sentry: Sentry) -> None:
    said = sentry.make("up").text
    assert f"stack {COPY} is a copy of sentry for the platform local, in Pulumi.{COPY}.yaml" in said
    assert "local has no use for citus:nodeStorage, citus:nodeMemory" in said
    placements = sentry.placements()
    assert sum(placements.values()) == 64
    assert sorted(placements.values()) == [10, 10, 11, 11, 11, 11]
    assert sorted(placements) == [*range(6)]
    sentry.sql(WRITE)
    assert sentry.planned_sql() == []


def test_a_second_up_says_and_does_nothing(sentry: Sentry) -> None:
    said = sentry.make("up").text
    assert "copy of" not in said
    assert "unchanged" in said
    assert " to update" not in said
