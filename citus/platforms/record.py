"""`PlatformRecord`: what a stack was brought up on, which stays as long as the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.properties import encode


@dataclass(frozen=True)
class PlatformRecordSpec:
    """The stack and its platform."""

    stack: str
    platform: str


class PlatformRecordProvider(DeclaredProvider[PlatformRecordSpec]):
    """Records the platform, and refuses another one: the data would stay behind."""

    spec = PlatformRecordSpec

    def validate(self, old: PlatformRecordSpec | None, new: PlatformRecordSpec) -> None:
        """Refuse another platform than the recorded one."""
        if old and old.platform != new.platform:
            raise Refused(
                f"stack {new.stack} is up on the platform {old.platform}, and its data do not move "
                f"to {new.platform}: set citus:platform to {old.platform} again, and declare a "
                f"stack of its own for {new.platform}"
            )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record it."""
        return CreateResult(props["platform"], self.encode(self.decode(props)))


class PlatformRecord(Resource, module="citus", name="PlatformRecord"):
    """The platform of a stack; what holds data depends on it."""

    def __init__(
        self,
        resource_name: str,
        *,
        stack: str,
        platform: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(PlatformRecordSpec(stack, platform))
        super().__init__(PlatformRecordProvider(), resource_name, inputs, opts)
