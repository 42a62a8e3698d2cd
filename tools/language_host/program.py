"""How a Pulumi program in Python is started, and how its end reads. No process is started here."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

EXIT_ERROR_SHOWN = 32
"""What pulumi-language-python-exec exits with after the user was shown the error."""

_LAUNCHER = Path(__file__).with_name("launcher.py")


class MissingEnvironment(Exception):
    """The virtual environment that Pulumi.yaml names does not exist."""


def command(request: Any, engine: str) -> tuple[list[str], dict[str, str]]:
    """Give the command line and the environment that run the program of a RunRequest."""
    environment = {
        **os.environ,
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }
    arguments = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    flags = [word for name, value in arguments.items() for word in (f"--{name}", value)]
    start = [_python(request.info), "-u", str(_LAUNCHER), _executor()]
    entry_point = request.info.entry_point or request.program
    return [*start, *flags, entry_point, *request.args], environment


def how_it_ended(exit_code: int) -> str:
    """Tell of an end that showed the user no error of its own."""
    if exit_code < 0:
        return f"the program was ended by {signal.Signals(-exit_code).name}"
    return f"the program exited with code {exit_code} and showed no error"


def _python(info: Any) -> str:
    """Give the interpreter of the virtual environment, or the system's where none is named."""
    named = dict(info.options).get("virtualenv")
    if not named:
        return "python3"
    folder = Path(info.root_directory) / str(named)
    python = folder / "bin" / "python"
    if not os.access(python, os.X_OK):
        raise MissingEnvironment(
            f"{folder} (`virtualenv` in Pulumi.yaml) is no Python environment: make it with "
            f"`python3 -m venv {folder} && {python} -m pip install -r requirements.txt`"
        )
    return str(python)


def _executor() -> str:
    """Give Pulumi's own script that runs a program; it lies beside the CLI."""
    folder = os.environ.get("CITUS_PULUMI_BIN", "")
    return str(Path(folder) / "pulumi-language-python-exec")
