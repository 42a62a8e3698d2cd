"""What is set only where the user has set nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.cli import environment
from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("given", "project", "login", "chosen"),
    [
        ({}, None, None, None),
        ({"PULUMI_ACCESS_TOKEN": "t"}, None, None, "https://api.pulumi.com"),
        ({"PULUMI_ACCESS_TOKEN": "t"}, None, "s3://login", "s3://login"),
        ({}, "s3://project", "s3://login", "s3://project"),
        ({"PULUMI_BACKEND_URL": "s3://set"}, "s3://project", "s3://login", "s3://set"),
    ],
    ids=["nothing", "a token", "a login", "Pulumi.yaml", "the variable"],
)
def test_the_backend_that_the_user_chose(
    given: dict[str, str], project: str | None, login: str | None, chosen: str | None
) -> None:
    assert environment.chosen_backend(given, project=project, login=login) == chosen


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"current": ""}', None])
def test_nobody_is_logged_in(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "credentials.json").write_text(text)
    assert environment.login({"PULUMI_HOME": str(tmp_path)}) is None


def test_somebody_is_logged_in(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text('{"current": "s3://login"}')
    assert environment.login({"PULUMI_HOME": str(tmp_path)}) == "s3://login"


@pytest.mark.parametrize(
    ("stack", "settings", "platform", "public"),
    [
        ("dev", {}, "local", True),
        ("dev", {}, "kubernetes", True),
        ("try", {"encryptionsalt": "v1:public"}, "local", True),
        ("try", {"encryptionsalt": "v1:public"}, "kubernetes", False),
        ("try", {"encryptionsalt": "v1:mine"}, "local", False),
        ("try", {}, "local", False),
    ],
    ids=["dev", "dev elsewhere", "its copy", "its copy elsewhere", "an own salt", "no salt"],
)
def test_what_is_sealed_as_dev_is_has_the_public_passphrase_on_this_machine(
    stack: str,
    settings: dict[str, str],
    platform: str,
    public: bool,  # noqa: FBT001
) -> None:
    dev = {"encryptionsalt": "v1:public"}
    assert environment.has_public_passphrase(stack, settings, dev, platform) is public


def test_no_salt_is_like_no_salt() -> None:
    assert not environment.has_public_passphrase("try", {}, {}, "local")


def test_the_public_passphrase_stands_in_place_of_any_other() -> None:
    given = {"PULUMI_CONFIG_PASSPHRASE_FILE": "/mine", "PULUMI_CONFIG_PASSPHRASE": "mine", "A": "b"}
    expected = {"PULUMI_CONFIG_PASSPHRASE": environment.DEV_PASSPHRASE, "A": "b"}
    assert environment.with_public_passphrase(given) == expected


@pytest.mark.parametrize(
    ("config", "added"),
    [
        ({}, {}),
        ({"citus:lostWorkers": []}, {}),
        ({"citus:lostWorkers": ["worker-1"]}, {"PULUMI_RUN_PROGRAM": "true"}),
    ],
)
def test_a_refresh_knows_the_workers_that_are_given_up(
    config: dict[str, object], added: dict[str, str]
) -> None:
    assert environment.refreshed_as_declared({"A": "b"}, config) == {"A": "b", **added}


def test_what_the_user_set_for_the_cli_stays(tmp_path: Path) -> None:
    given = {"PULUMI_SKIP_UPDATE_CHECK": "false"}
    assert environment.for_own_cli(given, tmp_path)["PULUMI_SKIP_UPDATE_CHECK"] == "false"
    assert environment.for_own_cli({}, tmp_path)["PULUMI_SKIP_UPDATE_CHECK"] == "true"


@pytest.mark.parametrize(
    ("given", "settings", "can_ask", "refused"),
    [
        ({}, {}, False, True),
        ({}, {"encryptionsalt": "v1:x"}, False, True),
        ({}, {}, True, False),
        ({"PULUMI_CONFIG_PASSPHRASE": ""}, {}, False, False),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "/mine"}, {}, False, False),
        ({}, {"secretsprovider": "awskms://key"}, False, False),
    ],
    ids=["none", "a salt alone", "a terminal", "an empty passphrase", "a file", "a key service"],
)
def test_a_stack_needs_a_secrets_provider(
    given: dict[str, str],
    settings: dict[str, Any],
    can_ask: bool,  # noqa: FBT001
    refused: bool,  # noqa: FBT001
) -> None:
    def ask() -> None:
        environment.require_secrets_provider(given, "prod", settings, can_ask=can_ask)

    if refused:
        with pytest.raises(ToolError, match=r"'prod'.*PULUMI_CONFIG_PASSPHRASE_FILE.*prod\.yaml"):
            ask()
    else:
        ask()


def test_the_state_folder_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / ".pulumi-state").mkdir(mode=0o755)
    assert environment.state_folder(tmp_path) == f"file://{tmp_path}/.pulumi-state"
    assert (tmp_path / ".pulumi-state").stat().st_mode & 0o777 == 0o700
