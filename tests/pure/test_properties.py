from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN

from citus.errors import BadProperty
from citus.properties import KNOWN_AFTER_UP, UnknownShape, decode, encode

pytestmark = pytest.mark.pure


@dataclass(frozen=True)
class Inner:
    host: str
    port: int = 5432


@dataclass(frozen=True)
class Outer:
    name: str
    count: int
    yes: bool
    inner: Inner
    ports: tuple[int, ...] = ()
    by_name: Mapping[str, Inner] = field(default_factory=dict)
    note: str | None = None
    secret: str | pulumi.Output[str] = ""


PROPS: dict[str, Any] = {
    "name": "n",
    "count": 3.0,
    "yes": True,
    "inner": {"host": "h", "port": 1.0},
    "ports": [1.0, 2.0],
    "by_name": {"a": {"host": "b"}},
    "secret": "s",
}
OUTER = Outer("n", 3, True, Inner("h", 1), (1, 2), {"a": Inner("b")}, None, "s")  # noqa: FBT003

inners = st.builds(Inner, st.text(), st.integers(-(2**53), 2**53))
outers = st.builds(
    Outer,
    name=st.text(),
    count=st.integers(-(2**53), 2**53),
    yes=st.booleans(),
    inner=inners,
    ports=st.lists(st.integers(0, 9)).map(tuple),
    by_name=st.dictionaries(st.text(), inners),
    note=st.none() | st.text(),
    secret=st.text(),
)


def test_it_reads_what_pulumi_hands_over() -> None:
    assert decode(Outer, PROPS) == OUTER
    assert type(decode(Outer, PROPS).count) is int


def test_it_ignores_what_it_does_not_know() -> None:
    assert decode(Outer, {**PROPS, "__provider": "x", "planned_sql": [], "zz": None}) == OUTER


@given(outers)
def test_what_is_written_is_read_back(value: Outer) -> None:
    assert decode(Outer, encode(value)) == value


@given(outers)
def test_a_state_has_no_default_and_no_tuple(value: Outer) -> None:
    encoded = encode(value)
    assert "note" not in encoded or value.note is not None
    assert ("secret" in encoded) == bool(value.secret)
    assert isinstance(encoded.get("ports", []), list)
    assert ("port" in encoded["inner"]) == (value.inner.port != 5432)


def test_none_is_as_good_as_absent() -> None:
    assert decode(Inner, {"host": "h", "port": None}) == Inner("h")


def test_an_output_is_written_as_it_is() -> None:
    output = pulumi.Output.from_input("s")
    assert encode(Inner(output))["host"] is output  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": None}, "name is missing"),
        ({"name": 3.0}, "name is a float, not a str"),
        ({"count": 1.5}, "count is a float, not a int"),
        ({"count": "3"}, "count is a str, not a int"),
        ({"count": True}, "count is a bool, not a int"),
        ({"yes": 1.0}, "yes is a float, not a bool"),
        ({"inner": {}}, "inner.host is missing"),
        ({"inner": "x"}, "inner is a str, not a Inner"),
        ({"inner": {"host": "h", "port": "x"}}, "inner.port is a str, not a int"),
        ({"ports": [1.0, "x"]}, r"ports\[1\] is a str, not a int"),
        ({"ports": 3.0}, "ports is a float, not a"),
        ({"by_name": {"a": {}}}, "by_name.a.host is missing"),
    ],
)
def test_the_first_wrong_property_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadProperty, match=f"^{sentence}"):
        decode(Outer, {**PROPS, **change})


def test_a_wrong_value_is_not_shown() -> None:
    with pytest.raises(BadProperty) as raised:
        decode(Outer, {**PROPS, "count": "my-own-password"})
    assert "my-own-password" not in str(raised.value)


@pytest.mark.parametrize("key", ["name", "note", "secret"])
def test_an_unknown_text_is_a_text(key: str) -> None:
    assert getattr(decode(Outer, {**PROPS, key: UNKNOWN}), key) == KNOWN_AFTER_UP
    assert decode(Outer, {**PROPS, "inner": {"host": UNKNOWN}}).inner.host == KNOWN_AFTER_UP


@pytest.mark.parametrize("key", ["count", "yes", "inner", "ports", "by_name"])
def test_an_unknown_shape_is_told_from_a_wrong_one(key: str) -> None:
    with pytest.raises(UnknownShape, match=key):
        decode(Outer, {**PROPS, key: UNKNOWN})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_a_bad_property(number: float) -> None:
    with pytest.raises(BadProperty, match="count is a float, not a int"):
        decode(Outer, {**PROPS, "count": number})
