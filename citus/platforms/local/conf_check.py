"""Whether PostgreSQL takes a configuration, asked before any server has it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from citus.errors import Refused, ServerFailed
from citus.platforms import conf_file
from citus.platforms.local import run_as
from citus.private_file import write_private

_LINE = re.compile(r"(?:LOG|FATAL|HINT):  (.*)$", re.MULTILINE)
_PLACE = re.compile(r' in file ".*" line \d+')


def check(name: str, bin_folder: Path, settings: Mapping[str, str]) -> None:
    """Let PostgreSQL read the settings and end; what an extension brings it doesn't know.

    Raises:
        Refused: It doesn't take them; the sentence is PostgreSQL's.
    """
    with tempfile.TemporaryDirectory(prefix="citus-conf-") as folder:
        draft = Path(folder, "postgresql.conf")
        write_private(draft, conf_file.render(settings))
        Path(folder, "postgresql.auto.conf").touch()
        try:
            run_as.run(bin_folder / "postgres", "-D", folder, "-C", "port", env=_environment())
        except ServerFailed as failed:
            raise Refused(
                f"PostgreSQL takes no such settings for {name}, of citus:postgresqlConf: "
                f"{_said(str(failed))}"
            ) from None


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _said(output: str) -> str:
    """Give what PostgreSQL has said, without the place of the draft and that it is in error."""
    found = _LINE.findall(_PLACE.sub("", output))
    told = [line for line in found if "contains errors" not in line]
    return "; ".join(told) or " ".join(output.split())
