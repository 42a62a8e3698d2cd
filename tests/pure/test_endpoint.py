from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg.conninfo
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.sync_await import _sync_await

from citus.endpoint import Address, Endpoint, worker_name
from citus.properties import decode, encode

pytestmark = pytest.mark.pure

SECRET = "s3cret"


def known(output: pulumi.Output[Any]) -> Any:
    return _sync_await(output.future())


def endpoint(password: str | pulumi.Output[str] = SECRET, **more: Any) -> Endpoint:
    return Endpoint(
        "127.0.0.1", 15432, **{"database": "db", "user": "me", **more}, password=password
    )


def test_its_password_is_in_no_text() -> None:
    assert "s3cret" not in f"{endpoint()} {endpoint()!r}"
    assert (str(endpoint()), str(Address("worker-3", 5432))) == ("127.0.0.1:15432", "worker-3:5432")


def test_a_url_is_as_secret_as_its_password() -> None:
    secret = endpoint(pulumi.Output.secret("s3cret")).url
    assert known(secret) == "postgresql://me:s3cret@127.0.0.1:15432/db"
    assert _sync_await(secret.is_secret())
    assert not _sync_await(endpoint("plain").url.is_secret())


@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1))
def test_a_url_is_read_back_by_libpq(password: str) -> None:
    url = known(endpoint(password, user="it's me", database="a b").url)
    assert psycopg.conninfo.conninfo_to_dict(url) == {
        "host": "127.0.0.1",
        "port": "15432",
        "user": "it's me",
        "password": password,
        "dbname": "a b",
    }
    assert unquote(urlsplit(url).password or "") == password


def test_a_url_says_that_tls_must_be_proven_by_the_password() -> None:
    sealed = replace(endpoint(), tls=True)
    assert known(sealed.url) == (
        "postgresql://me:s3cret@127.0.0.1:15432/db?sslmode=require&channel_binding=require"
    )


def test_a_route_is_part_of_the_name() -> None:
    behind = Endpoint("coordinator", 5432, "db", "me", SECRET, "kubernetes:prod/coordinator-0")
    assert str(behind) == "coordinator (kubernetes:prod/coordinator-0)"


@pytest.mark.parametrize(
    "written",
    [
        endpoint(),
        Endpoint(
            "coordinator", 5432, "db", "me", SECRET, "kubernetes:prod/coordinator-0", tls=True
        ),
    ],
    ids=["as states of older versions have it", "with all that it can have"],
)
def test_an_endpoint_is_read_back_from_a_state(written: Endpoint) -> None:
    recorded = encode(written)
    assert {"route", "tls"} <= recorded.keys() or not {"route", "tls"} & recorded.keys()
    assert decode(Endpoint, recorded) == written


def test_another_role_reaches_the_same_database() -> None:
    other = endpoint().as_user("you", pulumi.Output.from_input("yours"))
    assert (str(other), other.database, other.user) == ("127.0.0.1:15432", "db", "you")
    assert known(other.url) == "postgresql://you:yours@127.0.0.1:15432/db"


def test_a_worker_is_named_by_its_index() -> None:
    assert [worker_name(index) for index in (0, 12)] == ["worker-0", "worker-12"]
