from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from citus.platforms.kubernetes import api
from tests.graph import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REGISTRY = "registry.example.com/citus"


@pytest.fixture(scope="session")
def run_in_kubernetes(checkout: Path) -> Callable[..., program.Graph]:
    """Run the program on the platform `kubernetes`, with no API server to ask."""

    def run_in_kubernetes(
        *, preview: bool = False, secrets: dict[str, str] | None = None, **config: str
    ) -> program.Graph:
        with contextlib.chdir(checkout), pytest.MonkeyPatch.context() as patch:
            patch.setattr(api, "identity", lambda _settings: "the-cluster")
            declared = {"platform": "kubernetes", "imageRegistry": REGISTRY, **config}
            return program.run(declared, secrets=secrets or {}, preview=preview)

    return run_in_kubernetes


@pytest.fixture(scope="session")
def up(run_in_kubernetes: Callable[..., program.Graph]) -> program.Graph:
    """The stack with everything on."""
    return run_in_kubernetes(pooler="true", adminConsole="true")


@pytest.fixture(scope="session")
def preview(run_in_kubernetes: Callable[..., program.Graph]) -> program.Graph:
    return run_in_kubernetes(pooler="true", adminConsole="true", preview=True)
