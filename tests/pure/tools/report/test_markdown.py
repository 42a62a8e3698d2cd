"""Whatever a text holds, Markdown shows it as it is; and a report that is cut is still one."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tools.report import markdown

pytestmark = pytest.mark.pure

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LINES = st.text(st.sampled_from("`*_~|\\[]()<>#&;:!-+=.1 ab\n"), max_size=30)


def rendered(source: str) -> str:
    """Give the text that a reader sees."""
    return html.unescape(re.sub(r"<[^>]*>", "", RENDERER.render(source))).strip()


def words(text: str) -> str:
    return " ".join(text.split())


@given(LINES)
def test_a_text_is_shown_as_it_is(plain: str) -> None:
    assert words(rendered(markdown.bullets([f"x {markdown.text(plain)}"]))) == words(f"x {plain}")
    assert words(rendered(markdown.bullets([markdown.text(plain)]))) == words(plain)


@given(LINES)
def test_code_within_a_line_is_shown_as_it_is(plain: str) -> None:
    assert words(rendered(markdown.code(plain))) == words(plain)


@given(st.lists(LINES, min_size=2, max_size=2))
def test_a_cell_ends_where_it_ends(cells: list[str]) -> None:
    row = [markdown.text(cells[0]), markdown.code(cells[1])]
    page = RENDERER.render(markdown.table(["one", "two"], [row]))
    shown = [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in page.split("<td>")[1:]]
    assert [words(cell) for cell in shown] == [words(cell) for cell in cells]


@given(LINES)
def test_a_block_of_code_is_shown_as_it_is(plain: str) -> None:
    assert words(rendered(markdown.block(plain, "sql"))) == words(plain)


def test_a_report_that_fits_is_whole() -> None:
    assert markdown.cut("one\ntwo\n", 8) == "one\ntwo\n"


@given(st.integers(300, 4000), st.lists(LINES.map(words), max_size=200))
def test_a_report_that_is_cut_says_so_and_leaves_no_block_open(limit: int, sql: list[str]) -> None:
    whole = "\n\n".join(["# SQL", *(markdown.block(line or "x", "sql") for line in sql), "end\n"])
    short = markdown.cut(whole, limit)
    assert len(short) <= max(limit, 0)
    if short == whole:
        return
    assert len(RENDERER.parse(short)) > 0
    last = rendered(short).splitlines()[-1]
    said = re.fullmatch(r"Cut here: ([\d,]+) of ([\d,]+) lines are left out, as .*", last)
    assert said is not None
    left, all_of_them = (int(number.replace(",", "")) for number in said.groups())
    assert all_of_them == len(whole.splitlines())
    kept = whole.splitlines()[: all_of_them - left]
    assert short.startswith("\n".join(kept))
