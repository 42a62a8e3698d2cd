"""A PostgreSQL installation made of two shell scripts: enough to be looked at, not to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make(folder: Path, version: str, *, has_citus: bool) -> Path:
    """Write `postgres` and `initdb` under *folder* and return their folder."""
    programs, extensions = folder / "bin", folder / "share" / "extension"
    programs.mkdir(parents=True)
    extensions.mkdir(parents=True)
    script(programs / "postgres", f"echo 'postgres (PostgreSQL) {version}'")
    script(programs / "initdb", f"echo 'VERSION={version}'; echo 'share_path={folder}/share'")
    if has_citus:
        (extensions / "citus.control").touch()
    return programs


def script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
