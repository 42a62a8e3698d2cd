"""``--continue-on-error`` is refused: a server stays by the error of what could not leave it.

With it Pulumi goes on to delete what an earlier step has failed to empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.cli.invocation import Invocation

_FLAG = "--continue-on-error"
# The CLI's own variable, and the one that it reads for any flag.
_VARIABLES = ("PULUMI_CONTINUE_ON_ERROR", "PULUMI_OPTION_CONTINUE_ON_ERROR")
_OFF = {"", "0", "f", "false"}


def refuse(invocation: Invocation, environment: Mapping[str, str]) -> None:
    """Refuse an `up` that would go on; `destroy` may, as it takes everything.

    Raises:
        ToolError: The command line or the environment asks for it.
    """
    if invocation.words[:1] not in (("up",), ("update",)):
        return
    said = {name: environment.get(name, "") for name in _VARIABLES}
    said[_FLAG] = invocation.flags.get(_FLAG, "false") or "true"  # by itself it has no value
    asked = [name for name, value in said.items() if value.lower() not in _OFF]
    if asked:
        raise ToolError(
            f"{' and '.join(asked)} would have a worker's server deleted though its shards could "
            "not move: run it without"
        )
