"""Where a file backend keeps the locks and the state of a stack."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tools.cli.failure import ToolError


@dataclass(frozen=True)
class StackFiles:
    """The files of one stack in a file backend."""

    root: Path
    project: str
    stack: str

    def locks(self) -> list[Path]:
        """List the lock files: one for each run that is at work, or was when it was killed."""
        folder = self.root / ".pulumi" / "locks" / "organization" / self.project / self.stack
        return sorted(folder.glob("*.json"))

    def exists(self) -> bool:
        """Tell whether the stack was ever made in this backend."""
        folder = self.root / ".pulumi" / "stacks" / self.project
        return any((folder / f"{self.stack}.json{zipped}").exists() for zipped in ("", ".gz"))

    def deployment(self) -> dict[str, Any]:
        """Read the recorded state; empty where there is none yet."""
        path = self.root / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"
        zipped = path.with_name(path.name + ".gz")
        try:
            if path.exists():
                checkpoint = json.loads(path.read_bytes())
            elif zipped.exists():
                checkpoint = json.loads(gzip.decompress(zipped.read_bytes()))
            else:
                return {}
        except (OSError, ValueError) as error:
            raise ToolError(
                f"the state {path} can't be read ({error}): "
                "put back the copy that lies beside it, with .bak at its end"
            ) from error
        deployment: dict[str, Any] = (checkpoint.get("checkpoint") or {}).get("latest") or {}
        return deployment


_KEPT = ("stacks", "locks", "history", "backups")


def mend(root: Path) -> None:
    """Remove what a killed CLI left half-written: an empty file of attributes beside a whole file.

    The CLI can't read such a backend ("EOF"), and needs none of those files.
    """
    folder = root / ".pulumi"  # where the CLI also keeps its plugins, by `pulumi login --local`
    kept = chain.from_iterable((folder / name).rglob("*.attrs") for name in _KEPT)
    for attributes in (folder / "meta.yaml.attrs", *kept):
        with suppress(OSError):  # another run has written or removed it meanwhile
            if not attributes.stat().st_size:
                attributes.unlink()


def folder_of(url: str, caller: Path) -> Path | None:
    """Give the folder of a `file://` backend; None for every other kind."""
    scheme, _, rest = url.partition("://")
    if scheme != "file":
        return None
    return caller / Path(rest.partition("?")[0]).expanduser()
