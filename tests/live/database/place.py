"""Where a test declares its objects: names, a database and a folder of its own."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citus.endpoint import Endpoint, Node
from citus.platforms.local.server import DATABASE
from tests.live.cluster import Cluster


@dataclass(frozen=True)
class Place:
    """A test's own names on the cluster; ``database`` is the shared one unless it says so."""

    cluster: Cluster
    name: str
    folder: Path
    database: str = DATABASE

    @property
    def endpoint(self) -> Endpoint:
        return self.cluster.endpoint(self.database)

    def by_hand(self, text: str, node: Node | None = None) -> list[tuple[Any, ...]]:
        """Run SQL as a person would; ``{name}`` is this test's."""
        text = text.replace("{name}", self.name)
        return self.cluster.by_hand(text, node, database=self.database)

    def file(self, name: str, text: str) -> None:
        """Write one file of the folder of migrations."""
        (self.folder / name).write_text(text.replace("{name}", self.name))


def a_name() -> str:
    """Make up a name that no other test has."""
    return f"t{secrets.token_hex(4)}"


def make_database(cluster: Cluster, name: str) -> None:
    """Make a database on every node, with the extension and without any member."""

    def make(node: Node) -> None:
        cluster.by_hand(f"CREATE DATABASE {name}", node)
        cluster.by_hand("CREATE EXTENSION citus", node, database=name)

    with ThreadPoolExecutor(len(cluster.nodes)) as pool:
        list(pool.map(make, cluster.nodes))
