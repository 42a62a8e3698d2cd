"""One stack an engine, brought up once and shared; each test leaves it as declared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import engines
from tests.up.stack import TEN_USERS, Stack

# The tutorial's look at where the tables are.
SHARDS = (
    "select nodename, nodeport, table_name, pg_size_pretty(sum(shard_size))"
    " from citus_shards group by nodename, nodeport, table_name"
)


@pytest.fixture(scope="session", params=engines.NAMES)
def engine(request: pytest.FixtureRequest) -> str:
    """Name the engine: the stand-in, or a real Citus where one is installed."""
    if engines.find(request.param) is None:
        pytest.skip(engines.MISSING[request.param])
    return str(request.param)


@pytest.fixture(scope="session")
def stack(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that is up, with ten users in it."""
    made = Stack(tmp_path_factory.mktemp(f"stack-{engine}"), _bin(engine))
    made.first_preview = made.planned_sql()
    made.first_up = made.make("up").text
    made.request("POST", "/users", TEN_USERS)
    made.first_shards = made.sql(SHARDS)
    yield made
    made.make("down", check=False)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stack]:
    """A stack that is not up yet, on the stand-in."""
    # One worker and one service are enough here, and quicker.
    made = Stack(tmp_path, _bin("standin"), workers=1, services=["user"])
    yield made
    if (tmp_path / ".local").exists():  # else nothing runs
        made.make("down", check=False)


def _bin(engine: str) -> str:
    found = engines.find(engine)
    assert found is not None
    return found.bin
