"""One of upstream's services as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import ports
from bench.checkout import ROOT
from bench.failure import BenchFailed

_START_SECONDS = 30


@contextmanager
def running(service: str, database_url: str, log: Path) -> Iterator[str]:
    """Start it, and give its URL."""
    port = ports.free_run(1)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", f"bench.upstream.{service}"],
            cwd=ROOT,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "DATABASE_URL": database_url,
                "PORT": str(port),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we end it
        )
    try:
        _wait_until_up(process, port, log)
        yield f"http://{ports.HOST}:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((ports.HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise BenchFailed(f"upstream's {log.stem} did not come up:\n{log.read_text(errors='replace')}")
