"""Remove a folder so that half of it is never taken for the whole."""

from __future__ import annotations

import shutil
from pathlib import Path


def remove(folder: Path) -> None:
    """Rename it first: a removal that is cut off leaves nothing under the old name."""
    doomed = folder.with_name(f"{folder.name}.removing")
    if doomed.exists():
        shutil.rmtree(doomed)
    if folder.exists():
        folder.rename(doomed)
        shutil.rmtree(doomed)
