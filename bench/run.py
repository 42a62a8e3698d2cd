"""Measure part by part, and report; what was measured is shown whatever ends the run."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from pathlib import Path

import psycopg

from bench import machine
from bench.comparison import Part
from bench.failure import BenchFailed
from bench.progress import say
from bench.report import as_json, table
from citus.errors import CitusError
from tools.cli.failure import ToolError

_INTERRUPTED = 130


def report_all(parts: Iterable[Part], json_file: Path | None) -> int:
    """Let each part be measured; give the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # cleans up as Ctrl-C does
    facts = machine.facts()
    measured: list[Part] = []
    code = 0
    try:
        # One by one: what was measured before a failure stays.
        measured.extend(parts)
    except (BenchFailed, ToolError, CitusError, OSError, psycopg.Error) as error:
        say(f"error: {error}")
        code = 1
    except KeyboardInterrupt:
        say("interrupted")
        code = _INTERRUPTED
    for part in measured:
        print(f"\n{table(part)}")
    if measured:
        print(f"\n{machine.sentence(facts)}")
    if json_file is not None:
        json_file.write_text(as_json(facts, measured))
    return code
