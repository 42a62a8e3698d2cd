"""A preview as a Markdown document: what loses data first, the SQL last. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.report import figures, markdown
from tools.report.facts import Facts
from tools.report.preview import OPERATIONS, Change, Planned, Preview
from tools.stack import permit

_ON_CHANGE = {"start": "started", "restart": "restarted", "reload": "reloaded (no session ends)"}
_STAYS = "no longer tracked; no SQL of its own runs"


def of(preview: Preview, facts: Facts | None = None) -> str:
    """Write the whole report, with a line's end; one line where nothing is to do.

    *facts* are those of the cluster that is up, where it was asked.
    """
    return "\n\n".join(_parts(preview, facts or Facts())) + "\n"


def _parts(preview: Preview, facts: Facts) -> Iterator[str]:
    title = f"Preview of stack {markdown.code(preview.stack)}"
    if preview.failures:
        yield f"## {title}: it fails"
        yield markdown.bullets(markdown.text(failure) for failure in preview.failures)
        yield from _warnings(preview)
        return
    if not preview.changes:
        warnings = "".join(f" Warning: {markdown.text(said)}." for said in preview.warnings)
        yield f"{title}: nothing to do.{warnings}"
        return
    yield f"## {title}: {_counted(preview)}"
    yield from _losses(preview, facts)
    yield from _warnings(preview)
    yield from _nodes(preview)
    yield from figures.parts(facts)
    yield from _changes(preview)
    yield from _sql(preview)


def _counted(preview: Preview) -> str:
    """Say ``1 created, 5 updated``."""
    operations = [change.operation for change in preview.changes]
    return ", ".join(
        f"{operations.count(operation)} {done}"
        for operation, done in OPERATIONS.items()
        if operation in operations
    )


def _losses(preview: Preview, facts: Facts) -> Iterator[str]:
    losing = [change for change in preview.changes if change.permit]
    if not losing:
        return
    yield "### ⚠ This loses data"
    yield markdown.bullets(_loss(change, facts.at_stake.get(change.urn, ())) for change in losing)
    wanted = [change.permit for change in losing if change.permit not in preview.permits]
    if not wanted:
        yield f"It is permitted by {markdown.code(f'citus:{permit.KEY}')}, and `make up` does it."
        return
    digests = ",".join(dict.fromkeys([*preview.permits, *wanted]))
    yield "`make up` refuses it, unless you permit just this plan:"
    line = f"bin/pulumi config set {permit.KEY} {digests} --stack {preview.stack}"
    yield markdown.block(line, "sh")


def _loss(change: Change, at_stake: Sequence[str]) -> str:
    """Say why, and below it what there is."""
    whys = "; ".join(statement.why for statement in change.statements if statement.destroys_data)
    lines = [f"{_title(change)}: {markdown.text(whys)}"]
    return "\n".join([*lines, *(f"  - {markdown.text(what)}" for what in at_stake)])


def _warnings(preview: Preview) -> Iterator[str]:
    if preview.warnings:
        yield "### Warnings"
        yield markdown.bullets(markdown.text(warning) for warning in preview.warnings)


def _nodes(preview: Preview) -> Iterator[str]:
    """Tell of the nodes that come and go, of servers that stop for a moment, or are down."""
    told = [*_members(preview.of_kind("Membership"))]
    told += [
        _of_server(change)
        for change in preview.changes
        if change.is_node and change.operation in ("update", "replace")
    ]
    if told:
        yield "### Nodes"
        yield markdown.bullets(told)


def _members(membership: Change | None) -> Iterator[str]:
    if membership is None or membership.operation != "update":
        return
    before, after = (inputs.get("workers", {}) for inputs in (membership.before, membership.after))
    yield from (f"{markdown.code(name)} joins" for name in sorted({*after} - {*before}))
    for name in sorted({*before} - {*after}):
        lost = name in membership.after.get("lost", [])
        how = "is given up as lost" if lost else "leaves; it is emptied first"
        yield f"{markdown.code(name)} {how}"
    if membership.before.get("seen") is False:
        yield "there may be more members than could be seen: `up` looks, before a server goes"


def _of_server(change: Change) -> str:
    """Say what the change takes, as the provider says it where it does."""
    told = [line.partition(": ") for line in change.after.get("on_change") or []]
    if not told and change.before.get("running") is False:
        told = [("start", ": ", "it is down")]
    takes = [f"{_ON_CHANGE.get(what, what)}: {markdown.text(why)}" for what, _, why in told]
    how = "; ".join(takes or [f"restarted: {_different(change)}"])
    return f"{markdown.code(change.name)} is {how}"


def _changes(preview: Preview) -> Iterator[str]:
    for operation, done in OPERATIONS.items():
        changes = [change for change in preview.changes if change.operation == operation]
        if changes:
            yield f"### {done.capitalize()}"
            yield markdown.bullets(_grouped(changes))


def _grouped(changes: list[Change]) -> Iterator[str]:
    """Say of each kind which, and of each what is different."""
    said: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        stays = change.operation == "delete" and change.is_tracked and not change.statements
        how = _STAYS if stays else _different(change)
        said.setdefault((_words(change.kind), how), []).append(markdown.code(change.name))
    for (kind, how), names in said.items():
        yield f"{kind} {', '.join(names)}" + (f": {how}" if how else "")


def _different(change: Change) -> str:
    return ", ".join(markdown.code(difference) for difference in change.differences)


def _sql(preview: Preview) -> Iterator[str]:
    running = [change for change in preview.changes if change.statements]
    if not running:
        yield "No SQL runs."
        return
    yield "### The SQL, in this order"
    for change in running:
        yield _title(change)
        yield markdown.block("\n".join(map(_with_why, change.statements)), "sql")


def _with_why(statement: Planned) -> str:
    marker = "LOSES DATA: " if statement.destroys_data else ""
    why = f"-- {marker}{statement.why}" if statement.why else ""
    return "\n".join(filter(None, [why, statement.sql]))


def _title(change: Change) -> str:
    return f"{_words(change.kind).capitalize()} {markdown.code(change.name)}"


def _words(kind: str) -> str:
    """Say ``distributed table`` for ``DistributedTable``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
