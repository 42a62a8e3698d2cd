"""`citus:services`: the folders of services/ that run, each with a role and schema of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from citus.config.entry import Entry, nearest
from citus.config.postgres_name import why_no_schema

DEFAULT_SERVICES = ("user", "time", "ping")
_FOLDER = Path("services")
_NAME = re.compile(r"[a-z]([a-z0-9_]*[a-z0-9])?")
# By objects of the cluster itself, where _ is -.
_TAKEN = re.compile(r"coordinator(_.*)?|worker_[0-9]+(_.*)?|pooler|admin|nodes")
_LONGEST = 55  # with `_service` behind it PostgreSQL's 63 bytes


def schema_of(service: str) -> str:
    """Give the name that a service's schema and its role have."""
    return f"{service}_service"


def read_services(declared: Entry) -> tuple[str, ...]:
    """Read the list; a service's port follows from its place there."""
    entries = declared.elements(mend=declared.child(0).to_set(DEFAULT_SERVICES[0]))
    names = [entry.text(entry.to_remove()) for entry in entries]
    for index, (entry, name) in enumerate(zip(entries, names, strict=True)):
        if why := _why_not(name):
            raise entry.refused(why, _mend(entry, name, names))
        if name in names[:index]:
            first = entries[names.index(name)]
            raise entry.refused(f"citus:{first.key} is already", entry.to_remove())
    return tuple(names)


def check_folders(stack: str, services: Sequence[str], root: Path = _FOLDER) -> None:
    """Refuse a service that is no folder of *root*.

    Raises:
        ConfigError: Names the file, the key, and a line to paste.
    """
    there = sorted(app.parent.name for app in root.glob("*/app.py"))
    for index, name in enumerate(services):
        if name not in there:
            entry = Entry(stack, "services", [*services]).child(index, name)
            meant = nearest(name, [other for other in there if other not in services])
            mend = entry.to_set(meant) if meant else entry.to_remove()
            raise entry.refused(f"has no {root.name}/{name}/app.py", mend)


def _why_not(name: str) -> str | None:
    if not _NAME.fullmatch(name):
        return "is no name of a service: small letters, digits and _ between them, a letter first"
    if len(name) > _LONGEST:
        return f"has {len(name)} letters, but a service's name has at most {_LONGEST}"
    if name == "runtime":
        return "is no service but what all of them share"
    if _TAKEN.fullmatch(name):
        return "is what a part of the cluster is called"
    if why := why_no_schema(schema_of(name)):
        return f"would own the schema {schema_of(name)}, which {why}"
    return None


def _mend(entry: Entry, name: str, names: list[str]) -> str:
    meant = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if _why_not(meant) or meant in names:
        return entry.to_remove()
    return entry.to_set(meant)
