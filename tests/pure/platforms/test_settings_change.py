"""Whether a change of settings is a reload or a restart, as the preview says it."""

from __future__ import annotations

import pytest

from citus.platforms.settings_change import changed, lines, needs_restart

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ({}, {}, []),
        ({"a": "1"}, {"a": "1"}, []),
        ({"a": "1"}, {"a": "2"}, ["a"]),
        ({"a": "1"}, {}, ["a"]),
        ({"b": "1"}, {"a": "1", "b": "1"}, ["a"]),
        ({"b": "1"}, {"a": "1"}, ["a", "b"]),
    ],
)
def test_what_differs_is_named(old: dict[str, str], new: dict[str, str], names: list[str]) -> None:
    assert changed(old, new) == names


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], []),
        (["work_mem"], ["reload: work_mem"]),
        (["max_connections"], ["restart: max_connections"]),
        (
            ["jit", "port", "wal_level", "work_mem"],
            ["restart: port, wal_level", "reload: jit, work_mem"],
        ),
        (["citus.stat_tenants_limit"], ["restart: citus.stat_tenants_limit"]),
    ],
)
def test_a_line_says_what_a_change_takes(names: list[str], said: list[str]) -> None:
    assert lines(names, 15) == said


@pytest.mark.parametrize(("major", "restart"), [(15, True), (17, True), (18, False)])
def test_a_later_version_may_need_less(major: int, restart: bool) -> None:  # noqa: FBT001
    assert needs_restart("autovacuum_max_workers", major) is restart
