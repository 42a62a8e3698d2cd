"""Where a cluster's API is and what this machine shows there, as its kubeconfig says.

The files of KUBECONFIG, else ``~/.kube/config``; without one, inside a pod, its service account.
"""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]
from kubernetes.aio.client import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.aio.config import ConfigException, kube_config, load_incluster_config

from citus import kubeconfig_files
from citus.errors import NoRoute

# What the client makes of a file that has not the form of a kubeconfig; it says nothing of it.
_FORMLESS = (AttributeError, LookupError, TypeError)


@dataclass(frozen=True)
class Access:
    """An API, and what is shown to it."""

    url: str
    ssl: ssl.SSLContext = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    server_name: str | None
    proxy: str | None

    def __str__(self) -> str:
        return f"the Kubernetes API {self.url}"


async def load(context: str) -> Access:
    """Read the kubeconfig; an empty *context* is its current one.

    Raises:
        NoRoute: There is none, it hasn't the context, or it can't be used.
    """
    files = kubeconfig_files.named()
    configuration = Configuration()
    try:
        if kubeconfig_files.exist(files):
            await kube_config.load_kube_config(  # type: ignore[no-untyped-call]
                config_file=files,
                context=_context(files, context),
                client_configuration=configuration,
                persist_config=False,
            )
        elif kubeconfig_files.has_service_account_instead(files):
            load_incluster_config(  # type: ignore[no-untyped-call]
                configuration, try_refresh_token=False
            )
        else:
            raise NoRoute(f"there is no kubeconfig {files}: name yours by KUBECONFIG", final=True)
        return await _access(configuration)
    except _FORMLESS:
        raise NoRoute(f"{files} has not the form of a kubeconfig", final=True) from None
    except (ConfigException, yaml.YAMLError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise NoRoute(f"the kubeconfig {files} can't be used: {reason}", final=True) from None
    finally:
        # The client has written the keys of the kubeconfig to files, to be removed at the orderly
        # end of the process; a provider's has none.
        kube_config._cleanup_temp_files()  # type: ignore[no-untyped-call] # noqa: SLF001


def _context(files: str, wanted: str) -> str:
    """Choose the context."""
    merged = kube_config.KubeConfigMerger(files).config.value  # type: ignore[no-untyped-call]
    known = [context["name"] for context in merged["contexts"]]
    chosen = wanted or merged.get("current-context")
    if chosen in known:
        return str(chosen)
    if not known:
        raise NoRoute(f"the kubeconfig {files} has no contexts", final=True)
    said = f"has no context {chosen!r}" if chosen else "has no current context"
    raise NoRoute(
        f"the kubeconfig {files} {said}: name one of {', '.join(known)} by "
        "`bin/pulumi config set kubeContext <context>`",
        final=True,
    )


async def _access(configuration: Configuration) -> Access:
    token = await configuration.get_api_key_with_prefix("BearerToken")
    return Access(
        url=configuration.host,
        ssl=RESTClientObject(configuration).ssl_context,
        headers={"authorization": token.strip()} if token else {},  # a file ends in a newline
        server_name=configuration.tls_server_name,
        proxy=configuration.proxy or _proxy(configuration.host),
    )


def _proxy(url: str) -> str | None:
    """Give the proxy of the environment, as kubectl takes it."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)
