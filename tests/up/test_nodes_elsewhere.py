"""A worker whose data are broken is given up; all nodes move to other ports: by config alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import engines
from tests.up.stack import TEN_USERS, Stack

pytestmark = [pytest.mark.up, pytest.mark.long]

HOLDER = """SELECT groupid - 1 FROM pg_dist_placement JOIN pg_dist_shard USING (shardid)
    WHERE logicalrelid = 'user_service.users'::regclass"""


@pytest.fixture
def own(engine: str, tmp_path: Path) -> Iterator[Stack]:
    """Give a stack of its own that is up, with ten users."""
    found = engines.find(engine)
    assert found is not None
    made = Stack(tmp_path, found.bin, services=["user"])
    made.make("up")
    made.request("POST", "/users", TEN_USERS)
    yield made
    made.make("down", check=False)


@pytest.mark.parametrize("lost", ["data/global/pg_control", "data"])
def test_it_is_given_up_by_permit_and_made_anew_later(own: Stack, engine: str, lost: str) -> None:
    [(index,)] = own.sql(HOLDER)
    name = f"worker-{index}"
    own.kill(name)
    path = own.folder / ".local/dev" / name / lost
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert lost == "data" or own.planned_sql() == []  # else a preview works
    why = f"the start of {name} failed" if lost != "data" else f"the data of {name} are gone"
    assert why in own.make("up", check=False).text  # it starts no more
    own.declare(lostWorkers=[name])
    refused = own.pulumi("up", "--yes", check=False)
    assert refused.code != 0
    assert "Traceback" not in refused.text
    assert "user_service.users (shards " in refused.text, refused.text
    permit = re.search(r"config set (allowDataLoss) (p\w+)", refused.text)
    assert permit
    own.config(*permit.groups())
    own.make("up")
    assert own.sql(HOLDER) != [(index,)]
    assert len(own.users()) == (10 if engine == "standin" else 0)  # which keeps all rows
    own.request("POST", "/users", TEN_USERS)
    assert len(own.outputs()["workers"]) == 2
    own.declare(lostWorkers=None)
    own.make("up")
    assert len(own.outputs()["workers"]) == 3
    assert own.planned_sql() == []


def test_all_nodes_at_other_ports_keep_their_rows(own: Stack) -> None:
    before = own.users()
    own.base_port += 4  # where none of them is
    own.declare(basePort=own.base_port)
    planned = own.planned_sql()
    assert [sql.split("(")[0] for sql in planned[:4]] == [
        *["SELECT citus_update_node"] * 3,
        "SELECT citus_set_coordinator_host",
    ]
    own.make("up")
    assert own.users() == before
    own.request("POST", "/users", TEN_USERS)
    ports = {row[0] for row in own.sql("SELECT nodeport FROM pg_dist_node")}
    assert ports == set(range(own.base_port, own.base_port + 4))
    assert own.planned_sql() == []
