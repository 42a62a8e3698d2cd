"""The API server of the cluster, asked whether it is there and which one it is.

Pulumi's provider previews without one, and says nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

from citus import kubeconfig_files
from citus.errors import ConfigError, Refused
from citus.settings import Settings

_SECONDS = 5
_IDENTITY = "kube-system"  # a namespace that each cluster has, with a uid that no other has
_FORBIDDEN, _NOT_FOUND = 403, 404
_LIMIT = {"_request_timeout": _SECONDS}


def identity(settings: Settings) -> str:
    """Give what tells this cluster from others; empty where it can't be told.

    Raises:
        ConfigError: No API server answers, and this is no preview.
    """
    try:
        return ask(settings.stack, settings.kubernetes.context)
    except Refused as refused:
        if not pulumi.runtime.is_dry_run():
            raise ConfigError(str(refused)) from None
        pulumi.log.warn(f"{refused}. What this preview shows was checked by no cluster")
        return ""


def ask(stack: str, context: str) -> str:
    """Give what tells the cluster from others; empty where this user may not know.

    Raises:
        Refused: No API server answers.
    """
    found = _get(stack, context, lambda core: core.read_namespace(_IDENTITY, **_LIMIT))
    return str(found.metadata.uid) if found else ""


def has_namespace(stack: str, context: str, name: str) -> bool:
    """Tell whether a namespace is there; what this user may not know is taken for no.

    Raises:
        Refused: No API server answers.
    """
    return _get(stack, context, lambda core: core.read_namespace(name, **_LIMIT)) is not None


def claims(stack: str, context: str, namespace: str) -> list[str] | None:
    """Name the claims of a namespace, and those to come that a volume is kept for.

    ``None`` where this user may not know.

    Raises:
        Refused: No API server answers.
    """
    found = _get(
        stack,
        context,
        lambda core: core.list_namespaced_persistent_volume_claim(namespace, **_LIMIT),
    )
    if found is None:
        return None
    volumes = _get(stack, context, lambda core: core.list_persistent_volume(**_LIMIT))
    free = [
        v.spec.claim_ref
        for v in (volumes.items if volumes else ())
        if v.status.phase == "Available"
    ]
    kept = [claim.name for claim in free if claim and claim.namespace == namespace]
    return [*(str(claim.metadata.name) for claim in found.items), *map(str, kept)]


def _get(stack: str, context: str, ask: Callable[[Any], Any]) -> Any:
    """Ask the API; ``None`` where the object is not there, or this user may not know."""
    # Half a second to load.
    import yaml  # type: ignore[import-untyped] # noqa: PLC0415
    from kubernetes import client, config  # noqa: PLC0415
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        with client.ApiClient(_configuration(context)) as api:
            api.rest_client.pool_manager.connection_pool_kw["retries"] = False
            return ask(client.CoreV1Api(api))
    except ApiException as error:
        if error.status in (_FORBIDDEN, _NOT_FOUND):
            return None
        why = f"it answers {error.status} {error.reason}"
    except (config.ConfigException, HTTPError, OSError) as error:
        why = str(error).partition("\n")[0]
    # What the client makes of a file that is no kubeconfig.
    except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = f"it can't be read: {' '.join(str(error).split())}"
    finally:
        # It has written the kubeconfig's keys to files, for the orderly end of the process.
        config.kube_config._cleanup_temp_files()  # type: ignore[no-untyped-call] # noqa: SLF001
    where = f"the context {context}" if context else "the current context"
    raise Refused(
        f"Pulumi.{stack}.yaml: citus:platform is kubernetes, but no API server answers in {where} "
        f"of your kubeconfig ({why}): start it, or name another by citus:kubeContext or KUBECONFIG"
    )


def _configuration(context: str) -> Any:
    """Read the kubeconfig as the route to the nodes does."""
    from kubernetes import client, config  # noqa: PLC0415 - as above

    files, found = kubeconfig_files.named(), client.Configuration()
    if kubeconfig_files.has_service_account_instead(files):
        config.load_incluster_config(found)  # type: ignore[no-untyped-call]
    else:
        config.load_kube_config(  # type: ignore[no-untyped-call]
            config_file=files, context=context or None, client_configuration=found
        )
    return found
