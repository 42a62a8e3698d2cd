from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN

from citus.database.password import PasswordProvider, PasswordSpec
from citus.errors import Refused
from tests.pure.database.specs import passwords

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.pure


@pytest.fixture
def provider() -> PasswordProvider:
    return PasswordProvider()


@pytest.fixture
def props(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    file = str(tmp_path / "passwords" / "me")
    return lambda **more: {"role": "me", "file": file, **more}


def test_a_random_one_is_kept_in_a_private_file(provider: Any, props: Any) -> None:
    outs = provider.create(props()).outs
    file = Path(props()["file"])
    assert file.read_text() == outs["result"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(outs["result"]) >= 32
    assert provider.check({}, {"role": "me", "value": outs["result"]}).failures == []


def test_two_are_never_the_same(provider: Any) -> None:
    assert len({provider.create({"role": "me"}).outs["result"] for _ in range(20)}) == 20


def test_a_kept_one_is_taken_up(provider: Any, props: Any) -> None:
    first = provider.create(props()).outs["result"]
    assert provider.create(props()).outs["result"] == first
    assert provider.create(props(value=first)).outs["result"] == first


def test_another_than_the_kept_one_is_refused_and_not_shown(provider: Any, props: Any) -> None:
    kept = provider.create(props()).outs["result"]
    with pytest.raises(Refused, match="has another password for me: take me out of") as raised:
        provider.create(props(value="my-own-password"))
    assert "my-own-password" not in str(raised.value)
    assert kept not in str(raised.value)


def test_the_users_own_one_changes_it_and_nothing_else_does(provider: Any, props: Any) -> None:
    olds = provider.create(props()).outs
    assert provider.update("me", olds, props()).outs["result"] == olds["result"]
    assert provider.update("me", olds, props(value="my-own")).outs["result"] == "my-own"
    assert Path(props()["file"]).read_text() == "my-own"


def test_a_lost_file_is_there_again_for_data_that_stay(provider: Any, props: Any) -> None:
    outs = provider.create(props()).outs
    Path(props()["file"]).unlink()
    provider.retain_data = True
    provider.delete("me", outs)
    assert Path(props()["file"]).read_text() == outs["result"]


def test_only_another_password_or_place_is_a_change(provider: Any, props: Any) -> None:
    """A change makes the result unknown in a preview, and all that hangs on it."""
    outs = provider.create(props()).outs
    assert not provider.diff("me", outs, props()).changes
    assert not provider.diff("me", outs, {**props(), "value": outs["result"]}).changes
    assert not provider.diff("me", {**outs, "value": outs["result"]}, props()).changes
    assert provider.diff("me", outs, {**props(), "value": "another"}).changes


def test_a_fixed_one_is_not_changed(provider: Any, props: Any) -> None:
    new = {**props(), "fixed": True, "value": "another"}
    (failure,) = provider.check({**props(), "fixed": True}, new).failures
    assert "can't be changed yet" in failure.reason
    assert "another" not in failure.reason
    assert provider.check({}, new).failures == []
    assert provider.check(new, {**props(), "fixed": True}).failures == []


def test_whom_a_fixed_one_lets_in_is_not_changed(provider: Any, props: Any) -> None:
    """The data know the first one only: the next would stand in the outputs and open nothing."""
    old = {**props(), "fixed": True, "login": "ann@example.com"}
    (failure,) = provider.check(old, {**old, "login": "bob@example.com"}).failures
    assert "ann@example.com, which can't be changed yet to bob@example.com" in failure.reason
    assert provider.check(old, old).failures == []
    assert provider.check({**old, "login": ""}, old).failures == []


@pytest.mark.parametrize("retain", [True, False])
def test_its_file_goes_with_the_data(provider: Any, props: Any, retain: bool) -> None:  # noqa: FBT001
    outs = provider.create(props()).outs
    provider.retain_data = retain
    provider.delete("me", outs)
    provider.delete("me", outs)
    assert Path(props()["file"]).exists() is retain


@given(passwords)
def test_plain_punctuation_is_accepted(text: str) -> None:
    assert PasswordProvider().check({}, {"role": "me", "value": text}).failures == []


bad = st.sampled_from([" ", "'", '"', "\\", "ü", "\n", "\0"])


@given(passwords, bad, passwords)
def test_what_would_be_read_differently_is_refused_and_not_shown(a: str, b: str, c: str) -> None:
    (failure,) = PasswordProvider().check({}, {"role": "me", "value": a + b + c}).failures
    assert failure.property == ""
    assert "the password of me in citus:passwords may have" in failure.reason
    assert a not in failure.reason


def test_an_empty_one_is_refused(provider: Any) -> None:
    assert provider.check({}, {"role": "me", "value": ""}).failures


def test_it_is_in_no_repr() -> None:
    assert "my-own" not in repr(PasswordSpec("me", value="my-own"))


def test_an_unknown_value_is_no_bad_one(provider: Any) -> None:
    assert provider.check({}, {"role": "me", "value": UNKNOWN}).failures == []
