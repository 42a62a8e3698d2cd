"""What ping's output means. Pure: its words in, a result or one of three errors out.

Whenever ping sent its packets, the client asked how that went and gets ping's own report, also
where nobody answered: 200, stored. Where it sent none there is nothing to store, and the status
says who can change that: the client by another host (422), or those who run the service (503).
"""

from __future__ import annotations

import re

_SHOWN = 200
_DENIED = re.compile(
    "not permitted|permission denied|lacking privilege|missing cap_net_raw", re.IGNORECASE
)
_LATER = re.compile("temporary failure|try again", re.IGNORECASE)


class CannotPing(Exception):
    """This service can't ping anybody now; the message says why."""


class CannotBePinged(Exception):
    """There's no such host, or no way to it; the message is ping's."""


class TookTooLong(Exception):
    """The time was over before ping sent anything: the name wasn't found out."""


def result(stdout: str, stderr: str) -> str:
    """Return ping's report.

    Raises:
        CannotPing: It may not, or no name server answers.
        CannotBePinged: The host isn't known, or can't be reached from here.
        TookTooLong: It said nothing until it was ended.
    """
    if "packets transmitted" in stdout:
        return stdout.replace("\0", "")  # PostgreSQL's text can't hold it
    words = _words(stderr) or _words(stdout)
    if _DENIED.search(stderr):
        raise CannotPing(f"ping is not permitted here: {words}")
    if _LATER.search(stderr):
        raise CannotPing(f"no name can be found out now: {words}")
    if not words:
        raise TookTooLong
    raise CannotBePinged(words)


def _words(text: str) -> str:
    """Return the first line without the name of the program."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return re.sub(r"^(\S*/)?ping6?: ", "", first.strip())[:_SHOWN]
