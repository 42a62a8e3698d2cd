"""The checkout this code is in, and the Pulumi project that a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from tools.cli.failure import ToolError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Project:
    """A folder with a Pulumi.yaml."""

    folder: Path
    name: str
    required_version: str
    settings: dict[str, Any]

    @classmethod
    def at(cls, folder: Path) -> Project:
        """Read the Pulumi.yaml of *folder*."""
        settings = read_yaml(folder / "Pulumi.yaml")
        return cls(
            folder=folder,
            name=str(settings.get("name", "")),
            required_version=str(settings.get("requiredPulumiVersion") or ">=3.0.0"),
            settings=settings,
        )

    def stack_settings(self, stack: str) -> dict[str, Any]:
        """Give what the stack's file says; nothing where there is none."""
        path = self.folder / f"Pulumi.{stack}.yaml"
        return read_yaml(path) if path.exists() else {}

    def stack_config(self, stack: str) -> dict[str, Any]:
        """Give what the stack's file declares, by keys such as ``citus:workers``."""
        return self.stack_settings(stack).get("config") or {}

    def stacks(self) -> list[str]:
        """Name the stacks that have a file."""
        return sorted(
            path.name.removeprefix("Pulumi.").removesuffix(".yaml")
            for path in self.folder.glob("Pulumi.*.yaml")
        )

    def require(self, stack: str) -> None:
        """Refuse a stack that has no file."""
        known = self.stacks()
        if stack not in known:
            raise ToolError(
                f"there is no stack {stack!r} here, as there is no Pulumi.{stack}.yaml "
                f"(stacks: {', '.join(known) or 'none'})"
            )


def project_for(folder: Path) -> Project:
    """Give the project around *folder*, as Pulumi looks for it, else this checkout's."""
    around = (parent for parent in (folder, *folder.parents) if (parent / "Pulumi.yaml").exists())
    return Project.at(next(around, ROOT))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file of settings."""
    try:
        settings = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ToolError(f"{path} can't be read: {reason}") from error
    config = settings.get("config") if isinstance(settings, dict) else None
    if not isinstance(settings, dict) or not isinstance(config or {}, dict):
        raise ToolError(f"{path} holds no settings: it must be `key: value` lines")
    return settings
