"""A server that doesn't answer is neither gone nor waited for without end."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest

from citus.database import provider
from citus.database.errors import NotReachable
from citus.database.executor import connect
from tests.live.cluster import Cluster, free_ports
from tests.live.database.conftest import Placed
from tests.live.database.kind import Kind
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place, a_name
from tests.live.declared import Declared

pytestmark = [pytest.mark.live, pytest.mark.one_engine]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_create_and_update_say_in_a_sentence_that_no_server_answers(
    kind: Kind, kind_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "connect", functools.partial(connect, patience=0.1))
    [port] = free_ports(1)
    resource, declared = kind.resource(), kind.declare(kind_place)
    elsewhere = replace(declared, endpoint=replace(declared.endpoint, port=port))
    with pytest.raises(NotReachable, match=rf"^127\.0\.0\.1:{port} is not reachable: .*$"):
        resource.up(elsewhere)
    resource.up(declared)
    with pytest.raises(NotReachable, match=rf"^127\.0\.0\.1:{port} is not reachable: .*$"):
        resource.up(elsewhere)


def test_a_server_that_is_down_is_warned_of_once_and_all_that_is_recorded_stays(
    everything: list[Declared], cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    recorded = [(r.id, {**r.outputs}) for r in everything]
    capsys.readouterr()
    cluster.servers["coordinator"].stop()
    try:
        for resource in everything:
            resource.refresh()
    finally:
        cluster.servers["coordinator"].start()
    [unseen] = [r.outputs.pop("seen") for r in everything if "seen" in r.outputs]
    assert unseen is False  # the members are looked at before any server goes
    assert [(r.id, r.outputs) for r in everything] == recorded
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].startswith(f"warning: {cluster.coordinator.address} is not reachable: ")


@pytest.fixture
def everything(place: Place, placed: Placed) -> list[Declared]:
    """Make one resource of each kind."""
    resources = []
    for kind in KINDS:
        resources.append(kind.resource())
        resources[-1].up(kind.declare(placed(kind, replace(place, name=a_name()))))
    return resources
