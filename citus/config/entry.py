"""One value of a stack's config with its key: read as a type, or refused in one sentence.

The CLI keeps what `config set --path` is given as a number or a boolean where it looks like one,
and what stands in quotes as a text: ``32`` and ``"32"`` are both the number here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from citus.config import line
from citus.errors import ConfigError

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_MOST_LISTED = 12


@dataclass(frozen=True)
class Entry:
    """A value and the key it has in ``Pulumi.<stack>.yaml``; a secret one is never shown."""

    stack: str
    key: str
    value: object = field(repr=False)
    secret: bool = False

    def elements(self, mend: str) -> list[Entry]:
        """Read a list."""
        if not isinstance(self.value, list):
            in_the_way = isinstance(self.value, dict)  # the CLI puts no list in a map's place
            raise self.refused("is no list", self.to_remove() if in_the_way else mend)
        return [self.child(index, value) for index, value in enumerate(self.value)]

    def entries(self, mend: str) -> dict[str, Entry]:
        """Read a map, whatever its entries are called."""
        if not isinstance(self.value, dict):
            raise self.refused("is no map", mend)
        return {name: self.child(name, value) for name, value in self.value.items()}

    def entries_of(self, names: Sequence[str], what: str) -> dict[str, Entry]:
        """Read a map whose entries must be some of *names*, each of which is *what*."""
        found = self.entries(self.to_remove())
        for name, entry in found.items():
            if name not in names:
                raise entry.error(f"is no {what} ({_known(name, names)})", entry.to_remove())
        return found

    def child(self, name: str | int, value: object = None) -> Entry:
        """Give an entry under this one, whether it is there or not."""
        return Entry(self.stack, line.child(self.key, name), value, self.secret)

    def defaults(self, **values: object) -> dict[str, Entry]:
        """Give entries under this one that stand for what is not set."""
        return {name: self.child(name, value) for name, value in values.items()}

    def text(self, mend: str) -> str:
        """Read a text."""
        if not isinstance(self.value, str):
            raise self.refused("is no text", mend)
        return self.value

    def number(self, *, at_least: int, at_most: int | None = None, example: int) -> int:
        """Read a whole number between two limits."""
        number = self._whole_number()
        mend = self.to_set(example)
        if number is None:
            raise self.refused("is no whole number", mend)
        if number < at_least:
            raise self.refused(f"is less than {at_least}", mend)
        if at_most is not None and number > at_most:
            raise self.refused(f"is more than {at_most}", mend)
        return number

    def flag(self) -> bool:
        """Read a boolean."""
        by_text = {"true": True, "false": False}
        value = by_text.get(self.value, self.value) if isinstance(self.value, str) else self.value
        if not isinstance(value, bool):
            meant = line.shown(value).lower() in ("1", "y", "yes", "on")
            raise self.refused("is neither true nor false", self.to_set(example=meant))
        return value

    def choice(self, choices: Sequence[str]) -> str:
        """Read one of a few words."""
        if isinstance(self.value, str) and self.value in choices:
            return self.value
        mend = self.to_set(nearest(line.shown(self.value), choices) or choices[0])
        raise self.refused(f"is none of: {', '.join(choices)}", mend)

    def refused(self, why: str, mend: str) -> ConfigError:
        """Say what the value is and why it can't be that."""
        if self.secret:
            return self.error(why, mend)
        return self.error(f"is {line.shown(self.value)}, which {why}", mend)

    def error(self, sentence: str, mend: str) -> ConfigError:
        """Say anything else about the key."""
        file = f"Pulumi.{self.stack}.yaml"
        return ConfigError(
            f"{file}: citus:{self.key} {sentence}; for instance: {mend} --stack {self.stack}"
        )

    def to_set(self, example: object) -> str:
        """Give the command that sets this key; a secret's asks for the value."""
        if self.secret:
            return line.setting_a_secret(self.key)
        return line.setting(self.key, example)

    def to_set_text(self, example: str) -> str:
        """Give the command that makes a text of a number or boolean, else sets *example*."""
        plain = isinstance(self.value, bool | int | float)
        return self.to_set(line.shown(self.value) if plain else example)

    def to_remove(self) -> str:
        """Give the command that takes this key out."""
        return line.removing(self.key)

    def _whole_number(self) -> int | None:
        value = self.value
        if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
            try:
                return int(value)
            except ValueError:  # Python makes no number of thousands of digits
                return None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def nearest(name: str, names: Collection[str]) -> str | None:
    """Give the one of *names* that was probably meant."""
    return next(iter(difflib.get_close_matches(name, names, n=1)), None)


def _known(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    if near:
        return f"did you mean {near}?"
    listed = ", ".join(map(line.shown, names[:_MOST_LISTED])) or "none"
    return f"there are: {listed}{', …' if len(names) > _MOST_LISTED else ''}"
