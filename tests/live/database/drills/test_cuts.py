"""Every plan, cut at each of its statements by the death of what runs it, and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

import pytest

from tests.live.cluster import Cluster
from tests.live.database.conftest import Placed
from tests.live.database.drills import catalogues
from tests.live.database.drills.cut import ANSWERED, SENT, is_killed_at
from tests.live.database.drills.transition import Transition, checked, run
from tests.live.database.drills.transitions import TRANSITIONS
from tests.live.database.place import Place, a_name

pytestmark = pytest.mark.live

# One of each sort, while it runs: inside and outside of transactions.
SHORT = {
    ("role: made", 1),
    ("migrations: made", 3),
    ("schema: given away, made local, renamed", 2),
    ("reference table: changed", 1),
}


@dataclass(frozen=True)
class Cut:
    """Where it is cut: at which statement of which plan, from 0, and when."""

    transition: Transition
    step: int
    moment: str

    def __str__(self) -> str:
        return f"{self.transition}, {self.step + 1} of {self.transition.steps}, {self.moment}"

    @property
    def is_short(self) -> bool:
        return (self.transition.name, self.step) in SHORT and self.moment == SENT


CUTS = [
    Cut(transition, step, moment)
    for transition in TRANSITIONS
    for step in range(transition.steps)
    for moment in (SENT, ANSWERED)
]
each_cut = pytest.mark.parametrize(
    "cut",
    [pytest.param(c, id=str(c), marks=[] if c.is_short else [pytest.mark.long]) for c in CUTS],
)


@pytest.fixture(scope="module")
def uncut(cluster: Cluster) -> dict[str, catalogues.Seen]:
    """Keep what each transition ends with where nothing is cut."""
    del cluster  # of each engine its own
    return {}


def test_each_short_cut_is_in_the_table() -> None:
    assert len([cut for cut in CUTS if cut.is_short]) == len(SHORT)


@each_cut
def test_what_was_killed_at_a_statement_is_finished_by_the_next_up(
    cut: Cut,
    place: Place,
    placed: Placed,
    uncut: dict[str, catalogues.Seen],
    record_property: Callable[[str, object], None],
) -> None:
    transition = cut.transition
    if transition.name not in uncut:
        uncut[transition.name] = _end(transition, place, placed)
    expected = uncut[transition.name]
    with transition.placed(place, placed) as there:
        resource, new = transition.begun(there)
        assert is_killed_at(cut.step, cut.moment, resource, checked(resource, new))
        run(resource, new)
        if new is not None:
            resource.refresh()
            assert not resource.changes(new)
            assert resource.preview(new) == []
        ended = catalogues.seen(there)
    record_property("cuts tried", 1)
    record_property("rows lost", catalogues.rows(expected) - catalogues.rows(ended))
    assert ended == expected


def _end(transition: Transition, place: Place, placed: Placed) -> catalogues.Seen:
    folder = place.folder / "uncut"
    folder.mkdir()
    beside = replace(place, name=a_name(), folder=folder)
    with transition.placed(beside, placed) as there:
        resource, new = transition.begun(there)
        with _noted() as ran:
            run(resource, new)
        assert len(ran) == transition.steps  # so that none is left uncut
        return catalogues.seen(there)


@contextmanager
def _noted() -> Iterator[set[str]]:
    """Note the statements that run."""
    ran: set[str] = set()

    def note(what: str, *how_far: object) -> AbstractContextManager[None]:
        del how_far
        ran.add(what)
        return nullcontext()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("citus.database.executor.while_running", note)
        yield ran
