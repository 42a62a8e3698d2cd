"""What a preview says, read from what ``pulumi preview --json`` prints. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from citus.database.statement import DESTROYS_DATA
from tools.report.differences import differences
from tools.stack import permit

OPERATIONS = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
_OURS = "pulumi-python:dynamic/citus:"
_REQUEST = re.compile(rf"-- refused unless permitted: .*{permit.KEY} (p[0-9a-f]+)$")
_NODE_KINDS = {"PostgresServer", "Container", "StatefulSet"}
_NODE = re.compile(r"coordinator|worker-\d+")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SUBJECT = re.compile(r"^\S+:(\w+) resource '([^']*)' has a problem: ")


@dataclass(frozen=True)
class Planned:
    """One statement that will run; a remark has no ``sql``."""

    sql: str
    why: str
    destroys_data: bool = False


@dataclass(frozen=True)
class Change:
    """What happens to one resource.

    Attributes:
        operation: A key of `OPERATIONS`.
        urn: Its full name.
        statements: Its SQL, in order.
        permit: The digest that permits its plan where that loses data; else empty.
        differences: ``shard_count: 8 → 16``, of an update.
        before: Its inputs as recorded, or as the refresh found them; secrets masked.
        after: Its inputs as declared; secrets masked.
        is_tracked: Whether it is an object of the database, which stays where no SQL removes it.
    """

    operation: str
    urn: str
    statements: tuple[Planned, ...] = ()
    permit: str = ""
    differences: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    is_tracked: bool = False

    @property
    def type(self) -> str:
        """Its type, without those of the components around it."""
        return self.urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]

    @property
    def kind(self) -> str:
        """The last part of its type: ``DistributedTable``."""
        return self.type.rpartition(":")[2]

    @property
    def name(self) -> str:
        """Its name in the stack."""
        return self.urn.rpartition("::")[2]

    @property
    def is_node(self) -> bool:
        """Whether it is the server of a node, on any platform."""
        return self.kind in _NODE_KINDS and _NODE.fullmatch(self.name) is not None


@dataclass(frozen=True)
class Preview:
    """A whole preview; one with ``failures`` tells of nothing else for certain."""

    stack: str
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> Change | None:
        """Give the one change of a kind that a stack has once."""
        return next((change for change in self.changes if change.kind == kind), None)


def read(stack: str, decoded: Mapping[str, Any]) -> Preview:
    """Read what the CLI has printed; *decoded* is its JSON."""
    said = [_sentence(entry) for entry in decoded.get("diagnostics") or []]
    warnings = [text for severity, text in said if severity == "warning"]
    permits = permit.configured(decoded)
    warnings += [
        f"{unused} in citus:{permit.KEY} permits nothing of this run"
        for unused in permit.unused(permits, decoded)
    ]
    failures = [text for severity, text in said if severity == "error"]
    return Preview(
        stack,
        changes=tuple(_changes(decoded.get("steps") or [])),
        warnings=tuple(dict.fromkeys(warnings)),  # each once
        failures=tuple(dict.fromkeys(failures)),
        permits=tuple(permits),
    )


def _changes(steps: list[Mapping[str, Any]]) -> Iterator[Change]:
    gone = {step["urn"] for step in steps if step["op"] == "delete"}
    for step in steps:
        state = step.get("newState") or step.get("oldState") or {}
        # A component has no server and no SQL of its own; its parts are changes themselves.
        if step["op"] in OPERATIONS and state.get("custom"):
            yield _change(step, goes_with_its_server=state.get("deletedWith") in gone)


def _change(step: Mapping[str, Any], *, goes_with_its_server: bool) -> Change:
    before = (step.get("oldState") or {}).get("inputs") or {}
    after = (step.get("newState") or {}).get("inputs") or {}
    deleted = step["op"] == "delete"
    shown = before.get("delete_sql", []) if deleted else after.get("planned_sql", [])
    if deleted and goes_with_its_server:
        shown = []
    requests = [match[1] for entry in shown if (match := _REQUEST.match(entry))]
    ours = _OURS in step["urn"].rpartition("$")[2]
    return Change(
        step["op"],
        step["urn"],
        statements=tuple(_planned(entry) for entry in shown if not _REQUEST.match(entry)),
        permit=requests[0] if requests else "",
        differences=tuple(differences(before, after, values=ours)) if before and after else (),
        before=before,
        after=after,
        is_tracked=ours and "endpoint" in {**before, **after} and not goes_with_its_server,
    )


def _planned(entry: str) -> Planned:
    """Part SQL and why, as `Statement.planned` has joined them."""
    if entry.startswith("-- "):
        why, _, sql = entry.removeprefix("-- ").partition("\n")
    else:
        sql, _, why = entry.rpartition(" -- ") if " -- " in entry else (entry, "", "")
    marker = f"{DESTROYS_DATA}: "
    return Planned(sql, why.removeprefix(marker), why.startswith(marker))


def _sentence(diagnostic: Mapping[str, Any]) -> tuple[str, str]:
    """Give severity and text; a provider's line of progress is neither warning nor error."""
    text = _COLOURS.sub("", str(diagnostic.get("message", ""))).strip()
    severity = str(diagnostic.get("severity", ""))
    for said in ("warning", "error"):
        if text.startswith(f"{said}: "):
            severity, text = said, text.removeprefix(f"{said}: ")
    return severity, _SUBJECT.sub(r"\1 \2: ", text)
