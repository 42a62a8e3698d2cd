"""The settings of a stack: read once, checked once, frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi

from citus.config.containers import ContainerSettings, read_containers
from citus.config.entry import Entry
from citus.config.kubernetes import KubernetesSettings, read_kubernetes
from citus.config.lost_workers import read_lost_workers
from citus.config.ports import read_ports
from citus.config.postgresql_conf import read_postgresql_conf
from citus.config.rebalance import RebalanceSettings, read_rebalance
from citus.config.schemas import SchemaSettings, read_schemas
from citus.config.services import DEFAULT_SERVICES, read_services
from citus.config.stack_config import Config, StackConfig
from citus.config.table_settings import TableSettings
from citus.config.tables import read_tables
from citus.endpoint import worker_name

PLATFORMS = ("local", "docker", "kubernetes")
# Online, where each table has a replica identity; online all the same; while writes wait.
TRANSFER_MODES = ("auto", "force_logical", "block_writes")
MOST_WORKERS = 64_000  # as many shards as a table may have; the next worker would hold none
_SUPERUSER = "postgres"
# Whose password the admin console's is: no role can be called so.
ADMIN_CONSOLE = "pg_admin"


@dataclass(frozen=True)
class Settings:
    """What one stack declares.

    Attributes:
        stack: The stack's name.
        platform: What the cluster runs on, one of `PLATFORMS`.
        workers: How many worker nodes there are.
        base_port: The coordinator's port; (local) worker *i* has ``base_port + 1 + i``.
        service_base_port: The first service's port.
        postgres_bin: (local) The folder of PostgreSQL's programs; empty for the stack's own choice.
        citus_version: The extension's version that is accepted; empty for the recorded one.
        services: The folders of services/ that run, in the order of their ports.
        schemas: All schemas: first the services', in their order, then the others by name.
        tables: The user's own tables, in the order in which they are distributed.
        retain_data: Whether `down` leaves the data and the passwords in place.
        containers: What a platform of containers is told.
        kubernetes: What the platform `kubernetes` is told.
        passwords: The user's own passwords by role, as secret outputs.
        shard_transfer_mode: How shards move between workers, one of `TRANSFER_MODES`.
        lost_workers: Those that are given up with the rows that they alone have.
        rebalance: How shards are spread anew when workers join or leave; None where they aren't.
        postgresql_conf: The user's own settings of every node's PostgreSQL, by name.
    """

    stack: str
    platform: str
    workers: int
    base_port: int
    service_base_port: int
    postgres_bin: str
    citus_version: str
    services: tuple[str, ...]
    schemas: tuple[SchemaSettings, ...]
    tables: tuple[TableSettings, ...]
    retain_data: bool
    containers: ContainerSettings
    kubernetes: KubernetesSettings
    passwords: Mapping[str, pulumi.Output[str]] = field(repr=False)
    shard_transfer_mode: str = TRANSFER_MODES[0]
    rebalance: RebalanceSettings | None = None
    lost_workers: tuple[str, ...] = ()
    postgresql_conf: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: Config, stack: str) -> Settings:
        """Read and check the settings.

        Raises:
            ConfigError: Names the file, the key, and a line to paste.
        """
        read = StackConfig(config, stack)
        platform = _platform(read.plain("platform", PLATFORMS[0]), stack)
        services = read_services(read.structure("services", [*DEFAULT_SERVICES]))
        workers = read.plain("workers", 3)
        count = workers.number(at_least=1, at_most=MOST_WORKERS, example=3)
        ports = read_ports(
            workers,
            base=read.plain("basePort", 15432),
            service_base=read.plain("serviceBasePort", 6000),
            nodes={"local": 1 + count, "docker": 1, "kubernetes": 0}[platform],
            services=len(services) if platform != "kubernetes" else 0,
        )
        tables = read_tables(read.structure("tables", []))
        lost = read_lost_workers(read.structure("lostWorkers", []), count)
        there = [name for name in map(worker_name, range(count)) if name not in lost]
        schemas = read_schemas(read.structure("schemas", {}), services, tables, there)
        names = [schema.name for schema in schemas]
        baseline = _texts(read.structure("baseline", {}), names, "schema")
        containers = read_containers(read, ports, possible=platform != PLATFORMS[0])
        roles = [_SUPERUSER, *([ADMIN_CONSOLE] if containers.admin_console else []), *names]
        passwords = _texts(read.structure("passwords", {}, secret=True), roles, "role")
        return cls(
            stack=stack,
            platform=platform,
            workers=count,
            base_port=ports.nodes.start,
            service_base_port=ports.services.start,
            postgres_bin=config.get("postgresBin") or "",
            citus_version=config.get("citusVersion") or "",
            services=services,
            schemas=tuple(replace(s, baseline=baseline.get(s.name, "")) for s in schemas),
            tables=tables,
            retain_data=_retained(read.plain("retainData", default=False), platform),
            containers=containers,
            kubernetes=read_kubernetes(read, here=platform == "kubernetes", services=len(services)),
            passwords={role: pulumi.Output.secret(text) for role, text in passwords.items()},
            shard_transfer_mode=read.plain("shardTransferMode", TRANSFER_MODES[0]).choice(
                TRANSFER_MODES
            ),
            lost_workers=lost,
            rebalance=read_rebalance(read.structure("rebalance", {})),
            postgresql_conf=read_postgresql_conf(read.structure("postgresqlConf", {})),
        )

    @property
    def worker_names(self) -> list[str]:
        """The workers that there are, in the order of their indices."""
        names = map(worker_name, range(self.workers))
        return [name for name in names if name not in self.lost_workers]

    @property
    def node_ports(self) -> range:
        """The ports of the coordinator and the workers, in this order."""
        return range(self.base_port, self.base_port + 1 + self.workers)

    @property
    def service_ports(self) -> range:
        """The ports of the services, in their order."""
        return range(self.service_base_port, self.service_base_port + len(self.services))


def _platform(entry: Entry, stack: str) -> str:
    platform = entry.choice(PLATFORMS)
    if platform == "docker" and stack != stack.lower():
        why = f"names images by the stack, in small letters only: call it {stack.lower()}"
        raise entry.refused(why, f"bin/pulumi stack init {stack.lower()}")
    return platform


def _retained(entry: Entry, platform: str) -> bool:
    retained = entry.flag()
    if retained and platform == "kubernetes":
        why = "can't be on kubernetes yet, where volumes outlive `make down` by themselves"
        raise entry.refused(why, entry.to_set(example=False))
    return retained


def _texts(declared: Entry, names: Sequence[str], what: str) -> dict[str, str]:
    """Read a map of texts by some of *names*."""
    texts = {}
    for name, entry in declared.entries_of(names, f"{what} of this stack").items():
        texts[name] = entry.text(entry.to_set("001_tables.sql"))
        if not texts[name]:
            raise entry.error("is empty", entry.to_remove())
    return texts
