"""Markdown that shows a text as it is, whatever characters are in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# A `_` within a word is none of Markdown's; a `-`, `+` or `1.` is one only where a line begins.
_SPECIAL = re.compile(r"([\\`*\[\]<>#|~&]|(?<!\w)_|_(?!\w)|^[-+=])")
_NUMBERED = re.compile(r"^(\d+)([.)])(?= |$)")


def text(plain: str) -> str:
    """Escape what Markdown, and GitHub in it, would take for more than text; one line."""
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", " ".join(plain.split())))


def code(plain: str) -> str:
    """Show a name as code within a line."""
    inner = " ".join(plain.split()) or " "
    fence = "`" * (1 + _longest_run_of_backticks(inner))
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{pad}{inner}{pad}{fence}"


def block(lines: str, language: str) -> str:
    """Show lines of code; the fence is longer than any within."""
    fence = "`" * max(3, 1 + _longest_run_of_backticks(lines))
    return f"{fence}{language}\n{lines}\n{fence}"


def bullets(entries: Iterable[str]) -> str:
    """List entries that are Markdown."""
    return "\n".join(f"- {entry}" for entry in entries)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out cells that are Markdown; numbers, like all, stand left."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def cut(markdown: str, limit: int) -> str:
    """Leave out lines at the end until the rest fits in *limit* characters, and say how many."""
    if len(markdown) <= limit:
        return markdown
    lines = markdown.splitlines()
    kept = _fitting(lines, limit)
    fence = _open_fence(lines[:kept])
    left = (
        f"**Cut here: {len(lines) - kept:,} of {len(lines):,} lines are left out**, "
        f"as a comment holds {limit:,} characters at most."
    )
    return "\n".join([*lines[:kept], *([fence] if fence else []), "", left, ""])


def _fitting(lines: Sequence[str], limit: int) -> int:
    """Give how many lines fit, with room for the end of a fence and the sentence."""
    room = limit - 200
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return count
    return len(lines)


def _open_fence(lines: Iterable[str]) -> str:
    """Give the fence of a block of code that has no end yet; else nothing."""
    fence = ""
    for line in lines:
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if not fence and len(ticks) >= 3:  # noqa: PLR2004 - as Markdown has it
            fence = ticks
        elif fence and line == fence:
            fence = ""
    return fence


def _cell(markdown: str) -> str:
    # A table takes this escape away before anything else is read: code has it, too.
    return " ".join(markdown.split()).replace("|", "\\|")


def _longest_run_of_backticks(plain: str) -> int:
    return max((len(run) for run in re.findall("`+", plain)), default=0)
