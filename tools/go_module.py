"""Programs that are built from a go.mod of this checkout, once for all checkouts of a user."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class GoModule:
    """A folder with a go.mod and a go.sum, and what is said of the programs in it."""

    folder: Path
    name: str
    """As it stands in a sentence: "the Pulumi CLI"."""
    pinned: str
    """The module whose version is the programs'."""
    takes: str
    """How long a first build lasts."""
    install: str
    """What a user installs where they can't be built."""
    beside: tuple[Path, ...] = ()
    """What else goes into the folder of the programs."""

    @property
    def version(self) -> str:
        """Give the version that go.mod requires."""
        text = (self.folder / "go.mod").read_text()
        required = re.search(rf"{re.escape(self.pinned)} (v\S+)", text)
        if required is None:
            raise ToolError(f"{self.folder / 'go.mod'} requires no {self.pinned}")
        return required[1]

    @property
    def cache_folder(self) -> Path:
        """Give the folder of this version, in the user's cache."""
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "citus-pulumi" / f"{self.version}-{self._fingerprint()}"

    @property
    def programs(self) -> Path:
        """Give the folder that the programs are in once they are built."""
        return self.cache_folder / "bin"

    def ensure(self, program: str, build: Callable[[Path], None]) -> Path:
        """Give the path of *program*; *build* fills a folder with it if no run did so before."""
        path = self.programs / program
        if path.exists():
            return path
        self.cache_folder.mkdir(parents=True, exist_ok=True)
        with _only_one(self.cache_folder / "lock"):
            if not path.exists():  # another run may have built it while this one waited
                self._build(build)
        return path

    def go(self, *arguments: str) -> str:
        """Run Go in the module; give what it prints."""
        try:
            run = subprocess.run(
                ["go", *arguments],
                cwd=self.folder,
                env={**os.environ, "CGO_ENABLED": "0"},
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise ToolError(f"go can't be run ({error}): {self.install}") from error
        if run.returncode:
            last = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise ToolError(f"go could not build {self.name} ({last}): {self.install}")
        return run.stdout

    def _build(self, build: Callable[[Path], None]) -> None:
        """Build beside, then rename: what a killed run leaves is never taken for a program."""
        if shutil.which("go") is None:
            bare = self.name.removeprefix("the ")
            raise ToolError(f"there is no {bare} and no Go to build it with: {self.install}")
        print(
            f"building {self.name} {self.version} from its Go modules, once: {self.takes} on "
            "2 cores, seconds where Go has built it before",
            file=sys.stderr,
            flush=True,
        )
        for left_over in self.cache_folder.glob("building-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        beside = Path(tempfile.mkdtemp(prefix="building-", dir=self.cache_folder))
        try:
            build(beside)
            beside.chmod(0o755)
            shutil.rmtree(self.programs, ignore_errors=True)  # somebody took a program away
            beside.rename(self.programs)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _fingerprint(self) -> str:
        """Tell one content of what goes into the folder from another."""
        digest = hashlib.sha256()
        for source in (self.folder / "go.mod", self.folder / "go.sum", *self.beside):
            digest.update(source.read_bytes())
        return digest.hexdigest()[:12]


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock that goes with its holder's death."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
