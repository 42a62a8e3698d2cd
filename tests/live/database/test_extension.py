"""The version of Citus that a stack was made with is held on to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from citus.database.extension import ExtensionProvider, ExtensionSpec
from citus.errors import CitusError
from tests.live.database.conftest import Placed
from tests.live.database.kinds import KINDS
from tests.live.database.place import Place
from tests.live.declared import Declared, RefusedInPreview

pytestmark = pytest.mark.live

[EXTENSION] = [kind for kind in KINDS if kind.name == "extension"]


@pytest.fixture
def apart(place: Place, placed: Placed) -> Iterator[Place]:
    """Give a database whose coordinator has no extension, and leave it so: not another version."""
    apart = placed(EXTENSION, place)
    yield apart
    apart.by_hand(EXTENSION.nothing)


def version(place: Place) -> str:
    return str(place.by_hand("SELECT extversion FROM pg_extension WHERE extname = 'citus'")[0][0])


def test_the_version_is_recorded_and_a_stand_in_says_that_it_is_one(apart: Place) -> None:
    resource = Declared(ExtensionProvider())
    resource.up(ExtensionSpec(apart.endpoint))
    assert resource.outputs["citus_version"] == version(apart)
    assert resource.outputs["citus_version"].endswith("-standin") is apart.cluster.is_standin


def test_another_version_in_the_database_is_refused_with_the_line_that_accepts_it(
    apart: Place,
) -> None:
    resource, declared = Declared(ExtensionProvider()), ExtensionSpec(apart.endpoint)
    resource.up(declared)
    made = version(apart)
    apart.by_hand("UPDATE pg_extension SET extversion = '99.0-1' WHERE extname = 'citus'")
    resource.refresh()
    with pytest.raises(RefusedInPreview) as refused:
        resource.preview(declared)
    assert str(refused.value) == (
        "Citus is at version 99.0-1 in the database, but the stack has another: "
        "`bin/pulumi config set citusVersion 99.0-1` accepts it"
    )
    apart.by_hand(f"UPDATE pg_extension SET extversion = '{made}' WHERE extname = 'citus'")
    resource.refresh()
    assert not resource.changes(declared)  # it went back, by a backup for instance
    apart.by_hand("UPDATE pg_extension SET extversion = '99.0-1' WHERE extname = 'citus'")
    resource.refresh()
    accepted = replace(declared, version="99.0-1")
    assert resource.up(accepted) == []
    assert resource.outputs["citus_version"] == "99.0-1"
    resource.refresh()
    assert not resource.changes(accepted)


def test_a_version_that_was_accepted_need_not_be_declared_for_ever(apart: Place) -> None:
    resource, declared = Declared(ExtensionProvider()), ExtensionSpec(apart.endpoint)
    resource.up(declared)
    resource.up(replace(declared, version=version(apart)))
    resource.refresh()
    assert resource.up(declared) == []
    resource.refresh()
    assert not resource.changes(declared)
    assert resource.outputs["citus_version"] == version(apart)


def test_a_version_that_create_would_not_give_is_refused(apart: Place) -> None:
    resource = Declared(ExtensionProvider())
    with pytest.raises(CitusError, match=r"9\.9-9"):
        resource.up(ExtensionSpec(apart.endpoint, "9.9-9"))
    assert resource.id == ""
