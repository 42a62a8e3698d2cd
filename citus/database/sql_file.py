"""A file of plain SQL, cut into its statements by a real tokenizer."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from citus.errors import Refused

if TYPE_CHECKING:
    from sqlglot import Token

NO_TRANSACTION = "-- no-transaction"
_TRANSACTION_CONTROL = {
    *("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"),
}
_SET_ANEW = {"role", "schema", "search_path"}  # before each statement; by one of two names


@dataclass(frozen=True)
class SqlFile:
    """One file's name and text (line ends as on Unix)."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """Whether all of it is one transaction: unless its first line says otherwise."""
        return not self.text.lstrip().startswith(NO_TRANSACTION)

    def statements(self) -> list[str]:
        """Cut the text at its semicolons, not at those in strings, bodies and comments.

        Raises:
            Refused: The file can't be read as SQL, has a backslash command of psql, controls
                the transaction itself, or sets what would not last until its next statement.
        """
        return [self._text(tokens) for tokens in self._cut()]

    def _text(self, tokens: list[Token]) -> str:
        word = tokens[0].text.upper()
        if self.text[tokens[0].start] == "\\":
            line = self.text.count("\n", 0, tokens[0].start) + 1
            raise Refused(f"{self.name}:{line}: a backslash command is psql's, not SQL")
        if word in _TRANSACTION_CONTROL:
            kind = "one transaction" if self.in_transaction else "run statement by statement"
            raise Refused(f"{self.name}: {word} stands in a file that is {kind}: take it out")
        statement = self.text[tokens[0].start : tokens[-1].end + 1].strip()
        if (setting := setting_of(statement)) in _SET_ANEW:
            raise Refused(
                f"{self.name}: SET {setting} would not last: each statement runs as the schema's "
                "owner, in the schema; take it out, and name another schema with its tables"
            )
        return statement

    def _cut(self) -> Iterator[list[Token]]:
        """Part the tokens; the semicolons of parentheses and of bodies part nothing."""
        statement: list[Token] = []
        before, depth = "", 0
        for token in self._tokens():
            word = self.text[token.start : token.end + 1].upper()  # a string has its quotes
            # In the body of a function, BEGIN ATOMIC … END, a CASE has an END of its own.
            opens_body = (before, word) == ("BEGIN", "ATOMIC")
            if word == "(" or opens_body or (depth and word == "CASE"):
                depth += 1
            elif word == ")" or (depth and word == "END"):
                depth -= 1
            if token.token_type.name != "SEMICOLON" or depth > 0:
                statement.append(token)
            elif statement:
                yield statement
                statement = []
            before = word
        if statement:
            yield statement

    def _tokens(self) -> list[Token]:
        # Loaded here: only a file that is about to run is cut.
        import sqlglot  # noqa: PLC0415

        try:
            return sqlglot.tokenize(self.text, read="postgres")
        except sqlglot.TokenError as error:
            raise Refused(f"{self.name} can't be read as SQL: {error}") from None


def has_identity_column(statement: str) -> bool:
    """Tell whether a statement makes an identity column: ``GENERATED … AS IDENTITY``."""
    return ("AS", "IDENTITY") in itertools.pairwise(_words(statement))


def setting_of(statement: str) -> str:
    """Give the setting that a ``SET`` changes, in lower case; nothing for another statement."""
    match _words(statement):
        case ["SET", "LOCAL" | "SESSION", name, *_] | ["SET", name, *_]:
            return name.lower()
    return ""


def _words(statement: str) -> list[str]:
    return [token.text.upper() for token in SqlFile("", statement)._tokens()]  # noqa: SLF001


def read(path: Path) -> SqlFile:
    """Read a file; what isn't UTF-8 or isn't there is refused in a sentence."""
    try:
        return SqlFile(path.name, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} can't be read: {error}") from None
