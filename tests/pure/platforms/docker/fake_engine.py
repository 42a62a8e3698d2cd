"""An engine on a socket that knows volumes, and writes down what it is asked."""

from __future__ import annotations

import json
import socketserver
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self

import pytest


@dataclass
class FakeEngine:
    """What the engine has, and the requests that it got."""

    volumes: set[str] = field(default_factory=set)
    containers: dict[str, list[str]] = field(default_factory=dict)  # health, told one by one
    asked: list[str] = field(default_factory=list)
    refuses: str = ""

    @classmethod
    def start(cls, path: Path, monkeypatch: pytest.MonkeyPatch) -> Self:
        """Listen at *path*, where DOCKER_HOST then points, until the process ends."""
        engine = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(*engine.get(self.path))

            def do_POST(self) -> None:
                self._answer(*engine.change(f"POST {self.path}"))

            def do_DELETE(self) -> None:
                self._answer(*engine.change(f"DELETE {self.path}"))

            def _answer(self, status: int, body: Any) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode() if body is not None else b"")

            def address_string(self) -> str:
                return "the test"

            def log_message(self, *_: object) -> None: ...

        server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        return engine

    def get(self, path: str) -> tuple[int, Any]:
        """Answer a question."""
        kind, _, name = path.strip("/").partition("/")
        if kind == "info":
            return 200, {"ServerVersion": "20.10.24"}
        if kind == "version":
            return 200, {"Os": "linux", "Arch": "arm64"}
        if kind == "volumes":
            return (200, {"Name": name}) if name in self.volumes else (404, {"message": "no such"})
        health = self.containers.get(name.removesuffix("/json"))
        if health is None:
            return 404, {"message": "No such container"}
        now = health.pop(0) if len(health) > 1 else health[0]
        return 200, {"State": {"Running": True, "Health": {"Status": now}}}

    def change(self, request: str) -> tuple[int, Any]:
        """Write down what is to be done."""
        self.asked.append(request)
        return (500, {"message": self.refuses}) if self.refuses else (204, None)
