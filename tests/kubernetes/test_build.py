"""How Kubernetes gets into the user's cache, with a stand-in for Go that writes down its calls."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.kubernetes import build

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[2]
GO = """\
#!/bin/sh
echo "$@" >> "{folder}/calls"
[ -z "${{BUILD_FAILS:-}}" ] || {{ echo "no module to be had" >&2; exit 1; }}
while [ "$1" != -o ]; do shift; done
echo built > "$2/kube-apiserver"
"""


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    go = folder / "bin" / "go"
    go.parent.mkdir(exist_ok=True)
    go.write_text(GO.format(folder=folder))
    go.chmod(0o755)
    path = {"XDG_CACHE_HOME": str(folder / "cache"), "PATH": f"{go.parent}:/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-m", "tools.kubernetes"],
        cwd=ROOT,
        env={**os.environ, **path, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_it_is_built_once_with_its_version_and_says_how_long_that_takes(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert first.stdout == second.stdout
    assert (Path(first.stdout.strip()) / "kube-apiserver").read_text() == "built\n"
    assert "about 10 minutes" in first.stderr
    assert second.stderr == ""
    [call] = (tmp_path / "calls").read_text().splitlines()
    assert f"-X k8s.io/component-base/version.gitVersion={build.MODULE.version} " in call
    assert call.endswith(" tool")


def test_without_go_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = run(tmp_path, PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == (
        "error: there is no Kubernetes and no Go to build it with: install Go 1.26 or newer\n"
    )


def test_a_build_that_fails_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, BUILD_FAILS="1")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "\nerror: go could not build Kubernetes (no module to be had): install Go 1.26 or newer\n"
    )
    assert not list(tmp_path.glob("cache/citus-pulumi/*/b*"))


def test_the_modules_of_kubernetes_are_of_one_version() -> None:
    """A new v1.x.y needs v0.x.y of each: Go itself would be content with any."""
    required = (build.MODULE.folder / "go.mod").read_text()
    versions = re.findall(r"^\tk8s\.io/\S+ v0\.([1-9]\S*)", required, re.MULTILINE)
    assert set(versions) == {build.MODULE.version.removeprefix("v1.")}
