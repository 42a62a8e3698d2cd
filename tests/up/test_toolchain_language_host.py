"""The language host over its real gRPC, with real programs as children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.up

ROOT = Path(__file__).resolve().parents[2]

# Ends as pulumi-language-python-exec does; a LookupError stands for a RunError.
EXECUTOR = """\
import runpy, sys, traceback
code = 1
try:
    runpy.run_path(sys.argv[-1], run_name="__main__")
    code = 0
except LookupError as error:
    print(error, file=sys.stderr)
except Exception:
    traceback.print_exc()
    code = 32
sys.exit(code)
"""
SLEEP = """\
import os, pathlib, time
pathlib.Path("started").write_text(str(os.getpid()))
time.sleep(60)
"""


class Host:
    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        port = process.stdout.readline() if process.stdout else ""
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(port)}")
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def request(self, program: str, virtualenv: str = sys.prefix) -> Any:
        (self.folder / "main.py").write_text(program)
        request = language_pb2.RunRequest(pwd=str(self.folder), dryRun=True)
        request.config["citus:workers"] = "3"
        request.info.root_directory = request.info.program_directory = str(self.folder)
        request.info.entry_point = "main.py"
        request.info.options["virtualenv"] = virtualenv
        return request

    def run(self, program: str, virtualenv: str = sys.prefix) -> Any:
        return self.stub.Run(self.request(program, virtualenv), timeout=30)

    def start(self, program: str) -> tuple[Any, psutil.Process]:
        """Start a program that writes its pid into `started`, and wait until it did."""
        running = self.stub.Run.future(self.request(program), timeout=60)
        started = self.folder / "started"
        wait_until(lambda: started.exists() and bool(started.read_text()))
        return running, psutil.Process(int(started.read_text()))


def wait_until(happened: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def serving(folder: Path, command: list[str]) -> Iterator[Host]:
    (folder / "pulumi-language-python-exec").write_text(EXECUTOR)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CITUS_PULUMI_BIN": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            host = Host(process, folder)
            yield host
            host.channel.close()
        finally:
            process.kill()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with serving(tmp_path, [sys.executable, "-u", "-m", "tools.language_host"]) as host:
        yield host


@pytest.mark.parametrize(
    ("program", "error", "bail"),
    [
        ("raise ValueError('x')", "", True),
        ("raise LookupError('say a number')", "", True),
        ("import sys; sys.exit(32)", "", True),
        ("import sys; sys.exit(1)", "the program exited with code 1 and showed no error", False),
        ("import os; os._exit(3)", "the program exited with code 3 and showed no error", False),
        ("import os; os.kill(os.getpid(), 9)", "the program was ended by SIGKILL", False),
        ("pass", "", False),
    ],
    ids=[
        "an exception was shown",
        "a RunError was shown",
        "exit 32 says that an error was shown",
        "exit 1 by the program itself was not",
        "another exit code was not",
        "a signal was not",
        "the end of a good program",
    ],
)
def test_how_a_program_ended(host: Host, program: str, error: str, bail: bool) -> None:  # noqa: FBT001
    response = host.run(program)
    assert (response.error, response.bail) == (error, bail)


def test_a_program_gets_its_configuration_and_arguments(host: Host) -> None:
    program = """\
import json, os, pathlib, sys
said = {"config": os.environ["PULUMI_CONFIG"], "argv": sys.argv, "cwd": os.getcwd()}
pathlib.Path("said").write_text(json.dumps(said))
"""
    handshake = language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:17")
    host.stub.Handshake(handshake, timeout=10)
    assert not host.run(program).error
    said = (host.folder / "said").read_text()
    assert r"{\"citus:workers\": \"3\"}" in said
    assert '"--engine", "127.0.0.1:17"' in said
    assert '"--dry_run", "true"' in said
    assert f'"cwd": "{host.folder}"' in said


def test_a_missing_virtualenv_is_a_sentence_that_says_what_to_do(host: Host) -> None:
    error = host.run("pass", virtualenv=".nope").error
    assert error.startswith(f"{host.folder}/.nope (`virtualenv` in Pulumi.yaml) is no Python")
    assert f"`python3 -m venv {host.folder}/.nope && " in error


def test_it_tells_its_version_and_requires_nothing(host: Host) -> None:
    assert host.stub.GetPluginInfo(empty_pb2.Empty(), timeout=10).version.startswith("3.")
    packages = language_pb2.GetRequiredPackagesRequest()
    assert not host.stub.GetRequiredPackages(packages, timeout=10).packages
    assert host.stub.About(language_pb2.AboutRequest(), timeout=10).executable == sys.executable
    install = language_pb2.InstallDependenciesRequest()
    assert [part.stdout for part in host.stub.InstallDependencies(install, timeout=10)] == [b""]


def test_cancel_ends_the_program_without_a_second_error(host: Host) -> None:
    running, child = host.start(SLEEP)
    host.stub.Cancel(empty_pb2.Empty(), timeout=10)
    assert running.result().bail
    assert not child.is_running()


def test_sigint_ends_it_and_its_program_quietly(host: Host) -> None:
    running, child = host.start(SLEEP)
    host.process.send_signal(signal.SIGINT)
    assert host.process.communicate(timeout=10)[1] == ""
    assert host.process.returncode == 0
    assert not child.is_running()
    running.cancel()


def test_the_program_does_not_hear_a_ctrl_c(host: Host) -> None:
    running, child = host.start(SLEEP)
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert child.is_running()
    host.stub.Cancel(empty_pb2.Empty(), timeout=10)
    assert running.result().bail


def test_it_and_its_program_end_when_the_engine_dies(tmp_path: Path) -> None:
    engine = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'tools.language_host'])"
    with serving(tmp_path, [sys.executable, "-c", engine]) as host:
        running, program = host.start(SLEEP)
        language_host = program.parent()
        assert language_host is not None
        host.process.kill()
        wait_until(lambda: not program.is_running() and not language_host.is_running(), 3)
        running.cancel()
