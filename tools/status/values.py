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
    """What is shown; ``None`` is what a node that is down or hangs keeps Citus from telling."""

    cluster: Cluster
    health: tuple[Reach, ...] | None
    running: tuple[RunningMove, ...] | None
    last_job: Job | None

    @property
    def healthy(self) -> bool:
        """Whether every node is active and answers, and reaches every other."""
        nodes = self.cluster.nodes
        answer = all(node.active and not node.silent for node in nodes)
        return answer and self.health is not None and all(r.reached for r in self.health)

    def as_json(self) -> str:
        """Write it for machines: the fields of the values, sizes in bytes, null for unknown."""
        fields = {"healthy": self.healthy, **dataclasses.asdict(self)}
        return json.dumps(fields, indent=2, default=str)
