"""The part of this machine that a node takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from citus.platforms.local import machine

pytestmark = pytest.mark.pure

GIB = 1 << 30


@pytest.mark.parametrize(
    ("gibibytes", "expected"),
    [
        (0.5, 64),
        (0.95, 64),
        (1.9, 128),
        (3.8, 256),
        (7.7, 512),
        (15.5, 1024),
        (23.5, 1024),
        (500, 2048),
    ],
)
def test_a_node_takes_a_small_part(gibibytes: float, expected: int) -> None:
    assert machine.memory_of_a_node(int(gibibytes * GIB)) == expected


@pytest.mark.parametrize("nominal", [2, 4, 6, 8, 12, 16, 24, 32])
def test_what_a_kernel_keeps_for_itself_changes_nothing(nominal: int) -> None:
    kept = [machine.memory_of_a_node(int(nominal * part * GIB)) for part in (0.94, 0.98, 1)]
    assert len(set(kept)) == 1


def test_it_does_not_ask_what_is_free() -> None:
    assert machine.node_size() == machine.node_size()
    assert machine.node_size().memory >= 64


def test_a_container_has_no_more_than_its_limit(tmp_path: Path) -> None:
    for name, text in {"v2": "max\n", "v1": "2147483648\n"}.items():
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in ("v2", "v1", "none")]
    assert machine.limits(files) == [2 * GIB]
