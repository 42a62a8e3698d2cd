"""What a service is told by its environment; the one place that reads it."""

from __future__ import annotations

import math
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAST_PORT = 65535
_LONGEST_SECONDS = 3600.0
_MOST_CONNECTIONS = 1000
_MOST_PROXIES = 10
# gunicorn's Arbiter.APP_LOAD_ERROR: it ends, where it would replace a worker that ended otherwise.
_EXIT_CODE = 4


class SettingsError(Exception):
    """An environment variable is missing or bad; the message is one sentence that names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the database is, and how a service uses it.

    The password stays in its file until a connection is made, so that no printed or logged
    ``Settings`` can show it and a changed one is used without a restart.
    """

    database_host: str
    database_port: int
    database_name: str
    database_user: str
    database_password_file: Path
    pool_max_size: int = 8  # connections of one process
    pool_timeout: float = 2.0  # seconds that a request waits for a connection
    statement_timeout: float = 10.0  # seconds that a statement may take
    trusted_proxies: int = 0  # in front of the service, each adding to X-Forwarded-For

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read each setting from the variable of its name in capitals.

        Raises:
            SettingsError: A variable is missing or bad, or the password file can't be used.
        """
        settings = cls(
            database_host=_required(environ, "DATABASE_HOST"),
            database_port=_whole(environ, "DATABASE_PORT", None, most=_LAST_PORT),
            database_name=_required(environ, "DATABASE_NAME"),
            database_user=_required(environ, "DATABASE_USER"),
            database_password_file=Path(_required(environ, "DATABASE_PASSWORD_FILE")),
            pool_max_size=_whole(
                environ, "POOL_MAX_SIZE", cls.pool_max_size, most=_MOST_CONNECTIONS
            ),
            pool_timeout=_seconds(environ, "POOL_TIMEOUT", cls.pool_timeout),
            statement_timeout=_seconds(environ, "STATEMENT_TIMEOUT", cls.statement_timeout),
            trusted_proxies=_whole(
                environ, "TRUSTED_PROXIES", cls.trusted_proxies, least=0, most=_MOST_PROXIES
            ),
        )
        # Read and dropped: a bad file should stop the start, not the first request.
        read_password(settings.database_password_file)
        return settings


def settings_or_exit() -> Settings:
    """Return the environment's settings; a bad one ends the process with its sentence."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(_EXIT_CODE) from None


def read_password(file: Path) -> str:
    """Return the password in *file*, without the end of its line.

    Raises:
        SettingsError: The file can't be read, or holds no password.
    """
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"DATABASE_PASSWORD_FILE: can't read {file}: {reason}.") from error
    except ValueError as error:  # not UTF-8, or a NUL in the file's name
        raise SettingsError(f"DATABASE_PASSWORD_FILE: {file} is not a text file.") from error
    if not password or "\0" in password:
        raise SettingsError(f"DATABASE_PASSWORD_FILE: {file} holds no password.")
    return password


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set.")
    return value


def _whole(
    environ: Mapping[str, str], name: str, default: int | None, *, least: int = 1, most: int
) -> int:
    """Return a whole number in these limits; without a *default* the variable is required."""
    if default is not None and not environ.get(name):
        return default
    text = _required(environ, name)
    # int() alone would take "1_000", " 5" and digits of other scripts.
    value = int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
    if not least <= value <= most:
        raise SettingsError(
            f"{name} is {text!r}, but must be a whole number from {least} to {most}."
        )
    return value


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= _LONGEST_SECONDS:  # also refuses nan
        raise SettingsError(
            f"{name} is {text!r}, but must be a number of seconds, at most {_LONGEST_SECONDS:.0f}."
        )
    return value
