"""An authority's key is made once; its certificate is made anew before it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import UNKNOWN

from citus.platforms.kubernetes import x509
from citus.platforms.kubernetes.certificate_authority import (
    AuthorityCertificateProvider,
    AuthorityCertificateSpec,
    AuthorityKeyProvider,
)
from tests.pure.platforms.kubernetes import tls
from tests.pure.platforms.kubernetes.wire import wire

pytestmark = pytest.mark.pure

FIRST = datetime(2026, 11, 22, 10, 0, 0, 999_999, UTC)
KEY = x509.new_key()
DECLARED = {"common_name": "citus", "key": KEY, "valid_days": 3650}
DAMAGED = KEY.replace("M", "N")


def provider(now: datetime = FIRST, *, later: float = 0) -> AuthorityCertificateProvider:
    made = AuthorityCertificateProvider()
    made.now = lambda: now + timedelta(days=later)  # type: ignore[method-assign]
    return made


def created(now: datetime = FIRST) -> dict[str, Any]:
    return wire(provider(now).create(wire(DECLARED)).outs)


def refused(**other: object) -> list[str]:
    result = provider().check({}, wire({**DECLARED, **other}))
    return [failure.reason for failure in result.failures]


def test_a_damaged_key_is_refused_in_a_sentence_that_says_how_to_go_on() -> None:
    [said] = refused(key=DAMAGED)
    assert said == (
        "the key of authority citus is damaged in the state of this stack: "
        "`bin/pulumi up --replace '**AuthorityKey**'` makes another, and renews what it signs"
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "an authority needs a common name"),
        ("a" * 65, "can't be the common name"),
        ("a\n", "can't be the common name"),
        (7.0, "common_name is a float, not a str"),
    ],
)
def test_a_name_that_no_authority_can_have_is_refused(name: object, sentence: str) -> None:
    [said] = refused(common_name=name)
    assert sentence in said


def test_a_key_that_is_unknown_yet_is_no_damaged_one() -> None:
    assert refused(key=UNKNOWN) == []


@pytest.mark.parametrize("later", [0, 3000, 4000])
def test_what_is_checked_is_what_is_declared_whatever_the_time(later: float) -> None:
    """A preview and its update see the same inputs."""
    declared, olds = wire(DECLARED), wire({**DECLARED, "valid_days": 7})
    assert provider(later=later).check(olds, declared).inputs == declared


def test_a_key_is_random_and_nothing_changes_it() -> None:
    keys = [AuthorityKeyProvider().create(wire({})).outs or {} for _ in range(2)]
    assert len({key["key"] for key in keys}) == 2
    assert x509.read_key(keys[0]["key"], "it")
    assert not AuthorityKeyProvider().diff("key", wire(keys[0]), wire({})).changes


def test_its_first_certificate_is_valid_for_ten_years_from_now() -> None:
    outs = created()
    assert outs["valid_until"] == "2036-11-19T10:00:00Z"
    assert outs["key"] == KEY
    assert x509.read_period(outs["certificate"], key=KEY, whose="it").end.year == 2036


@pytest.mark.parametrize(
    ("days", "left"), [(0, None), (2433, None), (2434, 1215), (3649, 0), (3650, 0), (9999, 0)]
)
def test_it_is_renewed_with_less_than_a_third_left(days: int, left: int | None) -> None:
    outs, then = created(), provider(later=days)
    assert then.diff("id", outs, wire(DECLARED)).changes is (left is not None)
    inputs = then.read("id", outs).inputs or {}
    assert inputs.get("valid_days") == left


@pytest.mark.parametrize(
    ("recorded", "sentence"),
    [
        ({"certificate": "garbage"}, "certificate of authority citus is damaged: `up` renews it"),
        ({"certificate": None}, "certificate of authority citus is damaged: `up` renews it"),
        ({"key": DAMAGED}, "the key of certificate of authority citus is damaged"),
        ({"key": x509.new_key()}, "its key do not fit each other: `up` renews it"),
    ],
)
def test_what_was_damaged_in_the_state_is_said_and_made_anew(
    recorded: dict[str, Any], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = {**created(), **recorded}
    assert provider().diff("id", outs, wire(DECLARED)).changes
    assert sentence in capsys.readouterr().out
    read = provider().read("id", outs)
    assert (read.inputs or {})["valid_days"] == 0
    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize(
    ("other", "changes"),
    [
        ({}, False),
        ({"__provider": "of another version"}, False),
        ({"common_name": "other"}, True),
        ({"key": x509.new_key()}, True),
        ({"key": UNKNOWN}, True),
        ({"valid_days": 90}, True),
        ({"valid_days": UNKNOWN}, True),
    ],
)
def test_another_declaration_is_a_change_and_no_replacement(
    other: dict[str, Any],
    changes: bool,  # noqa: FBT001
) -> None:
    result = provider().diff("id", created(), {**wire(DECLARED), **other})
    assert (result.changes, result.replaces) == (changes, None)


def test_a_renewed_one_keeps_name_and_key_so_that_either_verifies_what_was_signed(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    first = created(now - timedelta(days=2500))
    next_ = provider(now).update("id", first, wire(DECLARED)).outs or {}
    assert next_["key"] == KEY
    assert next_["certificate"] != first["certificate"]
    assert next_["valid_until"] > first["valid_until"]
    leaf, period = x509.new_key(), x509.Period.of_days(1, now)
    signed = x509.sign(
        "worker-0", ["worker-0"], key=leaf, issuer=x509.Issuer("citus", KEY), period=period
    )
    server = tls.server(tls.Shown(signed, leaf), tmp_path)
    for trusts in (first["certificate"], next_["certificate"]):
        tls.connect(server, tls.client(tmp_path, trusts=trusts), "worker-0")


def test_a_renewed_one_is_renewed_no_more() -> None:
    then = provider(later=2500)
    outs = wire(then.update("id", created(), wire(DECLARED)).outs)
    assert not then.diff("id", outs, wire(DECLARED)).changes
    assert then.read("id", outs).inputs is None


def test_a_key_is_in_no_repr() -> None:
    assert "PRIVATE" not in repr(AuthorityCertificateSpec("citus", KEY, 1))
