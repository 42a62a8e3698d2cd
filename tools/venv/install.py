"""Make .venv and install what is pinned; ensure.sh calls this when something is to be done.

Only the standard library: there is no environment yet.
A stamp (a copy of the requirements) is written last, `.installing` stands while pip is at work.
An environment with `.installing` or without a stamp is half made: it is made anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUIREMENTS = {
    "program": ("requirements.txt", "services/requirements.txt"),
    "tests": ("tests/requirements.txt", "requirements.txt", "services/requirements.txt"),
}


class CannotInstall(Exception):  # noqa: N818
    """The environment can't be made; the text says what to do."""


def wanted(root: Path, what: str) -> str:
    """Give the text whose copy is the stamp."""
    return "".join((root / name).read_text() for name in REQUIREMENTS[what])


def fits(root: Path, what: str) -> bool:
    """Tell whether the environment has what is pinned."""
    stamp = root / ".venv" / f".{what}"
    return not _half_made(root) and stamp.exists() and stamp.read_text() == wanted(root, what)


def ensure(root: Path, what: str) -> None:
    """Make the environment fit; a second run at the same time waits for the first."""
    with _only_one(root):
        if fits(root, what):
            return
        folder = root / ".venv"
        if _half_made(root):
            print("making the Python environment .venv: about a minute", file=sys.stderr)
            if folder.is_symlink():
                folder.unlink()  # where it leads to is another's
            shutil.rmtree(folder, ignore_errors=True)
            _create(folder)
        else:
            print("installing changed requirements into .venv: some seconds", file=sys.stderr)
        text = wanted(root, what)
        (folder / ".installing").touch()
        _install(root, what)
        (folder / ".program").write_text(wanted(root, "program"))
        (folder / f".{what}").write_text(text)
        (folder / ".installing").unlink()


@contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Hold the lock of the folder itself: it leaves no file, and goes with its holder's death."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _half_made(root: Path) -> bool:
    folder = root / ".venv"
    made = (folder / ".program").exists() and (folder / "bin" / "python").exists()
    return not made or (folder / ".installing").exists()


def _create(folder: Path) -> None:
    try:
        venv.EnvBuilder(with_pip=True, symlinks=True).create(folder)
    except (subprocess.CalledProcessError, OSError) as error:
        raise CannotInstall(
            f"python3 can't make {folder}: install its venv module (Debian: apt-get install "
            f"python3-venv), then run this again ({error})"
        ) from error


def _install(root: Path, what: str) -> None:
    pip = [str(root / ".venv/bin/python"), "-m", "pip", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", "--quiet", "-r", REQUIREMENTS[what][0]], cwd=root, check=False
    )
    if done.returncode:
        raise CannotInstall(
            f"pip could not install {REQUIREMENTS[what][0]} (see above): "
            "mend the connection to the package index, then run this again"
        )


if __name__ == "__main__":
    try:
        ensure(Path.cwd(), sys.argv[1])
    except CannotInstall as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
