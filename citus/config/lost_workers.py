"""Workers that are lost for good, and given up: ``citus:lostWorkers``."""

from __future__ import annotations

import re

from citus.config.entry import Entry
from citus.endpoint import worker_name

_WORKER = re.compile(r"worker-(0|[1-9][0-9]{0,4})")


def read_lost_workers(declared: Entry, workers: int) -> tuple[str, ...]:
    """Read the names; one worker has to be left."""
    names = []
    for entry in declared.elements(declared.child(0).to_set(worker_name(1))):
        name = entry.text(entry.to_set(worker_name(1)))
        if not _WORKER.fullmatch(name):
            why = "is no worker's name: they are called worker-0, worker-1 and so on"
            raise entry.refused(why, entry.to_set(worker_name(1)))
        names.append(name)
    if not {*map(worker_name, range(workers))} - {*names}:
        raise declared.error("names all workers, and one has to be left", declared.to_remove())
    return tuple(names)
