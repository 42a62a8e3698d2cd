"""Roles, distributed schemas and one-table migrations, on a cluster that is up."""

from __future__ import annotations

from pathlib import Path

import pulumi

from bench.programs.graph import Vertex, vertices
from citus.database.migrations import Migrations
from citus.database.role import Role
from citus.database.schema import Schema
from citus.endpoint import Address, Endpoint, Node

_FILES = Path("bench", "programs", "sql")


def declare(vertex: Vertex, before: pulumi.Resource | None) -> pulumi.Resource:
    """Declare one resource, by the kind's own class."""
    name = vertex.service
    opts = pulumi.ResourceOptions(depends_on=[before] if before else [])
    if vertex.kind == "role":
        password = config.require_secret("rolePassword")
        return Role(name, endpoint=endpoint, name=name, password=password, nodes=nodes, opts=opts)
    if vertex.kind == "schema":
        return Schema(name, endpoint=endpoint, name=name, owner=name, opts=opts)
    return Migrations(name, endpoint=endpoint, schema=name, owner=name, folder=_FILES, opts=opts)


config = pulumi.Config("bench")
addresses = [address.rpartition(":") for address in config.require("nodes").split()]
nodes = [
    Node(f"node-{group}", group, Address(host, int(port)))
    for group, (host, _, port) in enumerate(addresses)
]
coordinator = nodes[0].address
endpoint = Endpoint(
    coordinator.host,
    coordinator.port,
    config.require("database"),
    config.require("user"),
    config.require_secret("password"),
)
last: pulumi.Resource | None = None
for each in vertices(config.require_int("resources")):
    last = declare(each, None if each.is_first else last)
