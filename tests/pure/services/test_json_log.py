from __future__ import annotations

import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from services.runtime import request_id
from services.runtime.json_log import JsonFormatter, LineHandler

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure


def record(message: str, *args: object, **others: Any) -> logging.LogRecord:
    made = logging.LogRecord("a.logger", logging.WARNING, "file.py", 1, message, args, None)
    made.__dict__.update(others)
    return made


@pytest.fixture(autouse=True)
def _between_requests() -> None:
    """Begin where no request is under way, whatever ran in this process before."""
    request_id.CURRENT.set("")


def logged(made: logging.LogRecord) -> dict[str, Any]:
    line = JsonFormatter().format(made)
    assert "\n" not in line
    assert line.isascii()
    decoded = json.loads(line)
    assert isinstance(decoded, dict)
    return decoded


def test_a_record_is_one_object() -> None:
    line = logged(record("%d of %s", 3, "four", created=1703485168.25, process=7))
    assert line == {
        "time": "2023-12-25T06:19:28.250+00:00",
        "level": "WARNING",
        "logger": "a.logger",
        "process": 7,
        "message": "3 of four",
    }


@pytest.mark.parametrize("text", ["two\nlines", '"}', "\u2028", "é", "\ud800", "\x1b[2J", "\0"])
def test_any_text_stays_in_its_place(text: str) -> None:
    assert logged(record("%s", text))["message"] == text


def test_fields_stand_beside_the_message() -> None:
    assert logged(record("a", fields={"status": 200}))["status"] == 200


def test_a_traceback_is_a_field() -> None:
    try:
        int("a bug")
    except ValueError:
        line = logged(record("failed", exc_info=sys.exc_info()))
    assert line["message"] == "failed"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("with base 10: 'a bug'")


def test_the_request_is_named_while_there_is_one() -> None:
    token = request_id.CURRENT.set("abc")
    assert logged(record("a"))["request_id"] == "abc"
    request_id.CURRENT.reset(token)
    assert "request_id" not in logged(record("a"))


def test_a_long_line_goes_out_in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = []
    write = os.write

    def watched(to: int, data: bytes) -> int:
        pieces.append(data)
        return write(to, data)

    monkeypatch.setattr(os, "write", watched)
    with (tmp_path / "log").open("wb") as file:
        handler = LineHandler(file.fileno())
        handler.setFormatter(JsonFormatter())
        handler.handle(record("x" * 100_000))
    assert len(pieces) == 1
    assert (tmp_path / "log").read_bytes() == pieces[0]
    assert json.loads(pieces[0])["message"] == "x" * 100_000


def test_a_full_disk_fails_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    handler = LineHandler(write)
    handler.setFormatter(JsonFormatter())
    handler.handle(record("lost"))
    os.close(write)
    assert "BrokenPipeError" in capsys.readouterr().err
