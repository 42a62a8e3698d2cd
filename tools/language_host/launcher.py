"""Run pulumi-language-python-exec so that its exit code tells a shown error from a crash.

That script shows a `pulumi.RunError` and exits with 1, as does a program that just calls
`sys.exit(1)`. The first must not be followed by a second error, the second must not pass unseen.
Only the place that raised SystemExit tells them apart: the script itself, or the program below it.

This file runs in the program's own environment: it imports nothing but the standard library.
"""

from __future__ import annotations

import runpy
import signal
import sys
import traceback
from pathlib import Path

_EXIT_ERROR_SHOWN = 32


def main(script: str) -> None:
    """Run *script* as if Python had been started with it."""
    # Ctrl-C reaches the whole process group; the engine decides when the program ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(script).parent)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        raised_in = traceback.extract_tb(end.__traceback__)[-1].filename
        if end.code == 1 and raised_in == script:
            sys.exit(_EXIT_ERROR_SHOWN)
        raise


if __name__ == "__main__":
    main(sys.argv[1])
