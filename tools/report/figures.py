"""What was read from the cluster, as parts of the Markdown document. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.report import markdown

if TYPE_CHECKING:
    from tools.report.facts import Facts, Moves


def parts(facts: Facts) -> Iterator[str]:
    """Tell of the shards that move, then of the tables."""
    if facts.moves is not None:
        yield from _moves(facts.moves)
    if facts.tables:
        yield "### Tables that the SQL touches"
        yield markdown.table(
            ("table", "rows", "size", "shards"),
            [(markdown.code(t.name), t.rows, str(t.size), str(t.shards)) for t in facts.tables],
        )


def _moves(moves: Moves) -> Iterator[str]:
    yield "### Shards that move"
    if moves.unknown:
        yield f"How many is not known: {markdown.text(moves.unknown.rstrip('.'))}."
        return
    total = f"{moves.shards} shard{'' if moves.shards == 1 else 's'}, {moves.size}"
    told = f"**{total}**." if moves.shards else "**None.**"
    if moves.doubts:
        told += f" An estimate: {markdown.text('; '.join(moves.doubts))}."
    yield told
    if moves.flows:
        yield markdown.table(
            ("from", "to", "shards", "size"),
            [
                (markdown.code(f.source), markdown.code(f.target), str(f.shards), str(f.size))
                for f in moves.flows
            ],
        )
