"""Remove a folder so that half of it is never taken for the whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import tenacity


def remove(folder: Path) -> None:
    """Rename it first: a removal that is cut off leaves nothing under the old name."""
    doomed = folder.with_name(f"{folder.name}.removing")
    _remove(doomed)
    if folder.exists():
        folder.rename(doomed)
        _remove(doomed)


@tenacity.retry(stop=tenacity.stop_after_delay(10), wait=tenacity.wait_fixed(0.3), reraise=True)
def _remove(folder: Path) -> None:
    # What has just been stopped may write its last lines yet: then the folder isn't empty.
    if folder.exists():
        shutil.rmtree(folder)
