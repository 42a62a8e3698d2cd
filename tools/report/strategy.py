"""What Citus weighs when it spreads shards: its strategies, and what each shard costs by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

from tools.report.rebalancer import Node, Placement, Thresholds
from tools.report.scaling import Strategy

if TYPE_CHECKING:
    from citus.database.executor import Database

_ONE = "citus_shard_cost_1"
_ALIKE = ("citus_node_capacity_1", "citus_shard_allowed_on_node_true")
_STRATEGIES = """
SELECT name, default_strategy, default_threshold, minimum_threshold, improvement_threshold,
    shard_cost_function::text, node_capacity_function::text, shard_allowed_on_node_function::text
FROM pg_dist_rebalance_strategy"""
_NODES = """
SELECT groupid, nodeid, shouldhaveshards FROM pg_dist_node WHERE noderole = 'primary'"""
# Of each colocation group the table that Citus looks at: the first in the catalogue.
_PLACEMENTS: LiteralString = """
SELECT t.number, s.shardid, p.groupid, {cost}
FROM (SELECT DISTINCT ON (together) logicalrelid, number FROM (
        SELECT logicalrelid, ctid AS number,
            CASE colocationid WHEN 0 THEN logicalrelid::oid::bigint ELSE -colocationid END
                AS together
        FROM pg_dist_partition WHERE partmethod <> 'n' OR repmodel <> 't' AND colocationid <> 0
    ) AS distributed ORDER BY together, number) AS t
JOIN pg_dist_shard s USING (logicalrelid) JOIN pg_dist_placement p USING (shardid)
ORDER BY t.number, s.shardid, p.groupid"""


def read_strategies(database: Database) -> list[Strategy]:
    """Read them all."""
    return [
        Strategy(
            name,
            is_default,
            Thresholds(threshold, improvement),
            minimum,
            cost if cost != _ONE else "",
            alike=(capacity, allowed) == _ALIKE,
        )
        for name, is_default, threshold, minimum, improvement, cost, capacity, allowed in (
            database.rows(_STRATEGIES)
        )
    ]


def read_nodes(database: Database) -> list[Node]:
    """Read the primaries, and which of them may hold shards."""
    return [Node(*row) for row in database.rows(_NODES)]


def read_groups(database: Database, strategy: Strategy) -> list[list[Placement]]:
    """Read the shards of each colocation group, each with what it costs; a worker tells sizes.

    Raises:
        Refused: A worker that has shards doesn't answer.
    """
    # The catalogue's own text of a regproc, which is quoted where it must be.
    cost = f"{strategy.cost}(s.shardid)" if strategy.cost else "1::real"
    query = sql.SQL(_PLACEMENTS).format(cost=sql.SQL(cost))
    groups: dict[str, list[Placement]] = {}
    for number, shardid, groupid, weight in database.rows(query):
        groups.setdefault(number, []).append(Placement(shardid, groupid, weight))
    return list(groups.values())
