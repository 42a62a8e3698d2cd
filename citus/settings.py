"""The settings of a stack: read once, checked once, frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pulumi

from citus.errors import ConfigError

PLATFORMS = ("local",)
SERVICES = ("user",)
SCHEMAS = tuple(f"{service}_service" for service in SERVICES)
ROLES = ("postgres", *SCHEMAS)  # a service's role and its schema have one name
_HIGHEST_PORT = 65535
_LOWEST_PORT = 1024  # below it a port needs root
_SERVICE_PORTS = (6000, 16000, 26000, 36000)


class Config(Protocol):
    """What is needed of `pulumi.Config`."""

    def get(self, key: str) -> str | None:
        """Give a value as its text, a structured one as JSON."""


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
        passwords: The user's own passwords by role, as secret outputs.
    """

    stack: str
    platform: str
    workers: int
    base_port: int
    service_base_port: int
    postgres_bin: str
    citus_version: str
    baseline: Mapping[str, str]
    passwords: Mapping[str, pulumi.Output[str]] = field(repr=False)

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
            baseline=read.texts("baseline", SCHEMAS, example="001_….sql"),
            passwords={
                role: pulumi.Output.secret(password)
                for role, password in read.texts("passwords", ROLES, example="…").items()
            },
        )
        settings._check_ports(read)
        return settings

    @property
    def node_ports(self) -> range:
        """The ports of the coordinator and the workers, in this order."""
        return range(self.base_port, self.base_port + 1 + self.workers)

    @property
    def service_ports(self) -> range:
        """The ports of the services, in their order."""
        return range(self.service_base_port, self.service_base_port + len(SERVICES))

    def _check_ports(self, read: _Reader) -> None:
        if self.base_port + 3 > _HIGHEST_PORT:
            why = f"leaves no ports for the workers below {_HIGHEST_PORT + 1}"
            raise read.error("basePort", self.base_port, why, example=15432)
        if self.node_ports[-1] > _HIGHEST_PORT:
            why = f"needs the ports {self.node_ports[0]} to {self.node_ports[-1]}, "
            why += f"but {_HIGHEST_PORT} is the highest there is"
            raise read.error("workers", self.workers, why, example=3)
        if self.service_ports[-1] > _HIGHEST_PORT:
            why = f"leaves no port below {_HIGHEST_PORT + 1} for each service"
            raise read.error("serviceBasePort", self.service_base_port, why, example=6000)
        both = set(self.node_ports) & set(self.service_ports)
        if both:
            why = f"gives a service the port {min(both)}, which is a node's (citus:basePort)"
            free = next(p for p in _SERVICE_PORTS if p not in self.node_ports)
            raise read.error("serviceBasePort", self.service_base_port, why, example=free)


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

    def texts(self, key: str, names: tuple[str, ...], *, example: str) -> dict[str, str]:
        """Read a map of texts by some of *names*; a value may be secret and is never shown."""
        try:
            value = json.loads(self.config.get(key) or "{}")
        except ValueError:
            value = None
        line = f"--path '{key}.{names[-1]}'"
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self._refused(f"citus:{key} is no map of texts", line, example)
        for name in value.keys() - set(names):
            why = f"citus:{key} has an entry {name}, which is none of: {', '.join(names)}"
            raise self._refused(why, line, example)
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        text = self.config.get(key) or choices[0]
        if text not in choices:
            why = f"is none of: {', '.join(choices)}"
            raise self.error(key, text, why, example=choices[0])
        return text

    def error(self, key: str, value: object, why: str, *, example: object) -> ConfigError:
        return self._refused(f"citus:{key} is {value}, which {why}", key, example)

    def _refused(self, sentence: str, key: str, example: object) -> ConfigError:
        return ConfigError(
            f"Pulumi.{self.stack}.yaml: {sentence}; for instance: "
            f"bin/pulumi config set {key} {example} --stack {self.stack}"
        )
