"""A Citus cluster, the schemas it holds and the services on it: settings in, outputs out."""

from __future__ import annotations

import pulumi

from citus.cluster.cluster import CitusCluster
from citus.database.distributed import DistributedDatabase
from citus.platforms import open_platform
from citus.settings import SERVICES, Settings
from services.microservice import Microservice

settings = Settings.from_config(pulumi.Config(), pulumi.get_stack())
platform = open_platform(settings)
cluster = CitusCluster(
    "citus",
    platform=platform,
    workers=settings.workers,
    superuser_password=settings.passwords.get("postgres"),
)
database = DistributedDatabase(
    "database",
    endpoint=cluster.endpoint,
    nodes=cluster.nodes,
    servers=cluster.servers,
    citus_version=settings.citus_version,
)
services = [
    Microservice(
        name,
        index=index,
        platform=platform,
        database=database,
        password=settings.passwords.get(f"{name}_service"),
        baseline=settings.baseline.get(f"{name}_service", ""),
    )
    for index, name in enumerate(SERVICES)
]

pulumi.export("coordinator", cluster.coordinator.address)
pulumi.export("citusVersion", database.extension.citus_version)
pulumi.export("workers", database.membership.active_workers)
pulumi.export("schemas", [service.schema.summary for service in services])
pulumi.export("services", {service.name: service.url for service in services})
pulumi.export("adminUrl", cluster.endpoint.url)
pulumi.export("databaseUrls", {service.role_name: service.endpoint.url for service in services})
