"""A statement of a plan: what runs, why, and how the preview shows it.

The text that the preview shows and the text that runs are made by one function,
`render`; they differ in secrets alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from citus.database.wait import Wait
from citus.errors import Refused
from citus.properties import KnownAfterUp

MASK = "********"
DESTROYS_DATA = "DESTROYS DATA"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Identifier:
    """The name of a database object, quoted where PostgreSQL needs it."""

    name: str


@dataclass(frozen=True)
class Password:
    """A password that stands in the statement as it is, after a text that is no secret."""

    text: str = field(repr=False)
    before: str = ""


@dataclass(frozen=True)
class Verifier:
    """A password that stands in the statement as a SCRAM verifier, salted when it runs."""

    text: str = field(repr=False)
    role: str


Secret: TypeAlias = Password | Verifier
Value: TypeAlias = "str | int | bool | Identifier | Secret | Statement"


@dataclass(frozen=True)
class Statement:
    """One SQL statement of a plan.

    Attributes:
        text: SQL with a ``{name}`` for each entry of *values*; literal where there are none.
            Empty for a remark: it stands in the preview and runs nothing.
        values: What stands for the names. A `Statement` as a value is rendered and quoted:
            the command of ``run_command_on_all_nodes``.
        why: Half a sentence for the preview and for an error.
        destroys_data: Whether rows are gone after it. Such a plan is refused.
        settings: PostgreSQL settings under which it runs, ``role`` and ``search_path`` among them.
        transaction: Statements with the same label that follow each other are one
            transaction; ``None`` commits by itself.
        every_node: Its rows are (nodeid, success, result), and each must be a success.
        retried: Whether it runs again by itself after an error that passes.
        before: What is waited for before it runs.
        after: What is waited for before the next one runs.
        again: Whether it runs again, and not once, until what comes `after` is done.
        progress: SQL whose one value tells how far it is, asked in another session meanwhile.
    """

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)
    why: str = ""
    destroys_data: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    transaction: str | None = None
    every_node: bool = False
    retried: bool = True
    before: Wait | None = None
    after: Wait | None = None
    again: bool = False
    progress: str = ""

    def secrets(self) -> Iterator[Secret]:
        """Yield what no log, error or preview may show, those of inner statements too."""
        for value in self.values.values():
            if isinstance(value, Statement):
                yield from value.secrets()
            elif isinstance(value, (Password, Verifier)):
                yield value

    @property
    def holds_secret(self) -> bool:
        """Whether a log of this statement would show a secret."""
        return next(self.secrets(), None) is not None

    def redact(self, text: str) -> str:
        """Mask this statement's secrets in what a server said about it."""
        for secret in self.secrets():
            text = text.replace(secret.text, MASK) if secret.text else text
        return text

    def planned(self) -> str:
        """Show the statement in a preview: its SQL, its why, its marker; secrets masked."""
        sql = render(self, lambda _: MASK)
        why = f"{DESTROYS_DATA}: {self.why}" if self.destroys_data else self.why
        if not sql:
            return f"-- {why}"
        if not why:
            return sql
        return f"-- {why}\n{sql}" if "\n" in sql else f"{sql} -- {why}"


def render(statement: Statement, reveal: Callable[[Secret], str]) -> str:
    """Write the statement as one SQL text; *reveal* gives the text of each secret."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return _render(statement.values[name], reveal) if name in statement.values else match[0]

    return _PLACEHOLDER.sub(value, statement.text) if statement.values else statement.text


def literal(value: str | int | bool) -> str:  # noqa: FBT001 - the value itself
    """Quote a value as an SQL literal, as libpq's PQescapeLiteral does."""
    if isinstance(value, KnownAfterUp):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    _refuse_nul(value)
    quoted = value.replace("'", "''")
    if "\\" in quoted:
        escaped = quoted.replace("\\", "\\\\")
        return f"E'{escaped}'"
    return f"'{quoted}'"


def identifier(name: str) -> str:
    """Quote a name, unless it is lower case, plain and no key word of SQL."""
    if isinstance(name, KnownAfterUp):
        return str(name)
    _refuse_nul(name)
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _KEY_WORDS:
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _render(value: Value, reveal: Callable[[Secret], str]) -> str:
    if isinstance(value, Identifier):
        return identifier(value.name)
    if isinstance(value, Password):
        return literal(value.before + reveal(value))
    if isinstance(value, Verifier):
        return literal(reveal(value))
    if isinstance(value, Statement):
        return literal(render(value, reveal))
    return literal(value)


def _refuse_nul(text: str) -> None:
    if "\0" in text:
        raise Refused("a NUL character can't be part of an SQL text")


# Those that PostgreSQL reserves in any position (pg_get_keywords(), catcode R and T).
_KEY_WORDS = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization binary both case cast
    check collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user default
    deferrable desc distinct do else end except false fetch for foreign freeze from full grant
    group having ilike in initially inner intersect into is isnull join lateral leading left like
    limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary references returning right select session_user similar some symmetric
    system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with""".split()
)
