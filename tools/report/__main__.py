"""`python -m tools.report dev`: preview a stack, and tell of it in Markdown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.cli.failure import ToolError
from tools.report import document, markdown, run

_COMMENT = 65_536  # characters of a comment on GitHub


def main(arguments: list[str]) -> int:
    """Print the report; 1 where the preview fails."""
    asked = _parser().parse_args(arguments)
    preview, facts = run.preview(asked.stack, asked.platform), None
    if asked.live and preview.changes and not preview.failures:
        preview, facts = run.with_facts(preview)
    report = document.of(preview, facts)
    if asked.limit:
        report = markdown.cut(report, asked.limit)
    if asked.output:
        asked.output.write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    return 1 if preview.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make preview-report", description="What `make up` would do, in Markdown."
    )
    parser.add_argument("stack", help="which stack (make: STACK=name)")
    parser.add_argument("--platform", default="", help="its copy there (make: PLATFORM=local)")
    parser.add_argument(
        "--live",
        action="store_true",
        help="ask the cluster for rows, sizes and the shards that move (make: LIVE=1)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report there, too")
    parser.add_argument(
        "--limit",
        type=int,
        default=_COMMENT,
        metavar="N",
        help="cut it after so many characters, 0 for never (GitHub's for a comment: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    try:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.exit(main(sys.argv[1:]))
    except (ToolError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
