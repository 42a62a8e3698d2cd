"""What the engine may ask of a language host."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from tools.language_host import program

if TYPE_CHECKING:
    from collections.abc import Iterator


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs; dependencies are the business of bin/pulumi."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ending = False

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Learn where the engine listens."""
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Tell the version: that of the SDK, whose protocol this speaks."""
        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Require none: the dynamic provider comes with the SDK."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """List none: requirements.txt does."""
        return language_pb2.GetProgramDependenciesResponse()

    def About(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Tell which Python this is."""
        return language_pb2.AboutResponse(
            executable=sys.executable, version=platform.python_version()
        )

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: ARG002, N802
        """Install nothing: bin/pulumi has done so before the CLI started."""
        yield language_pb2.InstallDependenciesResponse()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Run the program to its end and tell how it ended."""
        try:
            command, environment = program.command(request, self._engine)
            child = self._start(command, environment, request.info.program_directory or request.pwd)
        except (program.MissingEnvironment, OSError) as error:
            return language_pb2.RunResponse(error=str(error))
        exit_code = child.wait()
        with self._lock:
            self._running.discard(child)
            cancelled = self._ending
        if exit_code == 0:
            return language_pb2.RunResponse()
        if exit_code == program.EXIT_ERROR_SHOWN or cancelled:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=program.how_it_ended(exit_code))

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """End the programs that run."""
        self.end_programs()
        return empty_pb2.Empty()

    def end_programs(self) -> None:
        """End them by SIGTERM: on SIGINT Python shows a traceback over the real error."""
        with self._lock:
            self._ending = True
            for child in self._running:
                child.terminate()

    def _start(
        self, command: list[str], environment: dict[str, str], folder: str
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ending:
                raise OSError("the run was cancelled before the program started")
            child = subprocess.Popen(command, env=environment, cwd=folder or None)
            self._running.add(child)
        return child
