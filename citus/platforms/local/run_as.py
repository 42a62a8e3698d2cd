"""Run PostgreSQL's programs, which refuse to run as root, for an ordinary user and for root.

Root runs them in a user namespace that maps root to another user: to the programs they run
as that user, to the file system they are still root's, so that no permission is changed.
"""

from __future__ import annotations

import functools
import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path

from citus.errors import ConfigError, ServerFailed

_PATIENCE_SECONDS = 300


@functools.cache
def prefix() -> tuple[str, ...]:
    """Give what stands before a command of PostgreSQL; empty for an ordinary user.

    Raises:
        ConfigError: Root can't make a user namespace here.
    """
    if os.geteuid() != 0:
        return ()
    # initdb looks its user up by name: any that exists and isn't root will do.
    user = next((u.pw_uid for u in pwd.getpwall() if u.pw_uid != 0), 0)
    namespace = ("unshare", "--user", f"--map-user={user}")
    try:
        subprocess.run([*namespace, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise ConfigError(
            "PostgreSQL refuses to run as root, and no user namespace can be made here "
            "(`unshare --user`): run this as an ordinary user"
        ) from None
    return namespace


def run(program: Path, *arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run one program to its end and return what it printed.

    Raises:
        ServerFailed: It failed; the message holds its last lines.
    """
    line = [*prefix(), str(program), *(str(argument) for argument in arguments)]
    try:
        result = subprocess.run(
            line,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            timeout=_PATIENCE_SECONDS,
        )
    except OSError as error:
        raise ServerFailed(f"{program} can't be run: {error}") from None
    except subprocess.TimeoutExpired:
        raise ServerFailed(f"{program} did not end in {_PATIENCE_SECONDS} s") from None
    if result.returncode != 0:
        raise ServerFailed(explain(program.name, result.stdout))
    return result.stdout


def explain(program: str, output: str) -> str:
    """Say what failed, with a sentence for what a user can mend."""
    if "No space left on device" in output:
        return f"{program}: the disk is full: make room and run it again"
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return f"{program} failed:\n" + "\n".join(lines[-10:])
