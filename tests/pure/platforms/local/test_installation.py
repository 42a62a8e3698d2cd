from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from citus.errors import ConfigError
from citus.platforms.local import engine, installation, run_as
from citus.platforms.local.installation import Installation, choose, inspect, record
from tests.pure.platforms.local import fake_installation

pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have none installed but those that a test makes, and one packaged."""
    monkeypatch.setattr(run_as, "prefix", lambda: ())
    monkeypatch.setattr(installation, "_installed", lambda: iter([]))
    packaged = make(tmp_path, "packaged", "18.3", has_citus=False)
    monkeypatch.setattr(installation, "_packaged", lambda: packaged)
    (tmp_path / "root").mkdir()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def make(tmp_path: Path, name: str, version: str, *, has_citus: bool) -> Installation:
    folder = fake_installation.make(tmp_path / name, version, has_citus=has_citus)
    found = inspect(folder)
    assert found is not None
    return found


def install(monkeypatch: pytest.MonkeyPatch, *installations: Installation) -> None:
    folders = [Path(i.bin) for i in installations]
    monkeypatch.setattr(installation, "_installed", lambda: iter(folders))


def test_an_installation_is_told_by_its_programs(tmp_path: Path) -> None:
    found = make(tmp_path, "a", "17.2 (Debian 17.2-1)", has_citus=True)
    assert found == Installation(str(tmp_path / "a" / "bin"), "17.2", has_citus=True)
    assert found.major == 17
    assert not make(tmp_path, "b", "19devel", has_citus=False).has_citus


def test_what_is_none_is_told_from_one(tmp_path: Path) -> None:
    assert inspect(tmp_path / "nowhere") is None
    folder = fake_installation.make(tmp_path / "a", "17.2", has_citus=True)
    fake_installation.script(folder / "initdb", "echo 'no share here'")
    assert inspect(folder) is None
    fake_installation.script(folder / "initdb", "exit 1")
    assert inspect(folder) is None


def test_without_any_other_the_packaged_one_is_taken(root: Path) -> None:
    assert choose(root, "").version == "18.3"


def test_the_newest_that_has_citus_is_taken(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make(tmp_path, "old", "9.6", has_citus=True)
    new = make(tmp_path, "new", "16.4", has_citus=True)
    plain = make(tmp_path, "plain", "17.2", has_citus=False)
    install(monkeypatch, old, new, plain)
    assert choose(root, "") == new


def test_one_without_citus_is_not_taken_unasked(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, make(tmp_path, "plain", "18.0", has_citus=False))
    assert choose(root, "").version == "18.3"


def test_the_configured_one_comes_before_all(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, make(tmp_path, "citus", "17.2", has_citus=True))
    mine = make(tmp_path, "mine", "18.0", has_citus=False)
    record(root, make(tmp_path, "recorded", "16.4", has_citus=True))
    assert choose(root, mine.bin) == mine


def test_the_recorded_one_is_kept(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = make(tmp_path, "recorded", "16.4", has_citus=True)
    record(root, recorded)
    install(monkeypatch, make(tmp_path, "newer", "17.2", has_citus=True))
    assert choose(root, "") == recorded
    assert choose(root, recorded.bin) == recorded


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"bin": "/nowhere"}'])
def test_a_damaged_record_is_none(root: Path, text: str) -> None:
    (root / installation.RECORD).write_text(text)
    assert choose(root, "").version == "18.3"


def test_a_recorded_one_that_is_gone_is_chosen_anew(tmp_path: Path, root: Path) -> None:
    record(root, make(tmp_path, "gone", "16.4", has_citus=True))
    shutil.rmtree(tmp_path / "gone")
    assert choose(root, "").version == "18.3"


def test_a_configured_folder_without_postgresql_is_told_in_a_sentence(root: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r"^Pulumi\.\w+\.yaml: citus:postgresBin is /nowhere, which holds no PostgreSQL; "
        r"`bin/pulumi config rm postgresBin` lets the stack choose$",
    ):
        choose(root, "/nowhere")


def test_a_configured_one_too_old_for_the_stand_in_is_refused(tmp_path: Path, root: Path) -> None:
    old = make(tmp_path, "old", "17.2", has_citus=False)
    with pytest.raises(
        ConfigError, match=f"{old.bin}, a PostgreSQL 17.2 without Citus: install Citus for it, or"
    ):
        choose(root, old.bin)


def test_only_one_with_citus_loads_it(tmp_path: Path) -> None:
    with_citus = make(tmp_path, "a", "17.2", has_citus=True)
    without = make(tmp_path, "b", "18.0", has_citus=False)
    assert engine.settings(with_citus) == {"shared_preload_libraries": "citus"}
    (place,) = engine.settings(without).values()
    folder, system = place.split(":")
    assert (Path(folder) / "extension" / "citus.control").is_file()
    assert system == "$system"
