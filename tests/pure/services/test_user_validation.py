from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.json_input import Invalid
from services.user.validation import NewUser, Page, parse_page, parse_users

pytestmark = pytest.mark.pure

ANN = {"name": "Ann", "email": "ann@example.org"}


def body(*entries: Any) -> bytes:
    return json.dumps(list(entries)).encode()


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        (b"", "body: not JSON"),
        (b"{", "body: not JSON"),
        (b"\xff\xfe\xfd", "body: not JSON"),
        (b"[" * 100_000, "body: not JSON"),
        (b"1" * 5_000, "body: not JSON"),
        (b"null", "users: expected a list"),
        (json.dumps(ANN).encode(), "users: expected a list"),
        (b"[]", "users: the list is empty"),
        (body(*[ANN] * 1001), "users: 1001 entries, at most 1000 at once"),
        (body(ANN, "Bob"), "users[1]: expected an object"),
        (body(ANN, None), "users[1]: expected an object"),
        (body(ANN, ["Bob"]), "users[1]: expected an object"),
        (body(ANN, {}), "users[1].name: missing"),
        (body(ANN, {"email": "b"}), "users[1].name: missing"),
        (body(ANN, ANN, ANN, {"name": "Bob"}), "users[3].email: missing"),
        (body({**ANN, "name": None}), "users[0].name: expected a string"),
        (body({**ANN, "email": 7}), "users[0].email: expected a string"),
        (body({**ANN, "email": ["a"]}), "users[0].email: expected a string"),
        (body({**ANN, "name": ""}), "users[0].name: empty"),
        (body({**ANN, "name": " \t"}), "users[0].name: empty"),
        (body({**ANN, "email": "e" * 256}), "users[0].email: longer than 255 characters"),
        (body({**ANN, "name": "a\0b"}), "users[0].name: holds a NUL character"),
        (body({**ANN, "name": "a\ud800"}), "users[0].name: holds half a surrogate pair"),
        (body({**ANN, "phone": "1"}), "users[0].phone: unknown field"),
        (body({**ANN, "x" * 99: "1"}), f"users[0].{'x' * 40}: unknown field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_body_is_refused_by_the_field(posted: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_users(posted)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "name",
    ["Ann", "n" * 255, "😀" * 255, "Zoë", "O'Brien; DROP TABLE users", "%s", "\t.", " Ann "],
)
def test_a_good_name_is_kept_as_it_is(name: str) -> None:
    assert parse_users(body({**ANN, "name": name})) == [NewUser(name, ANN["email"])]


def test_a_thousand_users_keep_their_order() -> None:
    posted = [{"name": f"n{i}", "email": f"e{i}"} for i in range(1000)]
    assert parse_users(body(*posted)) == [NewUser(f"n{i}", f"e{i}") for i in range(1000)]


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        ({}, Page(0, None)),
        ({"limit": "1"}, Page(0, 1)),
        ({"after": "0", "limit": "007"}, Page(0, 7)),
        ({"after": str(2**63 - 1), "_": "1"}, Page(2**63 - 1, None)),
    ],
)
def test_pages(arguments: dict[str, str], page: Page) -> None:
    assert parse_page(arguments) == page


@pytest.mark.parametrize("name", ["after", "limit"])
@pytest.mark.parametrize("text", ["", "-1", "1.0", "1_0", "ten", " 1", "٣", str(2**63), "9" * 5000])
def test_a_bad_page_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(Invalid, match=f"^{name}: expected a whole number"):
        parse_page({name: text})


def test_a_limit_of_none_is_refused() -> None:
    with pytest.raises(Invalid, match=r"^limit: expected a whole number from 1$"):
        parse_page({"limit": "0"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "email"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
USERS = st.lists(st.fixed_dictionaries({"name": st.text() | JSON, "email": st.text()}), max_size=3)


@given(st.binary() | (JSON | USERS).map(lambda value: json.dumps(value).encode()))
def test_any_body_gives_storable_users_or_a_refusal(posted: bytes) -> None:
    try:
        users = parse_users(posted)
    except Invalid:
        return
    for text in (text for user in users for text in (user.name, user.email)):
        assert 0 < len(text) <= 255
        assert b"\0" not in text.encode()
