"""A service under a real gunicorn, started as the platform `local` starts it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPMessage
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.live.services.postgres import free_port

_ROOT = Path(__file__).parents[3]


class Answer(NamedTuple):
    """A status, and the JSON or other text that came with it."""

    status: int
    json: Any
    headers: HTTPMessage


class Gunicorn:
    """One gunicorn master and its workers; a context manager that ends them."""

    def __init__(self, environ: dict[str, str], service: str = "user", *, port: int = 0) -> None:
        self.port = port or free_port()
        # Files, not pipes: a pipe that nobody reads fills up and stops the service.
        self._out = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._err = tempfile.TemporaryFile()  # noqa: SIM115  likewise
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"),
                *("--config", "python:services.runtime.gunicorn_conf"),
                f"services.{service}.app:from_environment()",
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

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request, its body as JSON; bytes go as they are."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with closing(connection):
            connection.request(
                method, path, data, {"Content-Type": "application/json", **(headers or {})}
            )
            response = connection.getresponse()
            text = response.read().decode()
        is_json = response.getheader("Content-Type") == "application/json"
        return Answer(response.status, json.loads(text) if is_json else text, response.headers)

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of both streams, each of which must be a JSON object."""
        lines = (self.stdout() + self.stderr()).splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda line: line["time"])


def _content(file: Any) -> str:
    return str(os.pread(file.fileno(), 2**26, 0), "utf-8")
