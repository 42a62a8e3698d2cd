"""A scratch copy of this checkout: a stack `dev` of its own, on free ports, gone at the end."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench import ports
from bench.command import Ran, run, uninterrupted
from bench.failure import BenchFailed
from bench.progress import say
from citus.platforms.local import installation
from tools.cli import environment, find
from tools.cli.checkout import Project

ROOT = Path(__file__).resolve().parents[1]
STACK = "dev"
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "tests", "docs")
_PORTS_OF_NODES = 8
_PORTS_OF_SERVICES = 8


@dataclass(frozen=True)
class Checkout:
    """The copy; its commands are the project's own."""

    folder: Path

    def make(self, target: str) -> Ran:
        """Run a target of the Makefile."""
        return self._run("make", target)

    def pulumi(self, *command: str, **variables: str) -> Ran:
        """Run the CLI itself, without what bin/pulumi does first."""
        alone = ("--non-interactive", "--stack", STACK)
        return self._run(self.cli, *command, *alone, **variables)

    def select(self) -> None:
        """Make the stack where there is none."""
        self._run(self.cli, "stack", "select", "--create", STACK, "--non-interactive")

    def configure(self, settings: Mapping[str, object]) -> None:
        """Set configuration, in plain text: none of it outlives the bench."""
        words = [w for key, value in settings.items() for w in ("--plaintext", f"{key}={value}")]
        self.pulumi("config", "set-all", *words)

    def preview_steps(self) -> list[dict[str, Any]]:
        """Give the steps of a preview, with the SQL that it shows."""
        text = self.pulumi("preview", "--json").text
        return list(json.loads(text[text.index("{") :])["steps"])

    def outputs(self) -> dict[str, Any]:
        """Give the stack's outputs, the secret ones too."""
        return dict(json.loads(self.pulumi("stack", "output", "--json", "--show-secrets").text))

    def forget(self) -> None:
        """Take the stack out of the backend, as if it had never been up."""
        self.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
        self.select()

    @property
    def data(self) -> Path:
        """Where the stack's servers are."""
        return self.folder / ".local" / STACK

    @property
    def postgres_bin(self) -> Path:
        """The programs of the PostgreSQL that the stack was made with."""
        return Path(json.loads((self.data / "postgres.json").read_text())["bin"])

    @cached_property
    def cli(self) -> Path:
        """The CLI that bin/pulumi would run."""
        return self._found.path

    @cached_property
    def environment(self) -> dict[str, str]:
        """The environment that bin/pulumi would run it in, whatever the user is logged in to."""
        mine = {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")}
        mine["PULUMI_BACKEND_URL"] = environment.state_folder(self.folder)
        mine = environment.past_proxies(environment.with_public_passphrase(mine))
        return environment.for_own_cli(mine, self.folder) if self._found.built_here else mine

    @cached_property
    def _found(self) -> find.Cli:
        return find.find(Project.at(self.folder).required_version)

    def _run(self, *command: str | Path, **variables: str) -> Ran:
        return run(command, folder=self.folder, environment={**self.environment, **variables})


@contextmanager
def scratch(*, program: str = "", postgres_bin: str = "") -> Iterator[Checkout]:
    """Copy the checkout, with one of bench/programs/ in place of its program where named."""
    if postgres_bin and installation.inspect(Path(postgres_bin)) is None:
        raise BenchFailed(f"--postgres-bin is {postgres_bin}, which holds no PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="citus-bench-"))
    checkout = Checkout(folder / "checkout")
    try:
        _copy(checkout.folder, program)
        checkout.select()
        base = ports.free_run(_PORTS_OF_NODES + _PORTS_OF_SERVICES)
        if not program:
            settings = {"basePort": base, "serviceBasePort": base + _PORTS_OF_NODES}
            found = {"postgresBin": postgres_bin} if postgres_bin else {}
            checkout.configure({**settings, **found})
        yield checkout
    finally:
        with uninterrupted("cleaning up"):
            _clean_up(checkout, has_servers=not program)


@contextmanager
def cluster(*, postgres_bin: str = "") -> Iterator[Checkout]:
    """Bring up the stack `dev`."""
    with scratch(postgres_bin=postgres_bin) as checkout:
        say("bringing up a cluster")
        checkout.make("up")
        yield checkout


def _copy(folder: Path, program: str) -> None:
    environment_folder = Path(sys.prefix)
    if not (environment_folder / ".program").exists():
        raise BenchFailed("this must run in the checkout's own environment: `make bench`")
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT)
    (folder / ".venv").symlink_to(environment_folder)
    if program:
        shutil.copyfile(ROOT / "bench" / "programs" / f"{program}.py", folder / "__main__.py")


def _clean_up(checkout: Checkout, *, has_servers: bool) -> None:
    """Take the stack down, then the copy; a copy that could not be taken down is kept."""
    if has_servers and checkout.data.exists():
        try:
            checkout.make("down")
        except BenchFailed as failure:
            say(f"{failure}\nservers may be left: see to {checkout.folder} (`make down` there)")
            return
    shutil.rmtree(checkout.folder.parent, ignore_errors=True)
