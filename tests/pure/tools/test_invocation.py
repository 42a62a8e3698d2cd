"""What bin/pulumi reads out of a command line."""

from __future__ import annotations

import pytest

from tools.cli.invocation import Invocation

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("line", "stack"),
    [
        ("", None),
        ("up --stack", None),
        ("up", None),
        ("up --stack test", "test"),
        ("up -s test", "test"),
        ("--stack=test up", "test"),
        ("stack rm test --yes", "test"),
        ("stack select --stack other", "other"),
        ("stack init org/citus/test", "org/citus/test"),
        ("config set stack rm", None),
        ("up -- --stack test", None),
    ],
)
def test_the_stack_that_a_command_names(line: str, stack: str | None) -> None:
    assert Invocation.parse(line.split()).stack == stack


@pytest.mark.parametrize(
    ("line", "locks"),
    [
        ("", False),
        ("up --help", False),
        ("preview", False),
        ("config set up yes", False),
        ("-C up preview", False),
        ("stack ls", False),
        ("stack output up", False),
        ("up --yes", True),
        ("-C folder up", True),
        ("--color never destroy", True),
        ("down", True),
        ("refresh", True),
        ("state delete urn", True),
        ("stack rm dev", True),
    ],
)
def test_the_commands_before_which_a_killed_run_is_cleaned_up(line: str, locks: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).locks is locks


@pytest.mark.parametrize(
    ("line", "needs"),
    [("version", False), ("stack ls", False), ("up -h", False), ("config", True), ("up", True)],
)
def test_the_commands_that_need_a_passphrase(line: str, needs: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).needs_secrets is needs


def test_the_folder_is_that_of_cwd() -> None:
    assert Invocation.parse(["--cwd", "there", "up"]).folder == "there"
    assert Invocation.parse(["-C=there", "up"]).folder == "there"
    assert Invocation.parse(["up"]).folder is None
