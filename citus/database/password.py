"""A password that is made once and stays: given by the user, kept with the data, or random.

It belongs to the data that it opens. Where the platform keeps data in a folder, the
password is a file (mode 0600) beside them: `create` takes up what it finds there, so that
data kept over a `down` and the next `up` fit each other.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, UpdateResult

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.private_file import write_private
from citus.properties import KNOWN_AFTER_UP, encode

_RANDOM_BYTES = 24
_PLAIN = re.compile(r"[!#-&(-\[\]-~]+")  # ASCII from ! to ~ without " ' and backslash


@dataclass(frozen=True)
class PasswordSpec:
    """Whose password it is, the user's own value if any, and its file (empty for none).

    A ``fixed`` one can't be changed once it is made, nor the ``login`` that it goes with, which is
    empty where that is the role.
    """

    role: str
    file: str = ""
    value: str | None = field(default=None, repr=False)
    fixed: bool = False
    login: str = ""


class PasswordProvider(DeclaredProvider[PasswordSpec]):
    """Makes it once; only a value that the user gives changes it."""

    spec = PasswordSpec

    def validate(self, old: PasswordSpec | None, new: PasswordSpec) -> None:
        """Refuse what SCRAM or a connection string would read in another way."""
        if old and new.fixed and old.login and new.login != old.login:
            raise Refused(
                f"{new.role} logs in as {old.login}, which can't be changed yet to {new.login}: "
                f"put {old.login} back"
            )
        if old and new.fixed and new.value not in (None, old.value):
            raise Refused(
                f"the password of {new.role} can't be changed yet: "
                f"take {new.role} out of citus:passwords, or put its first value back"
            )
        if new.value in (None, KNOWN_AFTER_UP):
            return
        if not _PLAIN.fullmatch(str(new.value)):
            raise Refused(
                f"the password of {new.role} in citus:passwords may have letters, digits and "
                "punctuation of ASCII, but no space, quote or backslash",
            )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Take up the kept one, else the user's, else a random one."""
        new = self.decode(props)
        kept = _kept(new.file)
        if kept and new.value and kept != new.value:
            raise Refused(
                f"the data kept beside {new.file} has another password for {new.role}: "
                f"take {new.role} out of citus:passwords"
            )
        return CreateResult(new.role, self._keep(new, new.value or kept or _random()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change it to the user's value; without one it stays."""
        new = self.decode(_news)
        return UpdateResult(self._keep(new, new.value or str(_olds["result"])))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Only another password or another place is a change; a value taken back is none."""
        old, new = self.decode(_olds), self.decode(_news)
        other = new.value is not None and new.value != _olds["result"]
        return DiffResult(
            changes=other or (old.role, old.file, old.login) != (new.role, new.file, new.login)
        )

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove the file; where the data stay, see that it is there for them."""
        spec = self.decode(_props)
        if self.retain_data:
            self._keep(spec, str(_props["result"]))
        elif spec.file:
            Path(spec.file).unlink(missing_ok=True)

    def _keep(self, spec: PasswordSpec, text: str) -> dict[str, Any]:
        if spec.file:
            write_private(Path(spec.file), text)
        return {**self.encode(spec), "result": text}


class Password(Resource, module="citus", name="Password"):
    """One password; `result` is a secret output."""

    result: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        role: str,
        file: str = "",
        value: pulumi.Input[str | None] = None,
        fixed: bool = False,
        login: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["result"])
        inputs = encode(PasswordSpec(role, file, value, fixed, login))  # type: ignore[arg-type]
        super().__init__(
            PasswordProvider(),
            resource_name,
            {**inputs, "result": None},
            pulumi.ResourceOptions.merge(opts, secret),
        )


def _kept(file: str) -> str:
    return Path(file).read_text() if file and Path(file).exists() else ""


def _random() -> str:
    return secrets.token_urlsafe(_RANDOM_BYTES)
