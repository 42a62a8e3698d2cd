"""A stack's config: each key as an entry, set or by its default."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from citus.config.entry import Entry


class Config(Protocol):
    """What is needed of `pulumi.Config`."""

    def get(self, key: str) -> str | None:
        """Give a value as its text, a structured one as JSON."""


@dataclass(frozen=True)
class StackConfig:
    """What ``Pulumi.<stack>.yaml`` says."""

    config: Config
    stack: str

    def plain(self, key: str, default: object) -> Entry:
        """Read a text or number."""
        text = self.config.get(key)
        return Entry(self.stack, key, default if text is None else text)

    def structure(self, key: str, default: object, *, secret: bool = False) -> Entry:
        """Read a list or map; what is no JSON stays the text that it is."""
        text = self.config.get(key)
        value = default if text is None else _decoded(text)
        return Entry(self.stack, key, value, secret)


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
