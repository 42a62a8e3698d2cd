"""The API server of the cluster, asked whether it is there and which one it is.

Pulumi's provider previews without one, and says nothing of it.
"""

from __future__ import annotations

import os

import pulumi

from citus.errors import ConfigError, Refused
from citus.settings import Settings

_SECONDS = 5
_IDENTITY = "kube-system"  # a namespace that each cluster has, with a uid that no other has
_FORBIDDEN = 403


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
    # Half a second to load.
    import yaml  # type: ignore[import-untyped] # noqa: PLC0415
    from kubernetes import client, config  # noqa: PLC0415
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        with config.new_client_from_config(  # type: ignore[no-untyped-call]
            config_file=os.environ.get("KUBECONFIG"), context=context or None
        ) as api:
            api.rest_client.pool_manager.connection_pool_kw["retries"] = False
            found = client.CoreV1Api(api).read_namespace(_IDENTITY, _request_timeout=_SECONDS)
            return str(found.metadata and found.metadata.uid)
    except ApiException as error:
        if error.status == _FORBIDDEN:
            return ""
        why = f"it answers {error.status} {error.reason}"
    except (config.ConfigException, HTTPError, OSError) as error:
        why = str(error).partition("\n")[0]
    # What the client makes of a file that is no kubeconfig.
    except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = f"it can't be read: {' '.join(str(error).split())}"
    where = f"the context {context}" if context else "the current context"
    raise Refused(
        f"Pulumi.{stack}.yaml: citus:platform is kubernetes, but no API server answers in {where} "
        f"of your kubeconfig ({why}): start it, or name another by citus:kubeContext or KUBECONFIG"
    )
