"""One command to a server, as its superuser: what its bootstrap and its restart need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import tenacity

from citus.platforms.local import run_as

_START_SECONDS = 60


@tenacity.retry(
    retry=tenacity.retry_if_exception(lambda e: "is starting up" in str(e)),
    wait=tenacity.wait_fixed(0.5),
    stop=tenacity.stop_after_delay(_START_SECONDS),
    reraise=True,
)
def run(program: Path, where: str, command: str, *, env: Mapping[str, str]) -> str:
    """Give what it prints, a line a row; *where* is libpq's ``host=… port=…``.

    Raises:
        ServerFailed: The server doesn't answer, or refuses the command.
    """
    return run_as.run(
        program,
        *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command),
        f"{where} connect_timeout=10 application_name=citus-bootstrap",
        env=env,
    )


def host_of(listens: str) -> str:
    """Give an address for a host that a server listens on: by hand it may be all, or none."""
    return "127.0.0.1" if listens in ("", "*") else listens
