"""What a server needs to have ``CREATE EXTENSION citus``: the real one, or the stand-in."""

from __future__ import annotations

from pathlib import Path

from citus.platforms.local.installation import Installation

# The first releases that know the setting (CVE-2026-6471); an older server would not start with it.
_OUTPUT_PLUGIN_LIBRARIES = {15: 19, 16: 15, 17: 11, 18: 6}
_STANDIN = Path(__file__).parent / "standin"

WARNING = (
    "no Citus is installed on this machine: a stand-in answers for it. It keeps Citus' catalogues "
    "and shows plans, previews and services, but all rows stay on the coordinator. "
    "It is no engine; citusVersion ends in -standin. README: how to use a real Citus"
)


def settings(installation: Installation) -> dict[str, str]:
    """Give the lines of postgresql.conf that make the extension available."""
    if installation.has_citus:
        conf = {"shared_preload_libraries": "citus"}
        if _asks_for_output_plugins(installation.version):
            # Shards are split, and tables distributed concurrently, by Citus' own output plugin.
            conf["output_plugin_libraries"] = "pgoutput, test_decoding, citus"
        return conf
    return {"extension_control_path": f"{_STANDIN}:$system"}


def _asks_for_output_plugins(version: str) -> bool:
    major, _, minor = version.partition(".")
    first = _OUTPUT_PLUGIN_LIBRARIES.get(int(major))
    if first is None:
        return int(major) > max(_OUTPUT_PLUGIN_LIBRARIES)
    return minor.isdigit() and int(minor) >= first
