"""How keys and values are written in a line to paste."""

from __future__ import annotations

import shlex

import pytest

from citus.config import line

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("steps", "key"),
    [
        (["services", 0], "services[0]"),
        (["schemas", "my-ads"], "schemas.my-ads"),
        (["schemas", "a.b", "node"], 'schemas["a.b"].node'),
        (["schemas", "2024"], 'schemas["2024"]'),
        (["schemas", 'a "b"'], 'schemas["a \\"b\\""]'),
        (["schemas", "a\nb"], 'schemas["a\\nb"]'),
    ],
)
def test_a_key_is_written_as_the_cli_takes_it(steps: list[str | int], key: str) -> None:
    written = str(steps[0])
    for step in steps[1:]:
        written = line.child(written, step)
    assert written == key


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("workers", 3, "workers 3"),
        ("platform", "local", "platform local"),
        ("tables[0].shardCount", 32, "--path tables[0].shardCount 32"),
        ("schemas.ads.distributed", False, "--path schemas.ads.distributed false"),
        ("tables[0].table", "2024", "--path tables[0].table 2024 --type string"),
        ("tables[0].table", "false", "--path tables[0].table false --type string"),
        ("platform", "2024", "platform 2024"),
    ],
)
def test_a_value_arrives_as_what_it_is(key: str, value: object, words: str) -> None:
    assert shlex.split(line.setting(key, value)) == [
        *("bin/pulumi", "config", "set"),
        *words.split(),
    ]


def test_a_secret_is_asked_for_and_stands_in_no_line() -> None:
    assert (
        line.setting_a_secret("passwords.ads")
        == "bin/pulumi config set --secret --path passwords.ads"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ("three", "three"),
        ("", "''"),
        (" 3", "' 3'"),
        ("a\nb", "a\\nb"),
        ("\ud800", "\\ud800"),
        ("ä" * 61, "ä" * 60 + "…"),
        ([1, 2], "a list"),
        ({"password": "my-own"}, "a map"),
    ],
)
def test_a_value_is_shown_on_one_short_line(value: object, shown: str) -> None:
    assert line.shown(value) == shown
