"""The graph of database.py, of resources that do nothing."""

from __future__ import annotations

import pulumi

from bench.programs.graph import vertices
from bench.programs.noop import Noop

last: pulumi.Resource | None = None
for vertex in vertices(pulumi.Config("bench").require_int("resources")):
    before = [] if vertex.is_first or last is None else [last]
    last = Noop(f"{vertex.kind} {vertex.service}", opts=pulumi.ResourceOptions(depends_on=before))
