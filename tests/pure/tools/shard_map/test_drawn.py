"""What is written into a file, whatever the names of a database are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from tests.pure.tools.clusters import cluster, clusters_with_plans, node, table
from tools.live_cluster.moves import Plan, PlannedMove
from tools.live_cluster.values import Cluster
from tools.shard_map.__main__ import drawn
from tools.shard_map.style import TEXTURES

pytestmark = pytest.mark.pure

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<b>&amp; \"x\" 'y' ]]> --> \x01 \ufffe"


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def svg(shown: Cluster, plan: Plan | None = None) -> ET.Element:
    return ET.fromstring(drawn("dev", shown, plan or Plan(), ".svg"))  # noqa: S314 - our own


def texts(root: ET.Element, tag: str = "text") -> list[str]:
    return [found.text or "" for found in root.iter(f"{SVG}{tag}")]


def boxes(root: ET.Element) -> list[ET.Element]:
    return [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "box"]


@given(clusters_with_plans())
def test_any_cluster_gives_well_formed_svg_with_a_box_a_placement(
    made: tuple[Cluster, Plan],
) -> None:
    assert len(boxes(svg(*made))) == len(made[0].placements)


@pytest.mark.parametrize("kind", ["schema", "distributed", "reference", "single shard"])
def test_signs_of_markup_in_a_name_survive(kind: str) -> None:
    hostile = table(HOSTILE, kind, schema=HOSTILE)  # type: ignore[arg-type]
    shown = cluster(1, {hostile: [(1, 4_000_000)]})
    readable = HOSTILE.replace("\x01", "\N{REPLACEMENT CHARACTER}").replace(
        "\ufffe", "\N{REPLACEMENT CHARACTER}"
    )
    assert any(f"{readable}.{readable}\n" in title for title in texts(svg(shown), "title"))
    page = drawn("dev", shown, Plan(), ".html")
    assert "b" not in Page(page).tags
    assert f"{readable}.{readable}" in Page(page).text


def test_a_page_and_a_picture_load_nothing_from_elsewhere() -> None:
    shown = cluster(2, {table("t", shards=2): [(1, 1000), (2, 1000)]})
    for suffix in (".html", ".svg"):
        text = drawn("dev", shown, Plan(), suffix).replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|src=|@import|href=|url\((?!#)", text)


def test_both_light_and_dark_have_their_colours() -> None:
    shown = cluster(1, {table("t"): [(1, 1000)]})
    for suffix in (".html", ".svg"):
        assert "prefers-color-scheme: dark" in drawn("dev", shown, Plan(), suffix)


def test_what_moves_is_marked_and_an_arrow_says_how_much() -> None:
    shown = cluster(2, {table("t", shards=2): [(1, 4_000_000), (1, 2_000_000)]})
    root = svg(shown, Plan((PlannedMove(1, "app.t", 1, 2, 2_000_000),)))
    marked = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "moving"]
    assert len(marked) == 1
    assert "planned: worker-0 → worker-1: 1 shard, 1953 kB" in texts(root, "title")
    assert "→ worker-1" in texts(root)
    assert "A rebalance would move 1 shard, 1953 kB, and leave an imbalance of 1.33." in texts(root)


def test_a_node_that_is_down_is_said_to_be_so_in_words() -> None:
    shown = cluster([node(1, silent="failed to connect")], {table("t"): [(1, None)]})
    root = svg(shown, Plan(unknown="worker-0 does not answer"))
    said = texts(root)
    assert {"✕ does not answer", "size unknown, 1 shard"} <= set(said)
    assert "What a rebalance would move is not known: worker-0 does not answer." in said


def test_more_groups_than_colours_are_told_apart_by_textures() -> None:
    count = 6 * len(TEXTURES)
    tables = {table(f"t{i}", group=i): [(1, 10_000)] for i in range(1, count + 1)}
    root = svg(cluster(1, tables))
    seen = set()
    for rect, label in zip(boxes(root), _labels(root), strict=True):
        seen.add((rect.get("fill"), label))
    fills = [rect.get("fill") for rect in boxes(root)]
    textures = [r.get("fill") for r in root.iter(f"{SVG}rect") if r.get("class") == "texture"]
    assert len(set(fills)) == 6
    assert sorted(set(map(str, textures))) == ["url(#cross)", "url(#dots)", "url(#lines)"]
    assert len(seen) == count


def _labels(root: ET.Element) -> list[str]:
    return [title.split(": ")[-1] for title in texts(root, "title") if "colocation group" in title]
