"""The SQL that a preview shows, as one file for psql. Pure.

A preview shows statements and masks secrets; the executor runs those of a migration as the
schema's owner, in one transaction with its row in the ledger. So does this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from citus.database.statement import MASK, identifier

_LEDGER = "citus_pulumi.migrations"
_MAKES_THE_LEDGER = "IF NOT EXISTS citus_pulumi"
_MADE_WITH_THE_SERVER = ":Extension"
_SETTINGS = (
    "SET client_min_messages = warning;",
    # A session that runs SQL as a hundred roles would wait for ever once the connections that
    # Citus caches for each of them have used up the workers' max_connections.
    "SET citus.max_cached_connection_lifetime = '1s';",
)


def psql_file(steps: Iterable[Mapping[str, Any]], password: str) -> str:
    """Write every statement, *password* for each masked one."""
    lines: list[str] = list(_SETTINGS)
    ledger: set[str] = set()
    for step in steps:
        state = step.get("newState") or {}
        inputs = state.get("inputs") or {}
        if step["op"] != "create" or state.get("type", "").endswith(_MADE_WITH_THE_SERVER):
            continue
        # The ledger is in every first plan; whoever writes by hand makes it once.
        planned = [text for text in inputs.get("planned_sql", ()) if text not in ledger]
        ledger.update(text for text in planned if _MAKES_THE_LEDGER in text)
        texts = [text.replace(MASK, password) for text in planned]
        lines.extend(_migration(texts, inputs) if "files" in inputs else map(_ended, texts))
    return "\n".join(lines) + "\n"


def _migration(texts: Iterable[str], inputs: Mapping[str, Any]) -> Iterator[str]:
    owner, schema = identifier(inputs["owner"]), identifier(inputs["schema"])
    begun = False
    for text in texts:
        if not begun and _MAKES_THE_LEDGER not in text:
            begun = True
            yield f"BEGIN;\nSET LOCAL search_path = {schema}, public;"
        if begun:
            yield f"SET LOCAL ROLE {'NONE' if _LEDGER in text else owner};"
        yield _ended(text)
    if begun:
        yield "COMMIT;"


def _ended(text: str) -> str:
    # On a line of its own: the statement ends in a comment, its why.
    return f"{text}\n;"
