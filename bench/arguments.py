"""The command lines of both benches. Pure; a bad argument is one sentence."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

PARTS: Mapping[str, str] = {
    "up": "`make up` of dev from nothing, against a shell script with the same steps",
    "preview": "a preview of dev with nothing to do, against that of an empty program",
    "create": "roles, distributed schemas and one-table migrations as resources, against the same "
    "statements by one psql plus the same graph of no-op resources",
    "unchanged": "preview with nothing to do, and refresh, of many database resources, against "
    "the same graph of no-op resources",
    "scale": "3 workers to 6 and back under steady writes, against Citus' bare calls",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with the sentence alone; --help has the rest."""
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def of_stacks(arguments: Sequence[str]) -> argparse.Namespace:
    """Read what `python -m bench` is given."""
    listed = "\n".join(f"  {name:10} {what}" for name, what in PARTS.items())
    parser = _Parser(
        prog="python -m bench",
        description="Measures stacks: each part in scratch copies of the checkout, on free ports, "
        "gone at the end.",
        epilog=f"parts:\n{listed}\n\nA goal is shown beside its ratio; missing one is no failure.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="part", help="all of them by default")
    parser.add_argument("--runs", type=_whole, default=3, help="turns of a part (default: 3)")
    parser.add_argument(
        "--services", type=_whole, default=100, help="create: how many of each (default: 100)"
    )
    parser.add_argument(
        "--resources", type=_whole, default=1000, help="unchanged: how many (default: 1000)"
    )
    parser.add_argument(
        "--megabytes", type=_whole, default=1024, help="scale: how much there is (default: 1024)"
    )
    _add_common(parser)
    read = parser.parse_args(arguments)
    for name in read.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name}: the parts are {', '.join(PARTS)}")
    read.parts = [name for name in PARTS if name in read.parts or not read.parts]
    return read


def of_services(arguments: Sequence[str]) -> argparse.Namespace:
    """Read what `python -m bench.services` is given."""
    parser = _Parser(
        prog="python -m bench.services",
        description="Measures the services of a stack that is brought up for it, against "
        "upstream's behaviour (bench/upstream/) on the same database, in turns.",
    )
    parser.add_argument("--pairs", type=_whole, default=3, help="turns of each (default: 3)")
    parser.add_argument(
        "--seconds", type=_whole, default=10, help="at most so long a turn (default: 10)"
    )
    parser.add_argument(
        "--requests", type=_whole, default=5000, help="at most so many a turn (default: 5000)"
    )
    parser.add_argument(
        "--clients", type=_whole, default=8, help="how many ask at the same time (default: 8)"
    )
    parser.add_argument(
        "--close",
        action="store_true",
        help="each request on a connection of its own; by default a client keeps its connection "
        "as long as the server lets it, which Flask's development server never does",
    )
    _add_common(parser)
    return parser.parse_args(arguments)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--postgres-bin",
        default="",
        metavar="FOLDER",
        help="as citus:postgresBin; by default a stack chooses: a Citus that is installed, "
        "else the stand-in",
    )
    parser.add_argument("--json", type=_file, metavar="FILE", help="write every run there too")


def _whole(text: str) -> int:
    value = int(text) if text.isascii() and text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return value


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} can't be written: it must be a file's name")
    return path
