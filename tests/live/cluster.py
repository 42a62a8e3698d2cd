"""A cluster for tests, brought up by the project's own code."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg

from citus.cluster import postgresql_conf
from citus.database.membership import MembershipProvider, MembershipSpec, Worker
from citus.endpoint import Address, Endpoint, Node, worker_name
from citus.platforms.local import engine
from citus.platforms.local.installation import Installation
from citus.platforms.local.server import DATABASE, SUPERUSER, Server
from tests.live.declared import Declared

HOST = "127.0.0.1"
WORKERS = 3
# What is written to disk is not what these tests are about.
_FASTER = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB"}


@dataclass(frozen=True)
class Cluster:
    """A coordinator, the workers that are its members, and one spare that is not yet."""

    installation: Installation
    password: str
    nodes: tuple[Node, ...]
    servers: Mapping[str, Server]

    @classmethod
    def start(cls, installation: Installation, folder: Path, workers: int = WORKERS) -> Self:
        """Bring up the servers side by side, each with the extension, not yet joined."""
        password = secrets.token_urlsafe(24)
        names = ["coordinator", *(worker_name(i) for i in range(workers + 1))]
        nodes = tuple(
            Node(name, group, Address(HOST, port))
            for group, (name, port) in enumerate(zip(names, free_ports(len(names)), strict=True))
        )
        servers = {name: Server(folder / name, Path(installation.bin)) for name in names}
        cluster = cls(installation, password, nodes, servers)
        with ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(cluster.start_node, nodes))
        return cluster

    def start_node(self, node: Node) -> None:
        """Make a server's data where there are none, and start it."""
        server = self.servers[node.name]
        server.folder.mkdir(exist_ok=True)
        server.initdb(self.password)
        server.configure(self.settings(node), self.password)
        server.start()
        server.bootstrap(node.address.host, node.address.port)

    def stop(self) -> None:
        """Stop every server, each by its own process."""
        for server in self.servers.values():
            server.stop()

    def settings(self, node: Node) -> dict[str, str]:
        """Give a node's lines of postgresql.conf, as the platform `local` writes them."""
        role = postgresql_conf.worker() if node.groupid else postgresql_conf.coordinator()
        return {**role, **engine.settings(self.installation), **_FASTER, **_address(node)}

    @property
    def is_standin(self) -> bool:
        return not self.installation.has_citus

    @property
    def coordinator(self) -> Node:
        return self.nodes[0]

    @property
    def workers(self) -> tuple[Node, ...]:
        """The workers that are members from the start."""
        return self.nodes[1:-1]

    @property
    def spare(self) -> Node:
        """A running worker that no test leaves in the cluster."""
        return self.nodes[-1]

    @property
    def members(self) -> tuple[str, ...]:
        """The addresses of the nodes that a role is fanned out to."""
        return tuple(str(node.address) for node in self.nodes[:-1])

    def endpoint(self, database: str = DATABASE) -> Endpoint:
        """How the machine that runs Pulumi reaches the coordinator."""
        return Endpoint(HOST, self.coordinator.address.port, database, SUPERUSER, self.password)

    def membership(self, *workers: Node, database: str = DATABASE) -> MembershipSpec:
        """Declare these workers as the members."""
        rows = {w.name: Worker(HOST, w.address.port, w.groupid, active=True) for w in workers}
        return MembershipSpec(self.endpoint(database), self.coordinator.address, rows)

    def join(self) -> None:
        """Make all workers but the spare members, by the provider that does it for a stack."""
        Declared(MembershipProvider()).up(self.membership(*self.workers))

    def connect(
        self,
        node: Node | None = None,
        *,
        database: str = DATABASE,
        user: str = SUPERUSER,
        password: str | None = None,
    ) -> psycopg.Connection[Any]:
        """Open a session in autocommit; on the coordinator unless a node is given."""
        return psycopg.connect(
            host=HOST,
            port=(node or self.coordinator).address.port,
            dbname=database,
            user=user,
            password=password or self.password,
            application_name="by hand",
            autocommit=True,
        )

    def by_hand(
        self, text: str, node: Node | None = None, *, database: str = DATABASE
    ) -> list[tuple[Any, ...]]:
        """Run statements as a person with psql would; give the rows of the last."""
        with self.connect(node, database=database) as connection:
            cursor = connection.execute(text.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def logs(self) -> str:
        """All that all servers have said."""
        return "".join(s.log.read_text(errors="replace") for s in self.servers.values())


def free_ports(count: int) -> list[int]:
    """Ask the system for ports that nobody has, lowest first."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for asked in sockets:
            asked.bind((HOST, 0))
        return sorted(asked.getsockname()[1] for asked in sockets)


def _address(node: Node) -> dict[str, str]:
    return {
        "listen_addresses": node.address.host,
        "port": str(node.address.port),
        "unix_socket_directories": "",
    }
