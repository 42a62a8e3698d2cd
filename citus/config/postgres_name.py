"""Which names PostgreSQL can take, and which of them a declared schema and its role can have."""

from __future__ import annotations

_LONGEST = 63  # bytes: NAMEDATALEN - 1
_TAKEN = {
    "public": "is everybody's",
    "information_schema": "is PostgreSQL's own",
    "citus": "is Citus' own",
    "citus_internal": "is Citus' own",
    "columnar": "is Citus' own",
    "columnar_internal": "is Citus' own",
    "citus_pulumi": "holds the ledger of this program's migrations",
    "postgres": "is the superuser's role",
    "none": "is no name that a role can have",
}


def why_no_name(name: str) -> str | None:
    """Say why PostgreSQL can't take a name (``which …``); None if it can."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "is no text in UTF-8"
    if not name:
        return "is empty"
    if "\0" in name:
        return "has a NUL in it"
    if size > _LONGEST:
        return f"has {size} bytes, but a name in PostgreSQL has at most {_LONGEST}"
    return None


def why_no_schema(name: str) -> str | None:
    """Say why a declared schema, its role and its folder ``sql/<name>/`` can't have a name."""
    if name.startswith("pg_"):
        return "begins with pg_ like PostgreSQL's own"
    if "/" in name or name in (".", ".."):
        return "is no name of a folder in sql/"
    return _TAKEN.get(name) or why_no_name(name)
