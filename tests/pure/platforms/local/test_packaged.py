"""Looking at this machine, whatever is installed on it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from citus.errors import ConfigError
from citus.platforms.local import installation, run_as

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("origin", ["/nowhere/__init__.py", None])
def test_no_postgresql_at_all_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, origin: str | None
) -> None:
    package = SimpleNamespace(origin=origin) if origin else None
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: package)
    monkeypatch.setattr(installation, "_installed", lambda: iter([]))
    with pytest.raises(ConfigError, match=r"^no PostgreSQL to be had: .*config set postgresBin"):
        installation.choose(tmp_path, "")


def test_one_on_the_path_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "postgres").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert next(installation._installed()) == tmp_path.resolve()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("a\nFATAL: No space left on device\nb", "initdb: the disk is full: make room and run it"),
        ("\n one\n\n two\n", "initdb failed:\none\n two"),
        ("", "initdb failed:\n"),
    ],
)
def test_a_failed_program_is_told_by_what_can_be_done(output: str, sentence: str) -> None:
    assert run_as.explain("initdb", output).startswith(sentence)


def test_an_ordinary_user_needs_no_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert run_as.prefix.__wrapped__() == ()


def test_root_without_namespaces_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigError, match="run this as an ordinary user"):
        run_as.prefix.__wrapped__()
