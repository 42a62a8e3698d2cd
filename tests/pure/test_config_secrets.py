"""Settings over Pulumi's own config, where `passwords` is a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi.runtime
import pytest
from pulumi.runtime.sync_await import _sync_await

from citus.errors import ConfigError
from citus.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def _no_config_is_left_behind() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def read(passwords: str) -> Settings:
    pulumi.runtime.set_all_config({"citus:passwords": passwords}, ["citus:passwords"])
    return Settings.from_config(pulumi.Config("citus"), "dev")


def resolved(output: pulumi.Output[Any]) -> tuple[Any, bool]:
    async def both() -> tuple[Any, bool]:
        return await output.future(), await output.is_secret()

    return _sync_await(both())


def test_a_password_of_the_user_is_a_secret() -> None:
    settings = read(json.dumps({"user_service": "my-own"}))
    assert resolved(settings.passwords["user_service"]) == ("my-own", True)
    assert settings.passwords.get("postgres") is None


def test_a_role_that_the_stack_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"citus:passwords\.usr_service is no role of this stack"):
        read(json.dumps({"usr_service": "my-own"}))


def test_a_schema_of_the_users_own_has_a_role() -> None:
    pulumi.runtime.set_all_config(
        {"citus:passwords": '{"ads": "my-own"}', "citus:schemas": '{"ads": null}'},
        ["citus:passwords"],
    )
    settings = Settings.from_config(pulumi.Config("citus"), "dev")
    assert resolved(settings.passwords["ads"]) == ("my-own", True)


def test_its_value_is_in_no_repr() -> None:
    assert "my-own" not in repr(read(json.dumps({"user_service": "my-own"})))


def test_passwords_that_are_no_map_are_refused_and_not_shown() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        read("my-own-password")
    assert "passwords" in str(raised.value)
    assert "my-own-password" not in str(raised.value)
