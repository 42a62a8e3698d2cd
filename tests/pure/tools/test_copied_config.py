"""What of a stack's config its copy for the platform `local` has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile
from tools.cli.checkout import Project
from tools.stack.copied_config import Brought, brought, for_local

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]
DECLARED = Project.at(ROOT).settings["config"]


@pytest.mark.parametrize("stack", Project.at(ROOT).stacks())
def test_the_settings_take_each_stacks_copy(stack: str) -> None:
    config = for_local(Project.at(ROOT).stack_settings(stack)["config"], DECLARED)
    plain = {key.removeprefix("citus:"): value for key, value in config.items()}
    assert Settings.from_config(ConfigFile(plain), f"try-{stack}-local").platform == "local"


def test_sentry_keeps_its_workers_and_its_table() -> None:
    sentry = yaml.safe_load((ROOT / "Pulumi.sentry.yaml").read_text())["config"]
    copied = for_local(sentry, DECLARED)
    same = {"citus:workers", "citus:rebalance", "citus:services", "citus:tables"}
    assert copied == {"citus:platform": "local", **{key: sentry[key] for key in same}}


@pytest.mark.parametrize(
    "entry",
    [
        {"citus:passwords": {"secure": "v1:sealed"}},
        {"citus:passwords": {"postgres": {"secure": "v1:sealed"}}},
        {"citus:anything": [{"under": {"secure": "v1:sealed"}}]},
        {"citus:allowDataLoss": "p0123456789ab"},
        {"citus:nodeMemory": "4096"},
        {"citus:kubeContext": "production"},
    ],
    ids=["a sealed map", "a sealed entry", "a sealed list", "a permit", "containers", "kubernetes"],
)
def test_what_is_for_the_original_alone_stays_there(entry: dict[str, Any]) -> None:
    assert for_local(entry, DECLARED) == {"citus:platform": "local"}


def test_a_key_that_is_not_declared_is_for_every_platform() -> None:
    assert for_local({"other:key": "1"}, {}) == {"other:key": "1", "citus:platform": "local"}


@pytest.mark.parametrize(
    ("copied", "original", "copy", "expected"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, Brought({"a": 1}, (), ())),
        ({"a": 1}, {"a": 2}, {"a": 1}, Brought({"a": 2}, ("a",), ())),
        ({"a": 1}, {"a": 1}, {"a": 3}, Brought({"a": 3}, (), ())),
        ({"a": 1}, {"a": 2}, {"a": 3}, Brought({"a": 3}, (), ("a",))),
        ({"a": 1}, {"a": 2}, {"a": 2}, Brought({"a": 2}, (), ())),
        ({}, {"a": 1}, {}, Brought({"a": 1}, ("a",), ())),
        ({"a": 1}, {}, {"a": 1}, Brought({}, ("a",), ())),
        ({"a": 1}, {}, {"a": 2}, Brought({"a": 2}, (), ("a",))),
        ({"a": 1}, {"a": 1}, {}, Brought({}, (), ())),
        ({"a": 1}, {"a": 1}, {"a": 1, "b": 2}, Brought({"a": 1, "b": 2}, (), ())),
    ],
    ids=[
        "nothing changed",
        "the original changed",
        "the copy changed",
        "both changed",
        "both changed alike",
        "the original has more",
        "the original has less",
        "gone there and changed here",
        "the copy has less",
        "the copy has more",
    ],
)
def test_a_copy_follows_the_original_except_where_it_was_changed(
    copied: dict[str, Any], original: dict[str, Any], copy: dict[str, Any], expected: Brought
) -> None:
    assert brought(copied, original, copy) == expected


CONFIGS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 3))


@given(CONFIGS, CONFIGS, CONFIGS)
def test_a_second_time_brings_nothing(
    copied: dict[str, int], original: dict[str, int], copy: dict[str, int]
) -> None:
    first = brought(copied, original, copy)
    again = brought(original, original, first.config)
    assert again == Brought(first.config, (), ())
