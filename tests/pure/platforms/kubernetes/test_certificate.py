"""A certificate is renewed before it ends, with another key each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import UNKNOWN

from citus.platforms.kubernetes import x509
from citus.platforms.kubernetes.certificate import CertificateProvider, CertificateSpec
from tests.pure.platforms.kubernetes import tls
from tests.pure.platforms.kubernetes.wire import wire

pytestmark = pytest.mark.pure

FIRST = datetime(2026, 11, 22, 10, 0, 0, 999_999, UTC)
AUTHORITY = x509.new_key()
DECLARED = {
    "common_name": "worker-0",
    "names": ["worker-0", "127.0.0.1"],
    "authority": "citus",
    "authority_key": AUTHORITY,
    "valid_days": 365,
}
DAMAGED = AUTHORITY.replace("M", "N")


def provider(now: datetime = FIRST, *, later: float = 0) -> CertificateProvider:
    made = CertificateProvider()
    made.now = lambda: now + timedelta(days=later)  # type: ignore[method-assign]
    return made


def created(now: datetime = FIRST) -> dict[str, Any]:
    return wire(provider(now).create(wire(DECLARED)).outs)


CREATED = created()


def refused(**other: object) -> list[str]:
    result = provider().check({}, wire({**DECLARED, **other}))
    return [failure.reason for failure in result.failures]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"authority_key": DAMAGED}, "the key of authority citus is damaged in the state of this"),
        ({"common_name": "", "names": []}, "a certificate needs a common name, or names"),
        ({"common_name": "citus"}, "certificate citus has the name of its authority"),
        ({"common_name": "a" * 65}, "can't be the common name of a certificate"),
        ({"names": ["worker-0", "a b"]}, "'a b' is neither a host name nor an IP address"),
        ({"names": [""]}, "'' is neither a host name nor an IP address"),
        ({"names": [7.0]}, "names[0] is a float, not a str"),
        ({"names": None}, "names is missing"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(other: dict[str, Any], sentence: str) -> None:
    [said] = refused(**other)
    assert sentence in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"authority_key": UNKNOWN},
        {"names": ["worker-0", UNKNOWN]},
        {"names": UNKNOWN},
        {"names": []},
        {"common_name": ""},
    ],
)
def test_what_is_declared_may_be_unknown_or_left_out(other: dict[str, Any]) -> None:
    assert refused(**other) == []


@pytest.mark.parametrize("later", [0, 300, 400])
def test_what_is_checked_is_what_is_declared_whatever_the_time(later: float) -> None:
    """A preview and its update see the same inputs."""
    declared, olds = wire(DECLARED), wire({**DECLARED, "valid_days": 7})
    assert provider(later=later).check(olds, declared).inputs == declared


@pytest.mark.parametrize(
    ("recorded", "sentence"),
    [
        ({"certificate": "garbage"}, "certificate worker-0 is damaged: `up` renews it\n"),
        ({"certificate": 7.0}, "certificate worker-0 is damaged: `up` renews it\n"),
        ({"key": "garbage"}, "the key of certificate worker-0 is damaged: `up` renews it\n"),
        ({"key": None}, "the key of certificate worker-0 is damaged: `up` renews it\n"),
        (
            {"key": AUTHORITY},
            "certificate worker-0 and its key do not fit each other: `up` renews it\n",
        ),
    ],
)
def test_what_was_damaged_in_the_state_is_said_and_made_anew(
    recorded: dict[str, Any], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = {**CREATED, **recorded}
    assert provider().diff("id", outs, wire(DECLARED)).changes
    assert capsys.readouterr().out == sentence
    assert (provider().read("id", outs).inputs or {})["valid_days"] == 0
    assert capsys.readouterr().out == sentence


def test_a_state_that_is_no_certificate_at_all_is_made_anew() -> None:
    assert provider().diff("id", {}, wire(DECLARED)).changes
    assert provider().read("id", {}).inputs is None


def test_it_is_valid_for_a_year_from_now(tmp_path: Path) -> None:
    assert CREATED["valid_until"] == "2027-11-22T10:00:00Z"
    now = datetime.now(UTC)
    outs, period = created(now), x509.Period.of_days(1, now)
    server = tls.server(tls.Shown(outs["certificate"], outs["key"]), tmp_path)
    authority = x509.sign_authority("citus", key=AUTHORITY, period=period)
    tls.connect(server, tls.client(tmp_path, trusts=authority), "127.0.0.1")


@pytest.mark.parametrize(
    ("days", "left"), [(0, None), (243, None), (244, 120), (364, 0), (365, 0), (9999, 0)]
)
def test_it_is_renewed_with_less_than_a_third_left(days: int, left: int | None) -> None:
    then = provider(later=days)
    assert then.diff("id", CREATED, wire(DECLARED)).changes is (left is not None)
    read = then.read("id", CREATED)
    assert (read.inputs or {}).get("valid_days") == left
    assert {**(read.outs or {}), "valid_days": 365} == CREATED


def test_a_preview_shows_a_renewal_as_days_that_become_more() -> None:
    """What a refresh has found is the old side of the diff; all else is as it is declared."""
    inputs = provider(later=300).read("id", CREATED).inputs
    assert inputs == {**DECLARED, "valid_days": 64}


def test_a_run_without_a_refresh_tells_a_renewal_and_one_with_it_only_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    then, told = provider(later=300), "certificate worker-0 ends at 2027-11-22T10:00:00Z"
    assert then.diff("id", CREATED, wire(DECLARED)).changes
    assert capsys.readouterr().out == f"{told}: `up` renews it\n"
    refreshed = wire(then.read("id", CREATED).outs)
    assert capsys.readouterr().out == f"{told}: `up` renews it\n"
    assert then.diff("id", refreshed, wire(DECLARED)).changes
    assert capsys.readouterr().out == ""


def test_nothing_is_told_of_what_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert not provider().diff("id", CREATED, wire(DECLARED)).changes
    assert provider().read("id", CREATED).inputs is None
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("other", "changes"),
    [
        ({}, False),
        ({"__provider": "of another version"}, False),
        ({"authority_certificate": "a renewed one"}, False),
        ({"common_name": "worker-1"}, True),
        ({"names": ["worker-0"]}, True),
        ({"names": UNKNOWN}, True),
        ({"names": ["worker-0", UNKNOWN]}, True),
        ({"authority": "other"}, True),
        ({"authority_key": x509.new_key()}, True),
        ({"authority_key": UNKNOWN}, True),
        ({"valid_days": 90}, True),
    ],
)
def test_another_declaration_is_a_change_and_no_replacement(
    other: dict[str, Any],
    changes: bool,  # noqa: FBT001
) -> None:
    result = provider().diff("id", CREATED, {**wire(DECLARED), **other})
    assert (result.changes, result.replaces) == (changes, None)


def test_a_renewed_one_has_another_key_and_is_renewed_no_more() -> None:
    then = provider(later=300)
    outs = wire(then.update("id", CREATED, wire(DECLARED)).outs)
    assert outs["key"] != CREATED["key"]
    assert outs["valid_until"] == "2028-09-17T10:00:00Z"
    assert not then.diff("id", outs, wire(DECLARED)).changes


def test_a_key_is_in_no_repr() -> None:
    assert "PRIVATE" not in repr(CertificateSpec("a", (), "citus", AUTHORITY, 1))
