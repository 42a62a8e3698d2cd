"""Citus' multi-tenant example by config alone, and what a user does with it next."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.up.stack import Stack

pytestmark = [pytest.mark.up, pytest.mark.one_engine]

TABLES: list[dict[str, object]] = [
    {"schema": "ads", "table": "geo_ips", "reference": True},
    {"schema": "ads", "table": "companies", "distributionColumn": "id", "shardCount": 8},
    {"schema": "ads", "table": "campaigns", "distributionColumn": "company_id",
     "colocateWith": "companies"},
    {"schema": "ads", "table": "ads", "distributionColumn": "company_id",
     "colocateWith": "companies"},
]  # fmt: skip
SQL = """
CREATE TABLE geo_ips (addrs cidr PRIMARY KEY, latlon point);
CREATE TABLE companies (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE campaigns (
    id bigserial, company_id bigint NOT NULL REFERENCES companies (id),
    PRIMARY KEY (company_id, id));
CREATE TABLE ads (
    id bigserial, company_id bigint NOT NULL, campaign_id bigint NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, campaign_id) REFERENCES campaigns (company_id, id));
INSERT INTO companies (name) SELECT 'company ' || i FROM generate_series(1, 30) i;
INSERT INTO campaigns (company_id) SELECT id FROM companies;
INSERT INTO ads (company_id, campaign_id) SELECT company_id, id FROM campaigns;
"""
COUNT = "SELECT count(*) FROM ads.ads JOIN ads.companies c ON c.id = company_id"


def _with_shards(count: int) -> list[dict[str, object]]:
    return [{**table, "shardCount": count} if "shardCount" in table else table for table in TABLES]


@pytest.fixture(scope="module")
def ads(stack: Stack) -> Iterator[Stack]:
    """Declare the example on a stack that is up."""
    folder = stack.folder / "sql/ads"
    folder.mkdir()
    (folder / "001_tables.sql").write_text(SQL)
    stack.declare(tables=TABLES, schemas={"ads": {"onDelete": "drop"}})
    stack.apply()
    yield stack
    stack.declare(tables=None, schemas=None)
    refused = stack.make("up", check=False)
    if refused.code:  # not every test of this file has run
        stack.run(*refused.text.split("permit just this: ")[1].splitlines()[0].split())
        stack.make("up")  # which takes the permit out of the config
    shutil.rmtree(folder)


def test_it_is_as_declared_and_stays_so(ads: Stack) -> None:
    rows = ads.sql(
        "SELECT logicalrelid::text, partmethod::text, column_to_column_name(logicalrelid, partkey),"
        " shardcount FROM pg_dist_partition JOIN pg_dist_colocation c USING (colocationid)"
        " WHERE logicalrelid::text LIKE 'ads.%' ORDER BY 1"
    )
    assert rows == [
        ("ads.ads", "h", "company_id", 8),
        ("ads.campaigns", "h", "company_id", 8),
        ("ads.companies", "h", "id", 8),
        ("ads.geo_ips", "n", None, 1),
    ]
    assert ads.sql(COUNT) == [(30,)]
    shards = ads.outputs()["shards"]
    assert sum(tables.get("ads.ads", 0) for tables in shards.values()) == 8
    assert ads.planned_sql() == []


@pytest.mark.long
def test_a_larger_shard_count_shows_the_rewrite_with_the_cascade_and_does_it(ads: Stack) -> None:
    ads.declare(tables=_with_shards(12))
    [planned] = ads.planned_sql()
    assert planned == (
        "SELECT alter_distributed_table('ads.companies', shard_count := 12,"
        " cascade_to_colocated := true) -- rewrites the table and those colocated with it,"
        " blocking them meanwhile; needs the room for a copy"
    )
    ads.make("up")
    assert ads.sql(COUNT) == [(30,)]
    shards = ads.outputs()["shards"]
    for table in ("companies", "campaigns", "ads"):
        assert sum(tables.get(f"ads.{table}", 0) for tables in shards.values()) == 12
    assert "unchanged" in ads.make("up").text


@pytest.mark.long
def test_a_reference_table_becomes_a_distributed_one_in_place(ads: Stack) -> None:
    ads.sql("INSERT INTO ads.geo_ips VALUES ('10.0.0.0/8', '(1,2)')")
    tables = _with_shards(12)
    tables[0] = {"schema": "ads", "table": "geo_ips", "distributionColumn": "addrs"}
    ads.declare(tables=tables)
    preview = ads.make("preview").text
    assert "DistributedTable: (update)" in preview
    assert "(delete)" not in preview
    ads.make("up")
    assert ads.sql("SELECT count(*) FROM ads.geo_ips") == [(1,)]
    assert ads.planned_sql() == []


def test_what_is_taken_out_with_the_policy_drop_goes_by_permit_only(ads: Stack) -> None:
    ads.declare(tables=None, schemas=None)
    preview = ads.make("preview").text
    assert "DROP SCHEMA ads CASCADE -- DESTROYS DATA: schema ads goes" in preview
    refused = ads.make("up", check=False)
    assert refused.code != 0
    said = next(e for e in refused.errors if "Refused" in e)
    assert "schema ads: refused, since it would lose data: " in said
    assert "ads.companies (30 rows)" in said
    assert ads.sql(COUNT) == [(30,)]
    line = said.split("permit just this: ")[1]
    assert line in preview
    ads.run(*line.split())
    done = ads.make("up")
    assert "citus:allowDataLoss has done its work" in done.text
    assert ads.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'ads'") == [(0,)]
    assert ads.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'ads'") == [(0,)]
    assert "allowDataLoss" not in (ads.folder / "Pulumi.dev.yaml").read_text()
    assert ads.planned_sql() == []


def test_a_permit_for_nothing_is_warned_of(stack: Stack) -> None:
    stack.config("allowDataLoss", "p0123456789ab")
    warning = "warning: p0123456789ab in citus:allowDataLoss permits nothing of this run"
    assert warning in stack.make("preview").text
    stack.unset("allowDataLoss")
