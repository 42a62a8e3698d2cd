"""The user's consent to a plan that loses data.

    bin/pulumi config set allowDataLoss p5f0c1b9ae27d

The digest is over the cluster, the object and the SQL of the whole plan, as the preview shows
it: it permits this plan and no other. Providers read it from the stack's configuration.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from citus.database.statement import Statement
from citus.database.tracked import Tracked
from citus.endpoint import Endpoint
from citus.errors import Refused

ALLOW_DATA_LOSS = "allowDataLoss"
_DIGITS = 12
_REQUEST = "-- refused unless permitted: "


def digest(endpoint: Endpoint, title: str, shown: Sequence[str]) -> str:
    """Name one plan for one object of one cluster: ``p`` and 12 hexadecimal digits."""
    parts = [f"{endpoint}/{endpoint.database}", title, *statements(shown)]
    # A letter first: YAML takes digits alone for a number.
    return "p" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]


def planned(spec: Tracked, plan: Sequence[Statement]) -> list[str]:
    """Show a plan as a preview does: its statements, and the request where it loses data."""
    shown = [statement.planned() for statement in plan]
    if any(statement.destroys_data for statement in plan):
        shown.append(request(digest(spec.endpoint, spec.title, shown)))
    return shown


def request(permit: str) -> str:
    """Give the entry that stands in a preview after the statements, with the line to paste."""
    return f"{_REQUEST}{line_to_paste([permit])}"


def demand(
    spec: Tracked,
    plan: Sequence[Statement],
    shown: Sequence[str],
    permits: Sequence[str],
    at_stake: Callable[[], Sequence[str]],
) -> None:
    """Refuse a plan that loses data, unless its digest is permitted; name what is at stake."""
    losses = [statement.why for statement in plan if statement.destroys_data]
    wanted = digest(spec.endpoint, spec.title, shown)
    if not losses or wanted in permits:
        return
    raise Refused(
        f"{spec.title}: refused, since it would lose data: {'; '.join([*losses, *at_stake()])}. "
        f"To permit just this: {line_to_paste([*permits, wanted])}"
    )


def line_to_paste(permits: Sequence[str]) -> str:
    """Give the command that permits these plans; one that is permitted already stays so."""
    return f"bin/pulumi config set {ALLOW_DATA_LOSS} {','.join(dict.fromkeys(permits))}"


def statements(shown: Sequence[str]) -> list[str]:
    """Take the request out of what a preview shows."""
    return [entry for entry in shown if not entry.startswith(_REQUEST)]


def permits(configured: str | None) -> tuple[str, ...]:
    """Read ``citus:allowDataLoss``: digests, parted by commas or spaces."""
    return tuple(re.findall(r"[^\s,]+", configured or ""))
