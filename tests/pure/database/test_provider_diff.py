"""What counts as a change: every decoded input, and never as a replacement."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pure.database.specs import EXAMPLES, PLANNED_EXAMPLES, unknown

pytestmark = pytest.mark.pure

every_kind = pytest.mark.parametrize(("provider", "spec"), PLANNED_EXAMPLES)


def floats(value: Any) -> Any:
    """Give numbers as Pulumi does."""
    if isinstance(value, dict):
        return {k: floats(v) for k, v in value.items()}
    if isinstance(value, list):
        return [floats(v) for v in value]
    return float(value) if type(value) is int else value


@every_kind
def test_floats_are_read_as_the_whole_numbers_they_are(provider: Any, spec: Any) -> None:
    assert provider.decode(floats(provider.encode(spec))) == spec


@every_kind
def test_recorded_inputs_are_unchanged(provider: Any, spec: Any) -> None:
    olds = {**floats(provider.encode(spec)), "planned_sql": ["x"], "__provider": "old", "out": 1}
    news = {**provider.encode(spec), "planned_sql": ["y"], "__provider": "new"}
    answer = provider.diff("id", olds, news)
    assert (answer.changes, answer.replaces) == (False, None)


def leaves(inputs: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in inputs.items():
        found += leaves(value, (*path, key)) if isinstance(value, dict) else [(*path, key)]
    return found


@pytest.mark.parametrize(("provider", "spec"), EXAMPLES)
def test_every_changed_input_is_a_change_and_none_a_replacement(provider: Any, spec: Any) -> None:
    olds = provider.encode(spec)
    assert ("endpoint", "password") in leaves(olds)
    for path in leaves(olds):
        value: Any = olds
        for key in path:
            value = value[key]
        news = changed(olds, path, value)
        answer = provider.diff("id", olds, news)
        assert (path, answer.changes, answer.replaces) == (path, True, None)
        assert provider.diff("id", olds, unknown(olds, *path)).changes


def changed(inputs: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = path
    if rest:
        return {**inputs, first: changed(inputs[first], tuple(rest), value)}
    other = {bool: not value, list: ["other"]}.get(type(value), "other")
    return {**inputs, first: value + 1 if type(value) is int else other}


@every_kind
def test_a_state_of_another_version_is_a_change(provider: Any, spec: Any) -> None:
    assert provider.diff("id", {}, provider.encode(spec)).changes
    assert provider.diff("id", {"endpoint": 3.5}, provider.encode(spec)).changes
