from __future__ import annotations

from typing import Any

import pytest
from pulumi.dynamic import ReadResult

from citus.database.extension import ExtensionProvider, ExtensionSpec
from citus.database.provider import PlannedProvider
from citus.errors import Refused
from citus.properties import encode
from tests.pure.database.specs import ENDPOINT, rendered

pytestmark = pytest.mark.pure

ANY = ExtensionSpec(ENDPOINT)
V13 = ExtensionSpec(ENDPOINT, "13.2-1")
V12 = ExtensionSpec(ENDPOINT, "12.1-1")
FOUND = ExtensionSpec(ENDPOINT, found="13.2-1")
provider = ExtensionProvider()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, ANY, ["CREATE EXTENSION citus"]),
        (None, V13, ["CREATE EXTENSION citus VERSION '13.2-1'"]),
        (V13, V13, []),
        (ANY, ANY, []),
        (ANY, V13, []),
        (V13, ANY, []),
        (FOUND, V13, []),
    ],
    ids=[
        *("new", "new, version declared", "unchanged", "recorded one"),
        *("declared later", "declared no longer", "another that is accepted"),
    ],
)
def test_plan(old: ExtensionSpec | None, new: ExtensionSpec, expected: list[str]) -> None:
    assert rendered(provider.plan(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (V13, V12, "but 12.1-1 is declared"),
        (FOUND, V12, "but 12.1-1 is declared"),
        (FOUND, ANY, "but the stack has another"),
    ],
    ids=["declared", "found, and declared", "found"],
)
def test_another_version_is_refused_with_the_line_that_accepts_it(
    old: ExtensionSpec, new: ExtensionSpec, why: str
) -> None:
    line = "`bin/pulumi config set citusVersion 13.2-1` accepts it"
    with pytest.raises(Refused, match=f"13.2-1 in the database, {why}: {line}"):
        provider.plan(old, new)


class Database:
    """A catalogue of this one version."""

    def __init__(self, *versions: str) -> None:
        self.versions = versions

    def rows(self, _query: str) -> list[tuple[str]]:
        return [(version,) for version in self.versions]


def read(monkeypatch: pytest.MonkeyPatch, found: str, recorded: str) -> Any:
    """Read a stack that declares no version and was made with *recorded*."""

    def observed(self: Any, id_: str, props: dict[str, Any]) -> Any:
        del id_, props
        database: Any = Database(found)
        spec = self.observe(database, ANY)
        inputs = self.encode(spec.spec)
        return ReadResult("id", {**inputs, **spec.facts}, inputs)

    monkeypatch.setattr(PlannedProvider, "read", observed)
    return provider.read("id", {**encode(ANY), "citus_version": recorded})


def test_observing_gives_the_version_as_a_fact() -> None:
    found: Any = Database("13.2-1")
    absent: Any = Database()
    observed = provider.observe(found, ANY)
    assert observed is not None
    assert (observed.spec, observed.facts) == (ANY, {"citus_version": "13.2-1"})
    declared = provider.observe(found, V12)
    assert declared is not None
    assert declared.spec == V13
    assert provider.observe(absent, ANY) is None


def test_another_version_than_the_recorded_one_is_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    result = read(monkeypatch, found="13.2-1", recorded="12.1-1")
    assert result.outs["citus_version"] == "12.1-1"
    assert provider.diff("id", result.inputs, encode(ANY)).changes
    (failure,) = provider.check(result.inputs, encode(ANY)).failures
    assert "version 13.2-1 in the database, but the stack has another" in failure.reason


def test_the_recorded_version_is_no_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    result = read(monkeypatch, found="12.1-1", recorded="12.1-1")
    assert not provider.diff("id", result.inputs, encode(ANY)).changes
