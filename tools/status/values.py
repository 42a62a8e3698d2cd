"""How a cluster is at one moment. Pure."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from tools.live_cluster.health import Reach
from tools.live_cluster.moves import Job, RunningMove
from tools.live_cluster.values import Cluster


@dataclass(frozen=True)
class Status:
    """What is shown; ``running`` is ``None`` where a node that is down keeps Citus from telling."""

    cluster: Cluster
    health: tuple[Reach, ...]
    running: tuple[RunningMove, ...] | None
    last_job: Job | None

    @property
    def healthy(self) -> bool:
        """Whether every node is active and answers, and reaches every other."""
        nodes = self.cluster.nodes
        return all(node.active and not node.silent for node in nodes) and all(
            reach.reached for reach in self.health
        )

    def as_json(self) -> str:
        """Write it for machines: the fields of the values, sizes in bytes, null for unknown."""
        fields = {"healthy": self.healthy, **dataclasses.asdict(self)}
        return json.dumps(fields, indent=2, default=str)
