"""The settings of a stack: read once, checked once, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from citus.errors import ConfigError

PLATFORMS = ("local",)
SERVICES = ("user",)
_HIGHEST_PORT = 65535
_LOWEST_PORT = 1024  # below it a port needs root


class Config(Protocol):
    """What is needed of `pulumi.Config`."""

    def get(self, key: str) -> str | None:
        """Give a value as its text."""

    def get_object(self, key: str) -> Any:
        """Give a structured value."""

    def get_secret_object(self, key: str) -> Any:
        """Give a structured value as a secret output, or ``None``."""


@dataclass(frozen=True)
class Settings:
    """What one stack declares.

    Attributes:
        stack: The stack's name.
        platform: What the cluster runs on, one of `PLATFORMS`.
        workers: How many worker nodes there are.
        base_port: (local) The coordinator's port; worker *i* has ``base_port + 1 + i``.
        service_base_port: (local) The first service's port.
        postgres_bin: (local) The folder of PostgreSQL's programs; empty for the stack's own choice.
        citus_version: The extension's version that is accepted; empty for the recorded one.
        baseline: The last applied file by schema, where tables exist without a ledger.
        passwords: The user's own passwords by role, a secret output, or ``None``.
    """

    stack: str
    platform: str
    workers: int
    base_port: int
    service_base_port: int
    postgres_bin: str
    citus_version: str
    baseline: Mapping[str, str]
    passwords: Any = field(repr=False)

    @classmethod
    def from_config(cls, config: Config, stack: str) -> Settings:
        """Read and check the settings.

        Raises:
            ConfigError: Names the file, the key, and a line to paste.
        """
        read = _Reader(config, stack)
        settings = cls(
            stack=stack,
            platform=read.choice("platform", PLATFORMS),
            workers=read.number("workers", at_least=1, example=3),
            base_port=read.number("basePort", at_least=_LOWEST_PORT, example=15432),
            service_base_port=read.number("serviceBasePort", at_least=_LOWEST_PORT, example=6000),
            postgres_bin=config.get("postgresBin") or "",
            citus_version=config.get("citusVersion") or "",
            baseline=config.get_object("baseline") or {},
            passwords=config.get_secret_object("passwords"),
        )
        settings._check_ports(read)
        return settings

    def password(self, role: str) -> Any:
        """Give the user's own password of a role, a secret output of text or ``None``."""
        if self.passwords is None:
            return None
        return self.passwords.apply(lambda by_role: (by_role or {}).get(role))

    @property
    def node_ports(self) -> range:
        """The ports of the coordinator and the workers, in this order."""
        return range(self.base_port, self.base_port + 1 + self.workers)

    @property
    def service_ports(self) -> range:
        """The ports of the services, in their order."""
        return range(self.service_base_port, self.service_base_port + len(SERVICES))

    def _check_ports(self, read: _Reader) -> None:
        if self.node_ports[-1] > _HIGHEST_PORT:
            raise read.error(
                "workers",
                self.workers,
                f"needs the ports {self.node_ports[0]} to {self.node_ports[-1]}, "
                f"but {_HIGHEST_PORT} is the highest there is",
                example=3,
            )
        if self.service_ports[-1] > _HIGHEST_PORT:
            why = f"leaves no port below {_HIGHEST_PORT + 1} for each service"
            raise read.error("serviceBasePort", self.service_base_port, why, example=6000)
        both = set(self.node_ports) & set(self.service_ports)
        if both:
            why = f"gives a service the port {min(both)}, which is a node's (citus:basePort)"
            example = self.node_ports.stop
            raise read.error("serviceBasePort", self.service_base_port, why, example=example)


@dataclass(frozen=True)
class _Reader:
    config: Config
    stack: str

    def number(self, key: str, *, at_least: int, example: int) -> int:
        text = self.config.get(key)
        if text is None:
            return example
        try:
            value = int(text)
        except ValueError:
            raise self.error(key, text, "is no whole number", example=example) from None
        if value < at_least:
            raise self.error(key, value, f"is less than {at_least}", example=example)
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        text = self.config.get(key) or choices[0]
        if text not in choices:
            why = f"is none of: {', '.join(choices)}"
            raise self.error(key, text, why, example=choices[0])
        return text

    def error(self, key: str, value: object, why: str, *, example: object) -> ConfigError:
        return ConfigError(
            f"Pulumi.{self.stack}.yaml: citus:{key} is {value}, which {why}; for instance: "
            f"bin/pulumi config set {key} {example} --stack {self.stack}"
        )
