from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from citus.platforms.docker import engine
from citus.platforms.local import run_as
from tests.graph import program
from tests.pure.platforms.local import fake_installation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


COMPANIES = "CREATE TABLE companies (id bigint PRIMARY KEY);"


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program's files and no `.local`, whatever this checkout has run.

    A user has written the files of two schemas more, and the tables of a service but no service.
    """
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "services").symlink_to(program.ROOT / "services")
    (folder / "sql").mkdir()
    for schema in (program.ROOT / "sql").iterdir():
        (folder / "sql" / schema.name).symlink_to(schema)
    for name in ("ads", "archive", "moon_service"):
        (folder / "sql" / name).mkdir(exist_ok=True)
        (folder / "sql" / name / "001_tables.sql").write_text(COMPANIES)
    return folder


@pytest.fixture(scope="session")
def run(checkout: Path) -> Callable[..., program.Graph]:
    """Run the program on a PostgreSQL with Citus that is a pair of shell scripts."""
    postgres = fake_installation.make(checkout / "postgres", "17.2", has_citus=True)

    def run(
        *, preview: bool = False, secrets: dict[str, str] | None = None, **config: str
    ) -> program.Graph:
        with contextlib.chdir(checkout), pytest.MonkeyPatch.context() as patch:
            patch.setattr(run_as, "prefix", lambda: ())  # scripts run as root too
            return program.run(
                {"postgresBin": str(postgres), **config}, secrets=secrets or {}, preview=preview
            )

    return run


@pytest.fixture(scope="session")
def run_in_containers(checkout: Path) -> Callable[..., program.Graph]:
    """Run the program on the platform `docker`, with no engine to ask."""

    def run_in_containers(
        *,
        preview: bool = False,
        secrets: dict[str, str] | None = None,
        folder: Path = checkout,
        **config: str,
    ) -> program.Graph:
        with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "check", lambda _stack: None)
            patch.setattr(engine, "image_platform", lambda: "linux/arm64")
            declared = {"platform": "docker", **config}
            return program.run(declared, secrets=secrets or {}, preview=preview)

    return run_in_containers


@pytest.fixture(scope="session")
def up(run: Callable[..., program.Graph]) -> program.Graph:
    return run()


@pytest.fixture(scope="session")
def preview(run: Callable[..., program.Graph]) -> program.Graph:
    return run(preview=True)
