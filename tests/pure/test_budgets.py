"""Small pieces: what ruff doesn't count."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    p for folder in ("citus", "services", "tools", "bench") for p in (ROOT / folder).rglob("*.py")
)
COMPONENT_LINES, FILE_LINES, MAIN_LINES = 40, 200, 60


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def components(path: Path) -> list[tuple[str, int]]:
    """Give each component of a file with the number of lines in its `__init__`'s body."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ClassDef):
            continue
        if not any("ComponentResource" in ast.unparse(base) for base in node.bases):
            continue
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                last = method.end_lineno or 0
                found.append((node.name, last - method.body[0].lineno + 1))
    return found


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    assert lines(path) <= FILE_LINES


def test_the_program_is_a_paragraph() -> None:
    tree = ast.parse((ROOT / "__main__.py").read_text())
    assert lines(ROOT / "__main__.py") <= MAIN_LINES
    assert not any(isinstance(node, ast.If | ast.For | ast.While) for node in ast.walk(tree))


COMPONENTS = dict(component for path in FILES for component in components(path))


@pytest.mark.parametrize(
    "component",
    sorted(COMPONENTS),
)
def test_a_component_is_made_within_a_screen(component: str) -> None:
    assert COMPONENTS[component] <= COMPONENT_LINES


def test_all_components_are_looked_at() -> None:
    assert {"CitusCluster", "Coordinator", "WorkerPool", "Microservice"} <= COMPONENTS.keys()
