"""What the resources of all kinds share in the program."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
from pulumi.dynamic import Resource, ResourceProvider

from citus.database.tracked import CHANGED_AT, Tracked
from citus.properties import encode


class TrackedResource(Resource):
    """A resource over SQL.

    `changed_at` is when this program last changed it: unknown in a preview that changes it, so
    that whatever depends on it is looked at again.
    """

    changed_at: pulumi.Output[str]

    def __init__(
        self,
        provider: ResourceProvider,
        resource_name: str,
        spec: Tracked,
        opts: pulumi.ResourceOptions | None = None,
        *,
        outputs: Iterable[str] = (),
    ) -> None:
        found = dict.fromkeys([*outputs, CHANGED_AT])
        super().__init__(provider, resource_name, {**encode(spec), **found}, opts)


def was(kind: str) -> pulumi.ResourceOptions:
    """Say that a resource of this name may have been of another kind, and is changed into this."""
    alias = pulumi.Alias(type_=f"pulumi-python:dynamic/citus:{kind}")
    return pulumi.ResourceOptions(aliases=[alias])
