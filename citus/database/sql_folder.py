"""A folder of numbered SQL files: ``001_users.sql``, ``002_emails.sql``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from citus.database import sql_file
from citus.database.sql_file import SqlFile
from citus.errors import ConfigError, Refused

_FILE_NAME = re.compile(r"(\d+)_.+\.sql")


def checksums(folder: Path) -> dict[str, str]:
    """Read the folder: each file's name and checksum.

    Raises:
        ConfigError: There is no such folder, or a file in it can't be read.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}/ is missing: it holds the SQL files of the service's tables")
    try:
        return {path.name: sql_file.read(path).checksum for path in folder.glob("*.sql")}
    except Refused as refused:
        raise ConfigError(str(refused)) from None


def in_order(names: Iterable[str]) -> list[str]:
    """Sort by number, then by name.

    Raises:
        Refused: A name has no number.
    """
    for name in names:
        if not _FILE_NAME.fullmatch(name):
            raise Refused(f"{name} needs a name with a number, such as 001_users.sql")
    return sorted(names, key=position)


def position(name: str) -> tuple[int, str]:
    """Give what a file is sorted by."""
    match = _FILE_NAME.fullmatch(name)
    return (int(match[1]) if match else 0, name)


def load(folder: str, name: str, checksum: str) -> SqlFile:
    """Read one file, which must be the one that was declared."""
    file = sql_file.read(Path(folder, name))
    if file.checksum != checksum:
        raise Refused(f"{folder}/{name} was edited while it was read: run it again")
    return file


def refuse_rewritten_history(
    folder: str, applied: Mapping[str, str], files: Mapping[str, str]
) -> None:
    """Refuse an applied file that is gone or edited, and a new one that comes too late."""
    names = in_order(files)
    for name in sorted(applied, key=position):
        if name not in files:
            raise Refused(f"{folder}/{name} was applied and is gone: put it back")
        if applied[name] and files[name] != applied[name]:
            raise Refused(
                f"{folder}/{name} was applied and has been edited since: undo the edit, "
                "and write what is to change into a new file"
            )
    last = max(applied, key=position, default="")
    for name in names:
        if applied and name not in applied and position(name) < position(last):
            raise Refused(
                f"{folder}/{name} is new but comes before {last}, which was applied: "
                "give it a higher number"
            )
