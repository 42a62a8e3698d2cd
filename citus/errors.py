"""The tree of errors that a user may read.

    CitusError
    ├── ConfigError          a setting is missing or wrong (citus/settings.py)
    ├── Refused              what was asked is not done, and nothing was changed
    │   └── BadProperty      one property of one resource is missing or wrong
    ├── NoRoute              the way to a database is closed (citus/routes/)
    ├── ServerFailed         a PostgreSQL server or a service did not come up (citus/platforms/)
    ├── Orphaned             the CLI is gone, so no further step is begun
    └── database/errors.py   NotReachable, StatementFailed, ChangedSincePreview

Pulumi shows an exception of a dynamic provider as Python prints it.
These say they live in ``builtins``, so that a user reads ``Refused: …`` and no module path.
"""

from __future__ import annotations

import pulumi


class CitusError(Exception):
    """Root of all errors that are the user's input's, the machine's or the database's."""

    __module__ = "builtins"


class ConfigError(CitusError, pulumi.RunError):
    """A setting of the stack is missing or wrong; Pulumi shows its text alone."""

    __module__ = "builtins"


class Refused(CitusError):
    """What was asked is refused before anything is changed."""

    __module__ = "builtins"


class BadProperty(Refused):
    """A property is missing or has the wrong shape."""

    __module__ = "builtins"


class NoRoute(CitusError):
    """The way to a database is closed; ``final`` where waiting does not open it."""

    __module__ = "builtins"

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


class ServerFailed(CitusError):
    """A PostgreSQL server or a service did not come up or could not be stopped."""

    __module__ = "builtins"


class Orphaned(CitusError):
    """The Pulumi CLI has died: what ran was finished, nothing more is begun."""

    __module__ = "builtins"
