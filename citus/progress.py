"""Tell the user what goes on: a line in the output of the run.

When the CLI has died, nobody reads the line any more; what is at work is finished all the same.
"""

from __future__ import annotations

from contextlib import suppress


def tell(line: str) -> None:
    """Show one line at once."""
    with suppress(OSError):
        print(line, flush=True)
