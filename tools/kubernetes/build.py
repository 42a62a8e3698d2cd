"""Build a control plane, kubelet and kubectl from Kubernetes' Go modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.cli.checkout import ROOT
from tools.go_module import GoModule

if TYPE_CHECKING:
    from pathlib import Path

MODULE = GoModule(
    folder=ROOT / "tools" / "kubernetes",
    name="Kubernetes",
    pinned="k8s.io/kubernetes",
    takes="about 10 minutes",
    install="install Go 1.26 or newer",
)
_STAMP = "k8s.io/component-base/version"


def ensure() -> Path:
    """Give the folder with the programs; builds them if no run did so before."""
    return MODULE.ensure("kube-apiserver", _compile).parent


def _compile(folder: Path) -> None:
    """Build every `tool` of go.mod; without its version a server says that it is v0.0.0."""
    major, minor = MODULE.version.removeprefix("v").split(".")[:2]
    stamp = {"gitVersion": MODULE.version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X {_STAMP}.{name}={value}" for name, value in stamp.items())
    MODULE.go("build", "-trimpath", "-ldflags", f"-s -w {flags}", "-o", f"{folder}/", "tool")
