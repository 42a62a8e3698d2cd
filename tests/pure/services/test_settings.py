from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.runtime.pool import _parameters
from services.runtime.settings import Settings, SettingsError, read_password, settings_or_exit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "password"
    file.write_text("secret word\n", encoding="utf-8")
    return {
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": "15432",
        "DATABASE_NAME": "postgres",
        "DATABASE_USER": "user_service",
        "DATABASE_PASSWORD_FILE": str(file),
    }


def test_what_is_required_is_enough(environ: dict[str, str]) -> None:
    settings = Settings.from_environment(environ)
    assert (settings.database_host, settings.database_port) == ("127.0.0.1", 15432)
    assert (settings.pool_max_size, settings.pool_timeout, settings.statement_timeout) == (8, 2, 10)
    assert settings.trusted_proxies == 0


def test_the_optional_ones_hold(environ: dict[str, str]) -> None:
    environ |= {"POOL_MAX_SIZE": "3", "POOL_TIMEOUT": "0.5", "STATEMENT_TIMEOUT": "1e-5"}
    environ["TRUSTED_PROXIES"] = "2"
    settings = Settings.from_environment(environ)
    assert (settings.pool_max_size, settings.pool_timeout) == (3, 0.5)
    assert settings.trusted_proxies == 2
    # PostgreSQL's 0 would mean: no limit.
    assert _parameters(settings, "x")["options"] == "-c statement_timeout=1"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_HOST", None, "DATABASE_HOST is not set."),
        ("DATABASE_HOST", "", "DATABASE_HOST is not set."),
        ("DATABASE_PORT", None, "DATABASE_PORT is not set."),
        ("DATABASE_NAME", None, "DATABASE_NAME is not set."),
        ("DATABASE_USER", None, "DATABASE_USER is not set."),
        ("DATABASE_PASSWORD_FILE", None, "DATABASE_PASSWORD_FILE is not set."),
        ("DATABASE_PORT", "x", "DATABASE_PORT is 'x', but must be a whole number from 1 to 65535."),
        ("POOL_MAX_SIZE", "-1", "POOL_MAX_SIZE is '-1', but must be a whole number from 1 to 1000"),
        ("POOL_TIMEOUT", "nan", "POOL_TIMEOUT is 'nan', but must be a number of seconds, at most"),
        ("POOL_MAX_SIZE", "0", "POOL_MAX_SIZE is '0', but must be a whole number from 1 to 1000."),
        ("TRUSTED_PROXIES", "11", "TRUSTED_PROXIES is '11', but must be a whole number from 0"),
        ("TRUSTED_PROXIES", "yes", "TRUSTED_PROXIES is 'yes', but must be a whole number from 0"),
        ("STATEMENT_TIMEOUT", "0", "STATEMENT_TIMEOUT is '0', but must be a number of seconds"),
    ],
)
def test_a_bad_variable_is_named(
    environ: dict[str, str], name: str, value: str | None, sentence: str
) -> None:
    environ.pop(name) if value is None else environ.update({name: value})
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(environ)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize("port", ["0", "65536", "5_432", " 5432", "5432.0", "٣", "9" * 5000])
def test_a_bad_port(environ: dict[str, str], port: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_PORT is "):
        Settings.from_environment({**environ, "DATABASE_PORT": port})


@pytest.mark.parametrize("content", [b"", b"\n", b"a\0b", b"\xff\xfe"])
def test_a_bad_password_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "password").write_bytes(content)
    with pytest.raises(SettingsError, match=r"^DATABASE_PASSWORD_FILE: .*/password "):
        read_password(tmp_path / "password")


@pytest.mark.parametrize("file", ["absent", ".", "a\0b"])
def test_no_password_file(tmp_path: Path, file: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_PASSWORD_FILE: "):
        read_password(tmp_path / file)


def test_only_the_end_of_the_line_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b" a b \r\n")
    assert read_password(tmp_path / "password") == " a b "


def test_no_proxy_is_a_number_of_proxies(environ: dict[str, str]) -> None:
    assert Settings.from_environment({**environ, "TRUSTED_PROXIES": "0"}).trusted_proxies == 0


def test_settings_show_no_password(environ: dict[str, str]) -> None:
    assert "secret word" not in repr(Settings.from_environment(environ))


def test_a_bad_variable_ends_the_process_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_HOST", raising=False)
    with pytest.raises(SystemExit) as ending:
        settings_or_exit()
    assert ending.value.code not in (0, None)
    assert capsys.readouterr().err == "DATABASE_HOST is not set.\n"
