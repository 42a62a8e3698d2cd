"""Serve the engine that started this process until it goes: prints the port first."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from tools.language_host.servicer import LanguageHost

if TYPE_CHECKING:
    from types import FrameType

_PARENT_POLL_SECONDS = 0.5


def main(arguments: list[str]) -> None:
    """Serve until SIGINT, SIGTERM or the death of the engine."""
    parent = os.getppid()
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    # An engine from before the handshake passes its address as the last argument.
    host = LanguageHost(engine=arguments[-1] if arguments else "")
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # Whoever is orphaned gets another parent; nobody else tells of the engine's death.
    while not ended.wait(_PARENT_POLL_SECONDS) and os.getppid() == parent:
        pass
    host.end_programs()
    server.stop(grace=0.5).wait()


if __name__ == "__main__":
    main(sys.argv[1:])
