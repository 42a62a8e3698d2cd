"""`PLATFORM=local`: a stack of any platform on this machine, by a copy of its file.

Pulumi.try-sentry-local.yaml        what the copy declares; git ignores it
.local/try-sentry-local.yaml        what of the original it was made of, to see what changed since
.local/try-sentry-local/            its data
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from tools.cli import stack_name
from tools.cli.checkout import read_yaml
from tools.cli.failure import ToolError
from tools.cli.platform import platform_of
from tools.stack import copied_config
from tools.stack.copied_config import LOCAL

if TYPE_CHECKING:
    from pathlib import Path

    from tools.cli.checkout import Project

_HEADER = """\
# A copy of Pulumi.{original}.yaml for the platform local, which PLATFORM=local made.
# What is changed here stays; all else follows the original. `make down` takes the copy away.
"""


def stack_of(project: Project, stack: str, platform: str, *, declares: bool) -> str:
    """Name the stack that is meant: itself, or its copy, which is made for what *declares* one."""
    copy = LocalCopy.asked_for(project, stack, platform)
    if copy is None:
        return stack
    copy.be_there(makes_it=declares)
    return copy.name


@dataclass(frozen=True)
class LocalCopy:
    """The copy of one stack; made, or not yet."""

    project: Project
    original: str

    @classmethod
    def asked_for(cls, project: Project, stack: str, platform: str) -> LocalCopy | None:
        """Give the copy that PLATFORM asks for; ``None`` where the stack itself is meant."""
        own = platform_of(project.stack_settings(stack), project.settings)
        if platform in ("", own):
            return None
        if platform != LOCAL:
            raise ToolError(f"PLATFORM={platform}: a stack is tried on PLATFORM={LOCAL} alone")
        return cls(project, stack)

    @property
    def name(self) -> str:
        """The stack's name."""
        return stack_name.of_copy(self.original)

    @property
    def file(self) -> Path:
        """The stack's file."""
        return self.project.folder / f"Pulumi.{self.name}.yaml"

    @property
    def exists(self) -> bool:
        """Whether it was made."""
        return self.file.exists()

    @property
    def has_data(self) -> bool:
        """Whether its servers have data, though its file may be gone."""
        return (self.project.folder / ".local" / self.name).exists()

    def be_there(self, *, makes_it: bool) -> None:
        """Have the file of a copy that is up, or is to be."""
        if makes_it or (self.has_data and not self.exists):
            self.prepare()
        if not self.exists:
            asked = f"STACK={self.original} PLATFORM={LOCAL}"
            raise ToolError(f"stack {self.name} is not up: `make up {asked}` first")

    def prepare(self) -> None:
        """Make the copy, or bring what the original has changed since; say so."""
        original = self._of_the_original()
        if not self.exists:
            self._make(original)
        elif self._record.exists():
            self._bring(read_yaml(self._record), original)
        self._remember(original)

    def forget(self) -> None:
        """Take the copy away, unless `citus:retainData` has kept its data."""
        if not self.has_data:
            self.file.unlink(missing_ok=True)
            self._record.unlink(missing_ok=True)

    @property
    def _record(self) -> Path:
        return self.project.folder / ".local" / f"{self.name}.yaml"

    @property
    def _declared(self) -> dict[str, Any]:
        return self.project.stack_config(self.original)

    def _of_the_original(self) -> dict[str, Any]:
        return copied_config.for_local(self._declared, self.project.settings.get("config") or {})

    def _make(self, config: dict[str, Any]) -> None:
        # Sealed as dev is, by a public passphrase: docs/adr/0010.
        salt = self.project.stack_settings(stack_name.DEFAULT).get("encryptionsalt")
        self._write({**({"encryptionsalt": salt} if salt else {}), "config": config})
        left_out = ", ".join(key for key in self._declared if key not in config)
        print(
            f"stack {self.name} is a copy of {self.original} for the platform {LOCAL}, in "
            f"{self.file.name}, which git ignores"
            + (f"; without {left_out}, of no use or no right there" if left_out else ""),
            file=sys.stderr,
        )

    def _bring(self, copied: dict[str, Any], original: dict[str, Any]) -> None:
        settings = read_yaml(self.file)
        brought = copied_config.brought(copied, original, settings.get("config") or {})
        said = f"Pulumi.{self.original}.yaml has changed since it was copied: {self.file.name}"
        if brought.followed:
            self._write({**settings, "config": brought.config})
            print(f"{said} follows in {', '.join(brought.followed)}", file=sys.stderr)
        if brought.kept:
            print(f"{said} keeps its own {', '.join(brought.kept)}", file=sys.stderr)

    def _write(self, settings: dict[str, Any]) -> None:
        text = yaml.safe_dump(settings, sort_keys=False)
        self.file.write_text(_HEADER.format(original=self.original) + text)

    def _remember(self, config: dict[str, Any]) -> None:
        self._record.parent.mkdir(exist_ok=True)
        self._record.write_text(yaml.safe_dump(config, sort_keys=False))
