from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from citus.platforms.docker import engine
from tests.graph import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def run(checkout: Path) -> Callable[..., program.Graph]:
    """Run the program on the platform `docker`, with no engine to ask."""

    def run(
        *,
        preview: bool = False,
        secrets: dict[str, str] | None = None,
        folder: Path = checkout,
        **config: str,
    ) -> program.Graph:
        with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "check", lambda _stack: None)
            declared = {"platform": "docker", **config}
            return program.run(declared, secrets=secrets or {}, preview=preview)

    return run


# Named here again: a fixture of the session is kept by where it is defined.
@pytest.fixture(scope="session")
def up(run: Callable[..., program.Graph]) -> program.Graph:
    return run()


@pytest.fixture(scope="session")
def preview(run: Callable[..., program.Graph]) -> program.Graph:
    return run(preview=True)
