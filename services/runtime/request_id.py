"""The id of a request: in its answer, and in each line that is logged for it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
# Of the request that this thread is at; empty between requests.
CURRENT: ContextVar[str] = ContextVar("request_id", default="")

# Takes UUIDs, base64, and what the usual proxies send; nothing that needs quoting anywhere.
_SANE = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")


def accepted(sent: str | None) -> str:
    """Return the id that a client *sent* if it is a sane one, else a new one."""
    if sent is not None and _SANE.fullmatch(sent):
        return sent
    return uuid4().hex
