"""What a client may ask for. Pure: a body or arguments in, values or ``Invalid`` out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.runtime.json_input import Invalid, decode, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_USERS = 1000
LONGEST = 255  # the table's VARCHAR(255), which counts characters, as len() does
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class NewUser:
    """A user who has no id yet."""

    name: str
    email: str


@dataclass(frozen=True)
class Page:
    """Which users to list: those with ids after *after*, at most *limit*; ``None`` means all."""

    after: int = 0
    limit: int | None = None


_FIELDS = ("name", "email")


def parse_users(body: bytes) -> list[NewUser]:
    """Return the users in *body*, a JSON list of ``{"name": …, "email": …}``, in its order.

    Raises:
        Invalid: For example ``users[3].email: missing``.
    """
    users = decode(body)
    if not isinstance(users, list):
        raise Invalid("users: expected a list")
    if not users:
        raise Invalid("users: the list is empty")
    if len(users) > MOST_USERS:
        raise Invalid(f"users: {len(users)} entries, at most {MOST_USERS} at once")
    return [_user(f"users[{index}]", entry) for index, entry in enumerate(users)]


def parse_page(arguments: Mapping[str, str]) -> Page:
    """Return the page that ``?after=<id>&limit=<number>`` asks for; by default all users.

    Raises:
        Invalid: For example ``limit: expected a whole number from 1``.
    """
    after, limit = arguments.get("after"), arguments.get("limit")
    return Page(
        after=0 if after is None else _whole("after", after, least=0),
        limit=None if limit is None else _whole("limit", limit, least=1),
    )


def _user(path: str, entry: object) -> NewUser:
    values = texts(entry, _FIELDS, path=path)
    for field, value in zip(_FIELDS, values, strict=True):
        _check_storable(f"{path}.{field}", value)
    return NewUser(*values)


def _check_storable(path: str, value: str) -> None:
    if not value.strip():
        raise Invalid(f"{path}: empty")
    if len(value) > LONGEST:
        raise Invalid(f"{path}: longer than {LONGEST} characters")
    if "\0" in value:  # PostgreSQL's text can't hold it
        raise Invalid(f"{path}: holds a NUL character")
    if re.search("[\ud800-\udfff]", value):  # "\ud800" alone is JSON, but no Unicode text
        raise Invalid(f"{path}: holds half a surrogate pair")


def _whole(name: str, text: str, *, least: int) -> int:
    value = int(text) if re.fullmatch("[0-9]{1,19}", text) else -1
    if not least <= value <= _LARGEST_ID:
        raise Invalid(f"{name}: expected a whole number from {least}")
    return value
