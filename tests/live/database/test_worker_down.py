"""A worker that is down: nothing that needs it begins, and it is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from citus.database import answers
from citus.errors import Refused
from tests.live.database.conftest import Placed
from tests.live.database.kind import Kind
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place, a_name
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live

NEED_WORKERS = [kind for kind in KINDS if not kind.own_database]
each_kind = pytest.mark.parametrize("kind", NEED_WORKERS, ids=str)
Down = Callable[[Place], AbstractContextManager[str]]


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Down:
    """Stop a worker meanwhile; give how a sentence begins that names it."""

    @contextmanager
    def down(place: Place) -> Iterator[str]:
        node = place.cluster.workers[1]
        place.cluster.servers[node.name].stop()
        try:
            with monkeypatch.context() as patched:
                patched.setattr(answers, "PATIENCE_SECONDS", 0)
                yield f"{node.name} ({node.address}) does not answer, and "
        finally:
            place.cluster.start_node(node)

    return down


@each_kind
def test_what_is_to_be_made_is_refused_with_its_name_and_nothing_runs(
    kind: Kind, kind_place: Place, down: Down, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    with down(kind_place) as named:
        assert len(resource.preview(declared)) == kind.steps
        with (
            statements_of_plans(kind_place.cluster, monkeypatch) as ran,
            pytest.raises(Refused) as refused,
        ):
            resource.up(declared)
    assert ran.statements == []
    said = str(refused.value)
    assert said.startswith(f"{named}{declared.title} can't be changed without it: start it")
    resource.up(declared)


@pytest.mark.long
@each_kind
def test_what_is_to_be_changed_stays_as_it_is(
    kind: Kind, kind_place: Place, down: Down, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, declared = kind.resource(), kind.declare(kind_place)
    resource.up(declared)
    with down(kind_place) as named:
        resource.refresh()
        assert not resource.changes(declared)
        with (
            statements_of_plans(kind_place.cluster, monkeypatch) as ran,
            pytest.raises(Refused, match=f"^{re.escape(named)}"),
        ):
            resource.up(kind.changed(kind_place, declared))
    assert ran.statements == []


def test_what_needs_no_change_goes_on_without_it(place: Place, placed: Placed, down: Down) -> None:
    everything = []
    for kind in NEED_WORKERS:
        own = placed(kind, replace(place, name=a_name()))
        everything.append((kind.resource(), kind.declare(own)))
        everything[-1][0].up(everything[-1][1])
    with down(place):
        for resource, declared in everything:
            resource.refresh()
            assert resource.up(declared) == []
