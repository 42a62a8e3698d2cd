"""Build the CLI from its Go modules, once for all checkouts of a user."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cli.checkout import ROOT
from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = ROOT / "tools" / "pulumi"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
_LANGUAGE_HOST = "pulumi-language-python"
_INSTALL = "install the Pulumi CLI (https://www.pulumi.com/docs/install/), or Go 1.26 or newer"


def ensure() -> Path:
    """Give the path of the CLI that was built here; builds it if no run did so before."""
    folder = cache_folder()
    cli = folder / "bin" / "pulumi"
    if cli.exists():
        return cli
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / "lock"):
        if not cli.exists():  # another run may have built it while this one waited
            _build_into(folder)
    return cli


def cache_folder() -> Path:
    """Give the folder of this version, in the user's cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "citus-pulumi" / f"{version()}-{_fingerprint()}"


def version() -> str:
    """Give the version that go.mod requires."""
    pinned = re.search(r"github\.com/pulumi/pulumi/pkg/v3 (v\S+)", (MODULE / "go.mod").read_text())
    if pinned is None:
        raise ToolError(f"{MODULE / 'go.mod'} requires no github.com/pulumi/pulumi/pkg/v3")
    return pinned[1]


def _fingerprint() -> str:
    """Tell one content of what goes into the folder from another."""
    digest = hashlib.sha256()
    for source in (MODULE / "go.mod", MODULE / "go.sum", MODULE / _LANGUAGE_HOST):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _build_into(folder: Path) -> None:
    """Build beside, then rename: what a killed run leaves is never taken for a CLI."""
    if shutil.which("go") is None:
        raise ToolError(f"there is no Pulumi CLI and no Go to build it with: {_INSTALL}")
    print(
        f"building the Pulumi CLI {version()} from its Go modules, once: about 6 minutes on "
        "2 cores, seconds where Go has built it before",
        file=sys.stderr,
        flush=True,
    )
    for left_over in folder.glob("building-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
    try:
        _compile(beside / "pulumi")
        _add_scripts(beside)
        beside.chmod(0o755)
        shutil.rmtree(folder / "bin", ignore_errors=True)  # there if somebody took its CLI away
        beside.rename(folder / "bin")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _compile(target: Path) -> None:
    flags = f"-s -w -X {_SDK}/go/common/version.Version={version()}"
    package = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    tags = "-tags=osusergo,grpcnotrace"
    _go("build", "-trimpath", tags, "-ldflags", flags, "-o", str(target), package)


def _add_scripts(folder: Path) -> None:
    """Add what the CLI looks for beside itself; in Go's module cache it is read-only."""
    sdk = Path(_go("list", "-m", "-f", "{{.Dir}}", _SDK).strip())
    for source in (*(sdk / script for script in _SCRIPTS), MODULE / _LANGUAGE_HOST):
        target = folder / source.name
        shutil.copyfile(source, target)
        target.chmod(0o755)


def _go(*arguments: str) -> str:
    try:
        run = subprocess.run(
            ["go", *arguments],
            cwd=MODULE,
            env={**os.environ, "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ToolError(f"go can't be run ({error}): {_INSTALL}") from error
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ToolError(f"go could not build the Pulumi CLI ({last}): {_INSTALL}")
    return run.stdout


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock that goes with its holder's death."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
