"""The targets of the Makefile with the real CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.up.test_toolchain_checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.up


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path / "checkout", tmp_path / "home")
    yield checkout
    checkout.write("go", "")  # lets go what a failed test left waiting


def test_up_psql_and_down_leave_the_checkout_as_it_was(checkout: Checkout) -> None:
    checkout.write("go", "")
    code, out = checkout.run("make", "up")
    assert code == 0, out
    assert "2 created" in out
    assert checkout.changed_files() == ""
    assert (checkout.folder / ".pulumi-state").stat().st_mode & 0o777 == 0o700

    code, out = checkout.run("make", "preview")
    assert code == 0, out
    assert "2 unchanged" in out

    _, out = checkout.run("make", "psql", "ARGS=--no-psqlrc -c 'select 1'")
    assert 'connection to server at "127.0.0.1", port 1 failed' in out
    assert "pass" not in out

    code, out = checkout.run("make", "down")
    assert code == 0, out
    code, out = checkout.run("make", "down")
    assert code == 0, out
    assert "there is nothing to take down: stack dev is not up" in out
    assert checkout.changed_files() == ""


@pytest.mark.parametrize(
    ("program", "said", "not_said"),
    [
        ("import pulumi; raise pulumi.RunError('say a number')", "say a number", "unhandled"),
        ("raise ValueError('x')", "ValueError: x", "an unhandled error occurred"),
        ("import sys; sys.exit(1)", "exited with code 1 and showed no error", "Traceback"),
    ],
    ids=["a RunError", "an exception", "an end without a word"],
)
def test_a_program_that_fails(checkout: Checkout, program: str, said: str, not_said: str) -> None:
    checkout.write("__main__.py", program)
    code, out = checkout.run("make", "preview")
    assert code != 0
    assert said in out
    assert not_said not in out


def test_mistakes_are_one_sentence(checkout: Checkout) -> None:
    code, out = checkout.run("make", "up", "STACK=nope")
    assert code != 0
    assert "there is no stack 'nope' here" in out
    assert "(stacks: dev)" in out
    code, out = checkout.run("make", "psql")
    assert code != 0
    assert "stack dev is not up: `make up STACK=dev` first" in out
    code, out = checkout.run("bin/pulumi", "config", "--stack", "other")
    assert code == 1
    assert out.startswith("error: stack 'other' has no secrets provider: set ")
    checkout.write("Pulumi.yaml", "name: [")
    code, out = checkout.run("bin/pulumi", "version")
    assert code == 1
    assert "Pulumi.yaml can't be read" in out
    assert "Traceback" not in out
