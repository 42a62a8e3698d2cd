"""A copy of the checkout with a tiny program, for its siblings too; and clones among themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.up

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("bin", "tools", "Makefile", "Pulumi.dev.yaml", "requirements.txt")

PROGRAM = """\
import pulumi
from patient import Patient
Patient("a")
secret = "postgresql://postgres:pass%3Aword@127.0.0.1:1/citus"
pulumi.export("adminUrl", pulumi.Output.secret(secret))
"""
# Its create waits until the file `go` is there, also when the CLI was killed; then it ends, as
# the providers of the program do.
PATIENT = """\
import os, pathlib, threading, time
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

HERE = pathlib.Path(__file__).parent

class Provider(ResourceProvider):
    def create(self, props):
        with (HERE / "creates").open("a") as file:
            file.write("begun\\n")
        while not (HERE / "go").exists():
            time.sleep(0.05)
        if os.popen(f"ps -o ppid= -p {os.getppid()}").read().strip() == "1":
            os._exit(0)
        return CreateResult("1", {})

class Patient(Resource, module="test", name="Patient"):
    def __init__(self, name):
        super().__init__(Provider(), name, {})
"""


class Checkout:
    """A checkout of its own, with its own state and home."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")
        }
        self.environment["PULUMI_HOME"] = str(home)
        folder.mkdir()
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
        for name in ("services", "tests"):
            (folder / name).mkdir()
            shutil.copy(ROOT / name / "requirements.txt", folder / name)
        (folder / ".venv").symlink_to(sys.prefix)
        self.write("Pulumi.yaml", (ROOT / "Pulumi.yaml").read_text())
        self.write("__main__.py", PROGRAM)
        self.write("patient.py", PATIENT)
        self.write(".gitignore", "/.venv\n/.pulumi-state\n__pycache__\n/go\n/creates\n")
        self.git("init", "-q")
        self.git("add", "-A")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def git(self, *arguments: str) -> str:
        run = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return run.stdout

    def changed_files(self) -> str:
        """Tell what differs from what was added, and what is new."""
        return self.git("diff", "--name-only") + self.git("ls-files", "-o", "--exclude-standard")

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **variables: str) -> tuple[int, str]:
        with self.start(*command, **variables) as process:
            out, _ = process.communicate(timeout=200)
            return process.returncode, out

    def locks(self) -> list[Path]:
        return list(self.folder.glob(".pulumi-state/.pulumi/locks/**/*.json"))

    def begun(self) -> int:
        creates = self.folder / "creates"
        return len(creates.read_text().split()) if creates.exists() else 0

    def pending(self) -> list[str]:
        path = self.folder / ".pulumi-state/.pulumi/stacks/citus/dev.json"
        latest = json.loads(path.read_text())["checkpoint"]["latest"]
        return [operation["type"] for operation in latest.get("pending_operations") or []]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path / "checkout", tmp_path / "home")
    yield checkout
    checkout.write("go", "")  # lets go what a failed test left waiting


def test_it_works_from_any_folder_and_on_a_fresh_clone(checkout: Checkout, tmp_path: Path) -> None:
    with subprocess.Popen(
        [checkout.folder / "bin/pulumi", "config", "get", "workers"],
        cwd=tmp_path,
        env=checkout.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "3\n")
    assert checkout.changed_files() == ""


def test_a_second_clone_builds_nothing_and_outlives_the_first(
    checkout: Checkout, tmp_path: Path
) -> None:
    """Without Go, by the CLI in the user's cache, whose language host is each clone's own."""
    first = checkout.run("bin/pulumi", "version")
    assert first[0] == 0
    second = Checkout(tmp_path / "second", tmp_path / "home")
    shutil.rmtree(checkout.folder)
    second.write("go", "")
    code, out = second.run("make", "up", PATH=without_go(tmp_path / "path"))
    assert code == 0, out
    assert "building" not in out
    checkout.folder.mkdir()


def without_go(folder: Path) -> str:
    """Give a PATH on which there is no Go."""
    folder.mkdir()
    (folder / "python3").symlink_to(sys.executable)
    kept = [
        part
        for part in os.environ["PATH"].split(os.pathsep)
        if part and not (Path(part) / "go").exists()
    ]
    return os.pathsep.join([*kept, str(folder), "/usr/bin", "/bin"])
