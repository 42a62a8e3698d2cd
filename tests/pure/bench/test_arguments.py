from __future__ import annotations

from pathlib import Path

import pytest

from bench.arguments import PARTS, of_services, of_stacks

pytestmark = pytest.mark.pure


def test_all_parts_are_measured_where_none_is_named() -> None:
    assert of_stacks([]).parts == ["up", "preview", "create", "unchanged", "scale"]


def test_parts_are_measured_once_and_in_their_own_order() -> None:
    assert of_stacks(["create", "up", "create"]).parts == ["up", "create"]


def test_sizes_and_the_file_are_read() -> None:
    read = of_stacks(
        "unchanged --runs 2 --resources 30 --services 4 --megabytes 8 --json out.json".split()
    )
    assert (read.runs, read.resources, read.services, read.megabytes) == (2, 30, 4, 8)
    assert read.json == Path("out.json")


def test_the_load_is_read() -> None:
    line = "--pairs 1 --seconds 2 --requests 3 --clients 4 --close"
    read = of_services(line.split())
    assert (read.pairs, read.seconds, read.requests, read.clients) == (1, 2, 3, 4)
    assert read.close is True
    assert of_services([]).close is False


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("upp", "there is no part upp: the parts are up, preview, create, unchanged, scale"),
        ("--runs 0", "argument --runs: '0' is no whole number from 1"),
        ("--runs -1", "argument --runs: '-1' is no whole number from 1"),
        ("--resources ten", "argument --resources: 'ten' is no whole number from 1"),
        ("--services 1.5", "argument --services: '1.5' is no whole number from 1"),
        ("--services ²", "argument --services: '²' is no whole number from 1"),
        ("--json nowhere/a.json", "argument --json: 'nowhere/a.json' can't be written"),
        ("--json .", "argument --json: '.' can't be written: it must be a file's name"),
        ("--what", "unrecognized arguments: --what"),
    ],
)
def test_a_bad_argument_is_one_sentence(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        of_stacks(line.split())
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {sentence}")
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", PARTS)
def test_the_help_tells_of_each_part(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        of_stacks(["--help"])
    assert end.value.code == 0
    assert f"  {name} " in capsys.readouterr().out
