"""Find the CLI: each finder is tried in turn, the first that has one wins."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cli import build
from tools.cli.checkout import ROOT
from tools.cli.version import satisfies

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Cli:
    """A CLI to run; one that was built here brings no plugins and no updates."""

    path: Path
    built_here: bool


def on_path(required: str) -> Cli | None:
    """Take the user's own, if it is new enough."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        candidate = Path(folder or ".") / "pulumi"
        if not os.access(candidate, os.X_OK) or not candidate.is_file() or _is_ours(candidate):
            continue
        version = _version(candidate)
        if satisfies(version, required):
            return Cli(candidate.absolute(), built_here=False)
        print(
            f"{candidate} is {version or 'no Pulumi CLI'}, Pulumi.yaml requires {required}: "
            "using another",
            file=sys.stderr,
        )
        return None
    return None


def built(_required: str) -> Cli | None:
    """Take the one in the user's cache, or build it."""
    return Cli(build.ensure(), built_here=True)


FINDERS: tuple[Callable[[str], Cli | None], ...] = (on_path, built)


def find(required: str) -> Cli:
    """Give the CLI to run; the last finder gives one or says what to install."""
    found = (finder(required) for finder in FINDERS)
    return next(cli for cli in found if cli is not None)


def _is_ours(candidate: Path) -> bool:
    """Tell whether this is bin/pulumi, of this checkout or of another."""
    script = candidate.resolve()
    beside = script.parent.parent / "tools" / "cli"
    return script == ROOT / "bin" / "pulumi" or beside.is_dir()


def _version(cli: Path) -> str:
    try:
        run = subprocess.run(
            [cli, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip()
