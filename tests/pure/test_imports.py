"""Imports point downward only, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    [ROOT / "__main__.py", *(ROOT / "citus").rglob("*.py"), *(ROOT / "services").rglob("*.py")]
)
# What each part may import of this program: itself, and what is listed.
BASE = {"citus"}  # the modules directly in citus/: endpoint, settings, errors and the like
MAY_IMPORT = {
    "__main__": {
        "citus.cluster",
        "citus.config",
        "citus.database",
        "citus.platforms",
        "services",
        *BASE,
    },
    "services": {"citus.database", "citus.platforms", *BASE},  # services/microservice.py
    "citus.cluster": {"citus.database", "citus.platforms", *BASE},
    "citus.database": {"citus.config", "citus.routes", *BASE},
    "citus.platforms": {"citus.config", *BASE},
    "citus.routes": BASE,
    "citus.config": BASE,
    "citus": {"citus.config", "citus.routes"},  # settings.py, dynamic.py
}


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part(name: str) -> str:
    """Give the part that a module belongs to."""
    parts = name.split(".")
    if parts[0] == "citus":
        folder = ROOT.joinpath(*parts[:2])
        return ".".join(parts[:2]) if len(parts) > 1 and folder.is_dir() else "citus"
    if parts[0] == "services":
        folder = ROOT.joinpath(*parts[:2])
        return ".".join(parts[:2]) if len(parts) > 1 and folder.is_dir() else "services"
    return parts[0]


def imports(path: Path) -> set[str]:
    """Give the full names of the modules that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own(names: set[str]) -> set[str]:
    return {part(n) for n in names if n.split(".")[0] in ("citus", "services", "__main__")}


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_module_imports_only_what_is_below_it(path: Path) -> None:
    here = part(module(path))
    if here.startswith("services."):
        allowed = {here, "services.runtime", "services"}
    else:
        allowed = {here, *MAY_IMPORT[here]}
    assert own(imports(path)) - {"citus"} <= allowed - {"citus"}
    assert "citus" in allowed or "citus" not in own(imports(path))


@pytest.mark.parametrize("path", sorted((ROOT / "services").glob("*/*.py")), ids=ids)
def test_a_service_knows_neither_pulumi_nor_citus(path: Path) -> None:
    assert not {n.split(".")[0] for n in imports(path)} & {"pulumi", "citus", "sql"}


def test_what_talks_to_a_database_is_known() -> None:
    talks = {module(p) for p in FILES if any(n.split(".")[0] == "psycopg" for n in imports(p))}
    talks = {name for name in talks if part(name).startswith("citus")}
    assert talks == {f"citus.database.{name}" for name in ("connections", "executor", "retries")}


def test_no_module_below_the_program_reads_its_config() -> None:
    readers = {module(p) for p in FILES if "pulumi.Config(" in p.read_text()}
    assert readers == {"__main__"}


def test_the_parts_are_told_apart() -> None:
    assert part("citus.endpoint") == "citus"
    assert part("citus.database.role") == "citus.database"
    assert part("services.user.app") == "services.user"
    assert part("services.microservice") == "services"
