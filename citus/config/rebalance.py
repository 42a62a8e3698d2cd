"""Whether shards are spread anew when workers join or leave, and how: ``citus:rebalance``."""

from __future__ import annotations

from dataclasses import dataclass

from citus.config.entry import Entry

_ENTRIES = ("strategy", "threshold", "timeoutMinutes")
_STRATEGY = "by_disk_size"  # Citus' own default
_TIMEOUT_MINUTES = 720
_LONGEST_MINUTES = 60 * 24 * 30


@dataclass(frozen=True)
class RebalanceSettings:
    """How shards are spread.

    Attributes:
        strategy: One of ``pg_dist_rebalance_strategy``.
        threshold: By how many percent a node may differ from the average before shards move; 0 for
            the strategy's own.
        timeout_minutes: For how long `make up` waits for the job.
    """

    strategy: str = _STRATEGY
    threshold: int = 0
    timeout_minutes: int = _TIMEOUT_MINUTES


def read_rebalance(entry: Entry) -> RebalanceSettings | None:
    """Read the map; with an empty one nothing is rebalanced."""
    given = entry.entries_of(_ENTRIES, "entry of citus:rebalance")
    if not given:
        return None
    defaults = entry.defaults(strategy=_STRATEGY, threshold=0, timeoutMinutes=_TIMEOUT_MINUTES)
    fields = {**defaults, **given}
    strategy = fields["strategy"].text(fields["strategy"].to_set(_STRATEGY))
    if not strategy:
        raise fields["strategy"].error("is empty", fields["strategy"].to_set(_STRATEGY))
    return RebalanceSettings(
        strategy=strategy,
        threshold=fields["threshold"].number(at_least=0, at_most=100, example=10),
        timeout_minutes=fields["timeoutMinutes"].number(
            at_least=1, at_most=_LONGEST_MINUTES, example=_TIMEOUT_MINUTES
        ),
    )
