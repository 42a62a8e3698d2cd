"""One service folder under gunicorn: start, stop, health.

.local/<stack>/services/user/
├── log, pid      gunicorn's
└── password      the role's, for the service to read (0600)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import psutil

from citus.errors import ServerFailed
from citus.platforms.local import ports
from citus.private_file import write_private
from citus.process import ends_within, lives

_START_SECONDS = 30
_STOP_SECONDS = 30
_LOG_LINES = 10
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy


@dataclass(frozen=True)
class Service:
    """A service by its run folder; the process outlives whoever started it."""

    name: str
    folder: Path
    host: str
    port: int

    def start(self, password: str, environment: Mapping[str, str]) -> None:
        """Start it and wait until it says that it is ready.

        Raises:
            ServerFailed: It ended, or isn't ready in time; with the last lines of its log.
        """
        secret = self.folder.resolve() / "password"
        write_private(secret, password)
        temporary = self.folder.resolve() / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)  # a killed one could not
        temporary.mkdir()
        log = os.open(self.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = subprocess.Popen(
                self._command(),
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "DATABASE_PASSWORD_FILE": str(secret),
                    "TMPDIR": str(temporary),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # it lives on when the provider's process ends
            )
        finally:
            os.close(log)
        self._wait_until_ready(process)

    def stop(self) -> None:
        """Let it finish its requests and end; stopped already is fine."""
        master = self.process()
        if master is not None:
            master.terminate()
            ends_within(_STOP_SECONDS, master)
        left = self.processes()
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        ends_within(5, *left)

    def sibling_on_port(self) -> Service | None:
        """Find the service of the same stack that has this one's port: it is to leave it."""
        listener = ports.listener(self.port)
        for folder in self.folder.parent.glob("*"):
            sibling = Service(folder.name, folder, self.host, self.port)
            if folder != self.folder and listener in sibling.processes():
                return sibling
        return None

    def process(self) -> psutil.Process | None:
        """Find the process by its pid file; a pid that another has by now is none."""
        try:
            process = psutil.Process(int(Path(self._pid).read_text()))
            return process if lives(process) and self._pid in process.cmdline() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def processes(self) -> list[psutil.Process]:
        """Find its master and workers; those of a killed master hold the port a while longer."""
        here = str(Path.cwd())  # a process's folder follows a checkout that is moved
        return [
            process
            for process in psutil.process_iter(["cmdline", "cwd"])
            if self._pid in (process.info["cmdline"] or []) and process.info["cwd"] == here
        ]

    @property
    def _pid(self) -> str:
        return str(self.folder / "pid")

    def _command(self) -> list[str]:
        gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"{self.host}:{self.port}"]
        options = ["--config", "python:services.runtime.gunicorn_conf", "--pid", self._pid]
        return [*gunicorn, *options, f"services.{self.name}.app:from_environment()"]

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerFailed(f"service {self.name} ended at once; its log:\n{self._last()}")
            if self._is_ready():
                return
            time.sleep(0.1)
        self.stop()
        raise ServerFailed(
            f"service {self.name} is not ready after {_START_SECONDS} s; its log:\n{self._last()}"
        )

    def _is_ready(self) -> bool:
        listener = ports.listener(self.port)
        if listener is not None and listener not in self.processes():
            return False  # another process answers on this port
        try:
            with _DIRECT.open(f"http://{self.host}:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            return False

    def _last(self) -> str:
        text = (self.folder / "log").read_text(errors="replace")
        return "\n".join(text.strip().splitlines()[-_LOG_LINES:])
