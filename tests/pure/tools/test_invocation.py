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
        ("up -stest", "test"),
        ("up -s=test", "test"),
        ("up -ystest", "test"),
        ("up -ys test", "test"),
        ("up -ys=test", "test"),
        ("up -yrfs test", "test"),
        ("up -ydms said", None),
        ("up -p4 -stest", "test"),
        ("up -v=3 -s test", "test"),
        ("up -s one --stack two", "two"),
        ("up --message -s -s test", "test"),
        ("up --target urn -x urn -s test", "test"),
        ("stack init", None),
        ("stack init --copy-config-from dev test", "test"),
        ("stack init --teams them --secrets-provider awskms://key test", "test"),
        ("stack new test", "test"),
        ("stack create test", "test"),
        ("stack delete test", "test"),
        ("stack rm -- test", "test"),
        ("stack select -c test", "test"),
        ("stack select -cs test", "test"),
        ("up -c citus:workers=3 -s test", "test"),
        ("cancel test", "test"),
        ("cancel -y", None),
        ("import -f resources.json -s test", "test"),
        ("up -f -s test", "test"),
        ("stack export --version 3 -s test", "test"),
        ("config set - -s test", "test"),
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
        ("stack remove dev", True),
        ("up -yh", False),
    ],
)
def test_the_commands_before_which_a_killed_run_is_cleaned_up(line: str, locks: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).locks is locks


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("version", False),
        ("stack ls", False),
        ("stack list", False),
        ("stack init", False),
        ("stack init test", True),
        ("up -h", False),
        ("config", True),
        ("up", True),
    ],
)
def test_the_commands_that_need_a_passphrase(line: str, needs: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).needs_secrets is needs


def test_the_folder_is_that_of_cwd() -> None:
    assert Invocation.parse(["--cwd", "there", "up"]).folder == "there"
    assert Invocation.parse(["-C=there", "up"]).folder == "there"
    assert Invocation.parse(["-Cthere", "up"]).folder == "there"
    assert Invocation.parse(["up"]).folder is None


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("stack init", True),
        ("stack new --no-select", True),
        ("stack init --copy-config-from dev", True),
        ("stack init test", False),
        ("stack init -s test", False),
        ("stack select", False),
        ("up", False),
    ],
)
def test_the_commands_that_ask_for_the_name_of_their_stack(line: str, asked: bool) -> None:  # noqa: FBT001
    assert Invocation.parse(line.split()).asks_for_its_stack is asked
