"""Build the CLI from its Go modules, once for all checkouts of a user."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.cli.checkout import ROOT
from tools.go_module import GoModule

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
_FOLDER = ROOT / "tools" / "pulumi"
_LANGUAGE_HOST = _FOLDER / "pulumi-language-python"

MODULE = GoModule(
    folder=_FOLDER,
    name="the Pulumi CLI",
    pinned=_PACKAGE,
    takes="about 6 minutes",
    install=("install the Pulumi CLI (https://www.pulumi.com/docs/install/), or Go 1.26 or newer"),
    beside=(_LANGUAGE_HOST,),
)


def ensure() -> Path:
    """Give the path of the CLI that was built here; builds it if no run did so before."""
    return MODULE.ensure("pulumi", _fill)


def _fill(folder: Path) -> None:
    flags = f"-s -w -X {_SDK}/go/common/version.Version={MODULE.version}"
    target, tags = str(folder / "pulumi"), "-tags=osusergo,grpcnotrace"
    MODULE.go("build", "-trimpath", tags, "-ldflags", flags, "-o", target, f"{_PACKAGE}/cmd/pulumi")
    _add_scripts(folder)


def _add_scripts(folder: Path) -> None:
    """Add what the CLI looks for beside itself; in Go's module cache it is read-only."""
    sdk = Path(MODULE.go("list", "-m", "-f", "{{.Dir}}", _SDK).strip())
    for source in (*(sdk / script for script in _SCRIPTS), _LANGUAGE_HOST):
        target = folder / source.name
        shutil.copyfile(source, target)
        target.chmod(0o755)
