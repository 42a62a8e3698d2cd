"""Lines that tell what is measured now; on stderr, so that the tables can be kept alone."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Show one line at once."""
    print(line, file=sys.stderr, flush=True)
