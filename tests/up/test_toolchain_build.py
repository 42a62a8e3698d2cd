"""How the CLI gets into the user's cache, with a stand-in for Go that writes down its calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.up

ROOT = Path(__file__).resolve().parents[2]
ENSURE = """\
import sys
from tools.cli import build
from tools.cli.failure import ToolError
try:
    print(build.ensure())
except ToolError as error:
    sys.exit(f"error: {error}")
"""
GO = """\
#!/bin/sh
echo "$1" >> "{folder}/calls"
case $1 in
build)
    sleep "${{BUILD_SECONDS:-0}}"
    [ -z "${{BUILD_FAILS:-}}" ] || {{ echo "no module to be had" >&2; exit 1; }}
    while [ "$1" != -o ]; do shift; done
    echo "built" > "$2"; chmod +x "$2" ;;
list) echo "{folder}/sdk" ;;
esac
"""


class Machine:
    """A user with a cache of his own, and Go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin/go").write_text(GO.format(folder=folder))
        (folder / "bin/go").chmod(0o755)
        names = ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python")
        for name in names:
            script = folder / "sdk/python" / name
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text("#!/bin/sh\n")
            script.chmod(0o444)

    def start(self, *, path: str | None = None, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", ENSURE],
            cwd=ROOT,
            env={
                **os.environ,
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                "PATH": path or f"{self.folder}/bin:/usr/bin:/bin",
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, **variables: str) -> tuple[int, str, str]:
        with self.start(**variables) as process:
            out, err = process.communicate(timeout=30)
            return process.returncode, out.strip(), err

    def builds(self) -> int:
        calls = self.folder / "calls"
        return calls.read_text().split().count("build") if calls.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_go_one_sentence_says_what_to_install(machine: Machine) -> None:
    code, _, err = machine.run(path=str(machine.folder))
    assert code == 1
    assert err.startswith("error: there is no Pulumi CLI and no Go to build it with: install ")
    assert err.count("\n") == 1


def test_a_build_that_fails_is_one_sentence_and_leaves_nothing(machine: Machine) -> None:
    code, _, err = machine.run(BUILD_FAILS="1")
    assert code == 1
    assert "go could not build the Pulumi CLI (no module to be had): install" in err
    assert "Traceback" not in err
    assert not list(machine.folder.glob("cache/citus-pulumi/*/b*"))


def test_it_is_built_once_and_says_how_long_that_takes(machine: Machine) -> None:
    code, cli, err = machine.run()
    assert code == 0
    assert "about 6 minutes" in err
    beside = sorted(path.name for path in Path(cli).parent.iterdir())
    assert beside == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]
    assert all(os.access(Path(cli).parent / name, os.X_OK) for name in beside)
    assert machine.run(path=str(machine.folder)) == (0, cli, "")
    assert machine.builds() == 1


def test_two_at_once_build_once(machine: Machine) -> None:
    with machine.start(BUILD_SECONDS="1") as first, machine.start(BUILD_SECONDS="1") as second:
        assert first.communicate(timeout=30)[0] == second.communicate(timeout=30)[0]
        assert (first.returncode, second.returncode) == (0, 0)
    assert machine.builds() == 1


def test_what_a_killed_build_leaves_is_not_taken_for_a_cli(machine: Machine) -> None:
    with machine.start(BUILD_SECONDS="30") as killed:
        end = time.monotonic() + 10
        while not machine.builds() and time.monotonic() < end:
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
    assert list(machine.folder.glob("cache/citus-pulumi/*/building-*"))
    code, cli, _ = machine.run()
    assert code == 0
    assert machine.builds() == 2
    assert not list(Path(cli).parents[1].glob("building-*"))
