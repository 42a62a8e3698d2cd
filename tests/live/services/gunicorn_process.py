"""The service under a real gunicorn, started as the platform `local` starts it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.live.services.postgres import free_port

_ROOT = Path(__file__).parents[3]


class Answer(NamedTuple):
    """A status, and the JSON that came with it."""

    status: int
    json: Any


class Gunicorn:
    """One gunicorn master and its workers; a context manager that ends them."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.port = free_port()
        # Files, not pipes: a pipe that nobody reads fills up and stops the service.
        self._out = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._err = tempfile.TemporaryFile()  # noqa: SIM115  likewise
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"),
                *("--config", "python:services.runtime.gunicorn_conf"),
                "services.user.app:from_environment()",
            ],
            cwd=_ROOT,
            env={"PATH": os.environ["PATH"], **environ},
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            finally:
                self.process.kill()
                self.process.wait()
        self._out.close()
        self._err.close()

    def stdout(self) -> str:
        """Return what was written to stdout so far."""
        return _content(self._out)

    def stderr(self) -> str:
        """Return what was written to stderr so far."""
        return _content(self._err)

    def wait_until_up(self) -> None:
        """Return once the process answers."""
        deadline = time.monotonic() + 15
        while True:
            try:
                assert self.request("GET", "/healthz").status == 200
            except OSError:
                assert self.process.poll() is None, self.stderr()
                assert time.monotonic() < deadline, self.stderr()
                time.sleep(0.05)
            else:
                return

    def request(self, method: str, path: str, body: Any = None) -> Answer:
        """Send one request, its body as JSON; bytes go as they are."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with closing(connection):
            connection.request(method, path, data, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))


def _content(file: Any) -> str:
    return str(os.pread(file.fileno(), 2**20, 0), "utf-8")
