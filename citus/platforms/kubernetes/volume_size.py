"""`VolumeSize`: how large a claim has become, which only ever grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.properties import encode


@dataclass(frozen=True)
class VolumeSizeSpec:
    """The size of a volume in GiB."""

    gibibytes: int


class VolumeSizeProvider(DeclaredProvider[VolumeSizeSpec]):
    """Records the size, and refuses a smaller one, which no volume can be made."""

    spec = VolumeSizeSpec

    def validate(self, old: VolumeSizeSpec | None, new: VolumeSizeSpec) -> None:
        """Refuse a smaller size in the preview; Kubernetes would in the midst of an update."""
        if old and new.gibibytes < old.gibibytes:
            raise Refused(
                f"a volume can't be made smaller: citus:nodeStorage is {new.gibibytes} and was "
                f"{old.gibibytes}: put it back"
            )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record it."""
        return CreateResult("volume", self.encode(self.decode(props)))


class VolumeSize(Resource, module="citus", name="VolumeSize"):
    """The size of a claim, which it depends on."""

    def __init__(
        self,
        resource_name: str,
        *,
        gibibytes: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = encode(VolumeSizeSpec(gibibytes))
        super().__init__(VolumeSizeProvider(), resource_name, inputs, opts)
