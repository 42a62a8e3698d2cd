"""A service: pods of the image of its folder that may do nothing but serve.

The image is in the registry of ``citus:imageRegistry``, under the tag of what it is made of.
"""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    EnvVarArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    PodSpecArgs,
    ResourceRequirementsArgs,
    SleepActionArgs,
    TopologySpreadConstraintArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from citus.endpoint import Address, Endpoint
from citus.platforms.containers import service_process
from citus.platforms.containers.service_image import image_name, repository
from citus.platforms.kubernetes import pod, tls
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority
from citus.platforms.kubernetes.namespace import SERVICE, StackNamespace
from citus.platforms.kubernetes.postgres_files import SECRETS
from citus.platforms.kubernetes.workload import ROLLING, Workload

_PORT = 80
_PASSWORD = "password"  # noqa: S105 - a file
_READY_MINUTES = 5
_START_SECONDS = 60
# Of one process; a pod has two. Three services with two pods each then take half of what the
# coordinator has, also while their next pods start.
_CONNECTIONS = 4
# A service that stops closes its port first, and for a moment the cluster still sends it requests.
_DRAIN_SECONDS = 5


def run(
    name: str,
    *,
    folder: Path,
    of: StackNamespace,
    address: Address,
    authority: CertificateAuthority,
    database: Endpoint,
    opts: pulumi.ResourceOptions,
) -> k8s.apps.v1.Deployment:
    """Run a service, logged in to *database* at an *address* within the cluster."""
    settings = of.settings
    image = image_name(
        repository(settings.kubernetes.registry, name),
        folder=folder,
        python_image=settings.containers.python_image,
    )
    workload = Workload(name, SERVICE, of)
    files = {_PASSWORD: database.password, **tls.client_files(authority)}
    needs = [
        workload.service("http", _PORT, target_port=service_process.PORT, opts=opts),
        workload.secret(files, opts),
        workload.disruption_budget(opts),
    ]
    return workload.deployment(
        _pod(name, image=image, told=_told(address, database), of=of),
        replicas=settings.kubernetes.service_replicas,
        strategy=ROLLING,
        ready_minutes=_READY_MINUTES,
        needs=needs,
        # No digest of the files: a service reads them for each new connection, so that another
        # password or authority starts no pod anew.
        annotations={},
        opts=opts,
    )


def _told(address: Address, database: Endpoint) -> dict[str, str]:
    file = f"{SECRETS}/{_PASSWORD}"
    return {
        **service_process.environment(address, database, file),
        "POOL_MAX_SIZE": str(_CONNECTIONS),
        **tls.CLIENT,
    }


def _pod(name: str, *, image: str, told: dict[str, str], of: StackNamespace) -> PodSpecArgs:
    return PodSpecArgs(
        automount_service_account_token=False,
        enable_service_links=False,
        image_pull_secrets=of.image_pull_secrets,
        security_context=pod.security(service_process.USER, service_process.sysctls(name)),
        termination_grace_period_seconds=_DRAIN_SECONDS + service_process.STOP_SECONDS,
        topology_spread_constraints=[_spread(of.selector(name), by) for by in (pod.HOST, pod.ZONE)],
        containers=[
            ContainerArgs(
                name="service",
                image=image,
                env=[EnvVarArgs(name=variable, value=value) for variable, value in told.items()],
                ports=[ContainerPortArgs(name="http", container_port=service_process.PORT)],
                lifecycle=LifecycleArgs(
                    pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=_DRAIN_SECONDS))
                ),
                resources=ResourceRequirementsArgs(
                    requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "512Mi"}
                ),
                security_context=pod.confined(),
                startup_probe=pod.http_probe(
                    "/healthz", service_process.PORT, every=2, failures=_START_SECONDS // 2
                ),
                readiness_probe=pod.http_probe(
                    "/readyz", service_process.PORT, every=5, failures=3
                ),
                # Asks no database: to start the service anew would not bring that back.
                liveness_probe=pod.http_probe(
                    "/healthz", service_process.PORT, every=10, failures=3
                ),
                volume_mounts=pod.mounts(secrets=SECRETS, tmp=service_process.SCRATCH),
            )
        ],
        volumes=[pod.secret("secrets", name), pod.scratch("tmp", "64Mi")],
    )


def _spread(selector: dict[str, str], by: str) -> TopologySpreadConstraintArgs:
    """Wish for as many pods on one host, or in one zone, as on another."""
    return TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=by,
        when_unsatisfiable="ScheduleAnyway",
        label_selector=LabelSelectorArgs(match_labels=selector),
        # Counted without the pods that an update takes away.
        match_label_keys=["pod-template-hash"],
    )
