"""The Kubernetes cluster that its owner lends to the tests.

A variable of its own names it: the cluster of one's usual kubeconfig is never touched.

    CITUS_TEST_KUBECONFIG     the kubeconfig; without it the tests are skipped
    CITUS_TEST_PROVISIONER    what makes volumes there, driver.longhorn.io by default
    CITUS_TEST_REGISTRY       where the services' images are, registry.local/citus by default
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kubernetes import config
from kubernetes.client import ApiClient, CoreV1Api, VersionApi
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from tests.up.kubernetes_namespace import Namespace, until
from tests.up.stack import ROOT, Stack
from tools.images import images

_KUBECONFIG = os.environ.get("CITUS_TEST_KUBECONFIG", "")
_PROVISIONER = os.environ.get("CITUS_TEST_PROVISIONER", "driver.longhorn.io")
_REGISTRY = os.environ.get("CITUS_TEST_REGISTRY", "registry.local/citus")
_PULLED_SECONDS = 300


def missing() -> str:
    """Say what is missing; empty where everything is at hand."""
    if not _KUBECONFIG:
        return "no Kubernetes cluster is lent: CITUS_TEST_KUBECONFIG names no kubeconfig"
    plugin = f"resource-kubernetes-v{version('pulumi-kubernetes')}"
    if not (Path.home() / ".pulumi/plugins" / plugin).exists():
        return f"no Pulumi plugin {plugin}"
    try:
        with client() as api:
            api.rest_client.pool_manager.connection_pool_kw["retries"] = False
            VersionApi(api).get_code(_request_timeout=5)
    except (config.ConfigException, ApiException, HTTPError, OSError) as error:
        return f"the cluster of {_KUBECONFIG} does not answer: {str(error).splitlines()[0]}"
    return ""


@contextmanager
def client() -> Iterator[ApiClient]:
    """Give a client of the cluster's API."""
    with config.new_client_from_config(_KUBECONFIG) as api:  # type: ignore[no-untyped-call]
        yield api


@contextmanager
def stack(folder: Path, **declared: object) -> Iterator[tuple[Stack, Namespace]]:
    """Give a stack that has a name of its own, and its namespace; neither is left afterwards."""
    name = f"try{secrets.token_hex(3)}"
    there = {"imageRegistry": _REGISTRY, "storageProvisioner": _PROVISIONER}
    made = Stack(folder, "", name=name, like="staging", **{**there, **declared})
    made.environment["PULUMI_CONFIG_PASSPHRASE"] = secrets.token_hex()
    made.environment |= {"KUBECONFIG": _KUBECONFIG, "YES": "1"}
    made.patience = 900  # images are pulled meanwhile
    with client() as api:
        namespace = Namespace(api, name)
        try:
            yield made, namespace
        finally:
            made.make("down", check=False)
            namespace.clear()


def unpullable() -> str:
    """Say why the cluster can't pull the images of the services; empty where it can."""
    name = f"citus-images-{secrets.token_hex(3)}"
    with client() as api:
        core: Any = CoreV1Api(api)
        core.create_namespace({"metadata": {"name": name}})
        try:
            return _pull(core, name)
        finally:
            core.delete_namespace(name)


def _pull(core: Any, namespace: str) -> str:
    named = images("staging", {"citus:imageRegistry": _REGISTRY}, ROOT / "services")
    containers = [{"name": n, "image": i, "command": ["true"]} for n, i in named.items()]
    spec = {"containers": containers, "restartPolicy": "Never"}
    # A pod can't be made before this is, which Kubernetes makes in each namespace.
    until(lambda: core.list_namespaced_service_account(namespace).items, "an account is there")
    core.create_namespaced_pod(namespace, {"metadata": {"name": "images"}, "spec": spec})
    refused: list[str] = []

    def tried() -> bool:
        status = core.read_namespaced_pod("images", namespace).status
        waiting = [s.state.waiting for s in status.container_statuses or []]
        refused[:] = [w.message for w in waiting if w and "Image" in w.reason]
        return bool(refused) or status.phase == "Succeeded"

    until(tried, "the images are pulled", seconds=_PULLED_SECONDS)
    return f"no images of the services: {refused[0]}" if refused else ""
