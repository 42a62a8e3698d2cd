"""What the image of a node is told: one made as Docker's official `postgres` is.

Its entry point runs initdb where the data folder is empty, and then what lies in
``/docker-entrypoint-initdb.d``.
"""

from __future__ import annotations

PORT = 5432
# Not the image's own folder, which another major version of the image has elsewhere; and a folder
# in it, since the root of a volume has a lost+found, and belongs to root.
VOLUME = "/var/lib/citus"
DATA = f"{VOLUME}/data"
# Nodes reach each other as the superuser by this file, which belongs to the data.
_PGPASS = f"{DATA}/pgpass"
PGPASS_SCRIPT = "/docker-entrypoint-initdb.d/000-pgpass.sh"
WRITE_PGPASS = f"""umask 077
escaped=$(printf '%s' "$POSTGRES_PASSWORD" | sed 's/[\\\\:]/\\\\&/g')
printf '*:*:*:%s:%s\\n' "$POSTGRES_USER" "$escaped" > {_PGPASS}
"""


def environment(password_file: str) -> dict[str, str]:
    """Tell it where the data are, and where the superuser's password is."""
    return {
        "PGDATA": DATA,
        "PGPASSFILE": _PGPASS,
        "POSTGRES_INITDB_ARGS": "--auth=scram-sha-256 --encoding=UTF8 --locale=C",
        "POSTGRES_PASSWORD_FILE": password_file,
        "POSTGRES_USER": "postgres",
    }
