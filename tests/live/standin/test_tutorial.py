"""Citus' multi-tenant tutorial: plain tables with foreign keys first, then distributed in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.standin.answers import Failure, ask

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.live

PLAIN = (
    "CREATE TABLE shop.companies (id bigserial PRIMARY KEY, name text NOT NULL)",
    (
        "CREATE TABLE shop.campaigns (id bigserial, "
        "company_id bigint REFERENCES shop.companies (id), name text NOT NULL, "
        "PRIMARY KEY (id, company_id))"
    ),
    (
        "CREATE TABLE shop.ads (id bigserial, company_id bigint, campaign_id bigint, "
        "PRIMARY KEY (id, company_id), FOREIGN KEY (campaign_id, company_id) "
        "REFERENCES shop.campaigns (id, company_id))"
    ),
    "CREATE TABLE shop.geo_ips (addrs cidr NOT NULL PRIMARY KEY, latlon point NOT NULL)",
    "INSERT INTO shop.companies (name) VALUES ('one'), ('two')",
)
SHOWN = (
    "SELECT right(table_name::text, -5), citus_table_type, distribution_column, shard_count, "
    "dense_rank() OVER (ORDER BY colocation_id) FROM citus_tables ORDER BY 1"
)


def must_be_distributed(name: str) -> Failure:
    """Return why a table can't be distributed before the one that it references."""
    return Failure(
        "42P16",
        f'referenced table "{name}" must be a distributed table or a reference table',
        "To enforce foreign keys, the referencing and referenced rows need to be stored on the "
        "same node.",
        f"You could use SELECT create_reference_table('{name}') to replicate the referenced table "
        "to all nodes or consider dropping the foreign key",
    )


def test_the_order_matters(shop: psycopg.Connection[Any]) -> None:
    for statement in PLAIN:
        assert ask(shop, statement).failure is None
    for name, reference in (("ads", "campaigns"), ("campaigns", "companies")):
        refused = ask(shop, f"SELECT create_distributed_table('shop.{name}', 'company_id')")
        assert refused.failure == must_be_distributed(reference)


def test_the_whole_tutorial(shop: psycopg.Connection[Any]) -> None:
    for statement in (
        *PLAIN,
        "SELECT create_reference_table('shop.geo_ips')",
        "SELECT create_distributed_table('shop.companies', 'id')",
        "SELECT create_distributed_table('shop.campaigns', 'company_id')",
        "SELECT create_distributed_table('shop.ads', 'company_id')",
        "INSERT INTO shop.campaigns (company_id, name) VALUES (1, 'spring'), (2, 'autumn')",
        "INSERT INTO shop.ads (company_id, campaign_id) VALUES (1, 1), (2, 2)",
        "INSERT INTO shop.geo_ips VALUES ('10.0.0.0/8', point(1, 2))",
    ):
        answer = ask(shop, statement)
        assert (answer.failure, answer.notices) == (None, []), statement
    joined = ask(
        shop,
        "SELECT count(*) FROM shop.companies c JOIN shop.campaigns p ON p.company_id = c.id "
        "JOIN shop.ads a ON a.company_id = c.id AND a.campaign_id = p.id",
    )
    assert joined.value == 2
    refused = ask(shop, "INSERT INTO shop.ads (company_id, campaign_id) VALUES (1, 9)").failure
    assert refused is not None
    assert refused.sqlstate == "23503"
    changed = "'shop.companies', shard_count := 48, cascade_to_colocated := true"
    assert ask(shop, f"SELECT alter_distributed_table({changed})").failure is None
    assert ask(shop, SHOWN).rows == [
        ("ads", "distributed", "company_id", 48, 2),
        ("campaigns", "distributed", "company_id", 48, 2),
        ("companies", "distributed", "id", 48, 2),
        ("geo_ips", "reference", "<none>", 1, 1),
    ]
