"""Calls a provider as Pulumi's engine does, so that a test reads as what a user does.

The engine keeps two maps of a resource: its checked inputs and its outputs. `check` sees
the old inputs; `diff`, `update`, `read` and `delete` see the old outputs. What travels
between them loses its types: numbers come back as floats, ``None`` is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from citus.database.provider import PLANNED_SQL
from citus.dynamic import DeclaredProvider
from citus.properties import encode


class RefusedInPreview(Exception):
    """`check` answered with failures; the text is theirs."""


@dataclass
class Declared:
    """One resource of a stack: what the engine has recorded of it."""

    provider: DeclaredProvider[Any]
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def preview(self, declared: Any) -> list[str]:
        """Give the SQL that a preview shows.

        Raises:
            RefusedInPreview: The provider refuses what is declared.
        """
        return list(self.check(declared).get(PLANNED_SQL, []))

    def changes(self, declared: Any) -> bool:
        """Tell whether a preview shows the resource as changed."""
        checked = self.check(declared)
        return not self.id or bool(self.provider.diff(self.id, self.outputs, checked).changes)

    def up(self, declared: Any) -> list[str]:
        """Preview and run; give the SQL that the preview showed."""
        checked = self.check(declared)
        self.run(checked)
        return list(checked.get(PLANNED_SQL, []))

    def run(self, checked: dict[str, Any]) -> None:
        """Run what `check` has returned: create, update, or nothing."""
        if not self.id:
            created = self.provider.create(checked)
            self.id, outs = created.id, created.outs
        elif self.provider.diff(self.id, self.outputs, checked).changes:
            outs = self.provider.update(self.id, self.outputs, checked).outs
        else:
            outs = self.outputs
        self.inputs, self.outputs = checked, travelled(outs)

    def refresh(self) -> None:
        """Read what is there now; what is gone is forgotten."""
        result = self.provider.read(self.id, self.outputs)
        self.id = result.id or ""
        self.inputs, self.outputs = travelled(result.inputs), travelled(result.outs)

    def delete(self) -> None:
        """Take the resource out of the stack."""
        self.provider.delete(self.id, self.outputs)
        self.id, self.inputs, self.outputs = "", {}, {}

    def check(self, declared: Any) -> dict[str, Any]:
        """Give the checked inputs."""
        result = self.provider.check(self.inputs, travelled(encode(declared)))
        if result.failures:
            raise RefusedInPreview("\n".join(failure.reason for failure in result.failures))
        return dict(travelled(result.inputs))


def travelled(value: Any) -> Any:
    """Give a value as it comes back from the engine."""
    if isinstance(value, Mapping):
        return {k: travelled(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [travelled(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return {} if value is None else value
