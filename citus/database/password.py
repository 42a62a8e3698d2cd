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
from pulumi.dynamic import CreateResult, ReadResult, Resource, UpdateResult

from citus.dynamic import DeclaredProvider
from citus.errors import Refused
from citus.private_file import write_private
from citus.properties import KNOWN_AFTER_UP, encode

_RANDOM_BYTES = 24
_PLAIN = re.compile(r"[!#-&(-\[\]-~]+")  # ASCII from ! to ~ without " ' and backslash


@dataclass(frozen=True)
class PasswordSpec:
    """Whose password it is, the user's own value if any, and its file (empty for none)."""

    role: str
    file: str = ""
    value: str | None = field(default=None, repr=False)


class PasswordProvider(DeclaredProvider[PasswordSpec]):
    """Makes it once; only a value that the user gives changes it."""

    spec = PasswordSpec

    def validate(self, old: PasswordSpec | None, new: PasswordSpec) -> None:
        """Refuse what SCRAM or a connection string would read in another way."""
        del old
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
                f"take {new.role} out of citus:passwords, change it after `up`"
            )
        return CreateResult(new.role, self._keep(new, new.value or kept or _random()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change it to the user's value; without one it stays."""
        new = self.decode(_news)
        return UpdateResult(self._keep(new, new.value or str(_olds["result"])))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """See whether the file is still there; `update` writes it again."""
        inputs = self.encode(self.decode(props))
        if "file" in inputs and _kept(inputs["file"]) != props["result"]:
            del inputs["file"]
        return ReadResult(id_, {**inputs, "result": props["result"]}, inputs)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove the file, unless the data stay."""
        file = self.decode(_props).file
        if file and not self.retain_data:
            Path(file).unlink(missing_ok=True)

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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["result"])
        inputs = encode(PasswordSpec(role, file, value))  # type: ignore[arg-type]
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
