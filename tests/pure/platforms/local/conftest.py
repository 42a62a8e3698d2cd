from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from citus.platforms.local import run_as
from citus.platforms.local.server import Server
from tests.pure.platforms.local.fake_installation import script

if TYPE_CHECKING:
    from pathlib import Path

# Makes the folder that follows -D, as initdb does, and keeps what it was called with.
INITDB = """
while [ $# -gt 0 ]; do
  case $1 in
    -D) mkdir -p "$2"; folder=$2;;
    --pwfile=*) cp "${1#--pwfile=}" "$(dirname "$folder")/seen-password";;
  esac
  shift
done
echo 18 > "$folder/PG_VERSION"; touch "$folder/postgresql.conf" "$folder/pg_hba.conf"
"""


@pytest.fixture
def _as_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_as, "prefix", lambda: ())


@pytest.fixture
def server(tmp_path: Path, _as_ordinary_user: None) -> Server:
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin" / "initdb", INITDB)
    (tmp_path / "worker-0").mkdir()
    return Server(tmp_path / "worker-0", tmp_path / "bin")


@pytest.fixture
def made(server: Server) -> Server:
    server.initdb("s3cret")
    return server
