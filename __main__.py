"""A Citus cluster, what it holds, and the services on it: settings in, outputs out."""

from __future__ import annotations

import pulumi

from citus.cluster.cluster import CitusCluster
from citus.cluster.pooler import Pooler
from citus.config.services import check_folders
from citus.database.distributed import DistributedDatabase
from citus.database.owned_schema import OwnedSchema
from citus.database.placements import Placements
from citus.database.tables import Tables
from citus.platforms import open_platform
from citus.settings import Settings
from services.microservice import Microservice

settings = Settings.from_config(pulumi.Config(), pulumi.get_stack())
check_folders(settings.stack, settings.services)
platform = open_platform(settings)
cluster = CitusCluster("citus", platform=platform, settings=settings)
database = DistributedDatabase(
    "database",
    endpoint=cluster.endpoint,
    nodes=cluster.nodes,
    servers=cluster.servers,
    settings=settings,
)
schemas = {
    schema.name: OwnedSchema(
        schema,
        database=database,
        password=settings.passwords.get(schema.name),
        password_file=platform.password_file(schema.name),
    )
    for schema in settings.schemas
}
tables = Tables("tables", settings=settings, schemas=schemas, database=database)
placements = Placements(
    "placements",
    endpoint=cluster.endpoint,
    after=[database.membership, *(t for s in schemas.values() for t in s.tracked), *tables.tracked],
    opts=pulumi.ResourceOptions(parent=database, deleted_with=database.server),
)
pooler = Pooler.if_declared("pooler", settings, platform=platform, schemas=schemas)
services = [
    Microservice(name, index=index, platform=platform, storage=schemas[f"{name}_service"])
    for index, name in enumerate(settings.services)
]

pulumi.export("coordinator", cluster.coordinator.address)
pulumi.export("citusVersion", database.extension.citus_version)
pulumi.export("workers", database.membership.active_workers)
pulumi.export("schemas", [owned.schema.summary for owned in schemas.values()])
pulumi.export("shards", placements.shards)
pulumi.export("services", {service.name: service.url for service in services})
pulumi.export("pooler", pooler and pooler.url)
pulumi.export("adminConsole", cluster.admin_console and cluster.admin_console.login)
pulumi.export("adminUrl", cluster.endpoint.url)
pulumi.export("databaseUrls", {owned.name: owned.endpoint.url for owned in schemas.values()})
