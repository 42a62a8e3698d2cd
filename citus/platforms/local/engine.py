"""What a server needs to have ``CREATE EXTENSION citus``: the real one, or the stand-in."""

from __future__ import annotations

from pathlib import Path

from citus.platforms.local.installation import Installation

_STANDIN = Path(__file__).parent / "standin"

WARNING = (
    "no Citus is installed on this machine: a stand-in answers for it. It keeps Citus' catalogues "
    "and shows plans, previews and services, but all rows stay on the coordinator. "
    "It is no engine; citusVersion ends in -standin. README: how to use a real Citus"
)


def settings(installation: Installation) -> dict[str, str]:
    """Give the lines of postgresql.conf that make the extension available."""
    if installation.has_citus:
        return {"shared_preload_libraries": "citus"}
    return {"extension_control_path": f"{_STANDIN}:$system"}
