from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.graph import program


@pytest.fixture(scope="session")
def run(run_in_containers: Callable[..., program.Graph]) -> Callable[..., program.Graph]:
    """Run the program on the platform `docker`."""
    return run_in_containers


# Named here again: a fixture of the session is kept by where it is defined.
@pytest.fixture(scope="session")
def up(run: Callable[..., program.Graph]) -> program.Graph:
    return run()


@pytest.fixture(scope="session")
def preview(run: Callable[..., program.Graph]) -> program.Graph:
    return run(preview=True)
