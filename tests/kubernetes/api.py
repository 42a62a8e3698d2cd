"""The API server as tests see it: objects are plain dicts, and each names itself."""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import load_kube_config
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import DynamicApiError

Object = dict[str, Any]

APPLY = "application/apply-patch+yaml"
BY_NAME = "application/strategic-merge-patch+json"  # an element of a list has a name or a type
CONNECTIONS = 20  # each watch holds one
NOT_FOUND, CONFLICT = 404, 409


class Refused(Exception):
    """The API server's no, in its own words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Api:
    """Asks the API server, as the user of a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        settings = Configuration()
        load_kube_config(  # type: ignore[no-untyped-call]
            str(kubeconfig), client_configuration=settings, persist_config=False
        )
        settings.connection_pool_maxsize = CONNECTIONS
        settings.proxy = None  # it listens on this machine
        self._http = ApiClient(settings)
        cache = str(kubeconfig.with_suffix(".discovered"))
        self._client = DynamicClient(self._http, cache)  # type: ignore[no-untyped-call]
        self._discovery = threading.Lock()

    def apply(self, manifest: Object, *, owner: str = "tests", force: bool = False) -> Object:
        """Make it so, by a server-side apply; a field that its kind doesn't have is refused.

        What the server warns of becomes a Python warning, which fails a test.
        """
        query = {"fieldValidation": "Strict", "fieldManager": owner, "force": str(force).lower()}
        response = self._send("PATCH", manifest, body=manifest, content_type=APPLY, query=query)
        for warning in response.headers.getlist("Warning"):
            warnings.warn(f"{describe(manifest)}: {warning}", stacklevel=2)
        return _decoded(response)

    def create(self, manifest: Object) -> Object:
        """Post it: what has no name of its own yet, or must not be there."""
        place = {"namespace": manifest.get("metadata", {}).get("namespace")}
        return _decoded(self._send("POST", {**manifest, "metadata": place}, body=manifest))

    def read(self, known: Object) -> Object | None:
        """Give what the server has of an object; nothing where it has none."""
        try:
            return _decoded(self._send("GET", known))
        except Refused as refused:
            if refused.code == NOT_FOUND:
                return None
            raise

    def list(
        self, version: str, kind: str, *, namespace: str = "", labels: str = ""
    ) -> list[Object]:
        """Give all objects of a kind, of one namespace or of all."""
        of_kind = {"apiVersion": version, "kind": kind, "metadata": {"namespace": namespace}}
        found = _decoded(self._send("GET", of_kind, query={"labelSelector": labels}))
        return [{"apiVersion": version, "kind": kind, **item} for item in found["items"]]

    def patch(self, known: Object, changes: Object, *, subresource: str = "") -> Object:
        """Change some fields."""
        response = self._send("PATCH", known, subresource, body=changes, content_type=BY_NAME)
        return _decoded(response)

    def delete(self, known: Object, *, grace: int | None = None) -> None:
        """Begin to take it away; another that has taken its name stays."""
        uid = known["metadata"].get("uid")
        options = {"gracePeriodSeconds": grace, "preconditions": {"uid": uid} if uid else None}
        self._send("DELETE", known, body={k: v for k, v in options.items() if v is not None})

    def evict(self, pod: Object) -> None:
        """Ask a pod to leave, as a drain of its node does: a disruption budget may refuse."""
        metadata = {key: pod["metadata"][key] for key in ("name", "namespace")}
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
        self._send("POST", pod, "eviction", body=eviction)

    def watch(self, version: str, kind: str) -> urllib3.BaseHTTPResponse:
        """Open a stream of a kind's changes; the objects that are there come first."""
        of_kind = {"apiVersion": version, "kind": kind, "metadata": {}}
        return self._send("GET", of_kind, query={"watch": "true"})

    def close(self) -> None:
        """Close the connections."""
        self._http.rest_client.close()

    def _send(
        self,
        method: str,
        known: Object,
        subresource: str = "",
        *,
        body: Object | None = None,
        content_type: str = "application/json",
        query: dict[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        path = self._path(known, subresource)
        options = {"content_type": content_type, "query_params": list((query or {}).items())}
        try:
            response = self._client.request(method, path, body=body, serialize=False, **options)
        except DynamicApiError as error:
            message = error.summary()  # type: ignore[no-untyped-call]
            raise Refused(error.status, message) from None
        assert isinstance(response, urllib3.BaseHTTPResponse)
        return response

    def _path(self, known: Object, subresource: str) -> str:
        name = known["metadata"].get("name")
        with self._discovery:
            kind = self._client.resources.get(api_version=known["apiVersion"], kind=known["kind"])
        namespace = known["metadata"].get("namespace") or ("default" if name else None)
        path = kind.path(name=name, namespace=namespace if kind.namespaced else None)
        return f"{path}/{subresource}" if subresource else str(path)


@contextmanager
def if_still_there() -> Iterator[None]:
    """Let pass that an object has gone, or has become another, since it was looked at."""
    try:
        yield
    except Refused as refused:
        if refused.code not in (NOT_FOUND, CONFLICT):
            raise


def describe(known: Object) -> str:
    """Name an object as kubectl does."""
    metadata = known["metadata"]
    where = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{known['kind']} {where}{metadata.get('name')}"


def _decoded(response: urllib3.BaseHTTPResponse) -> Object:
    return dict(json.loads(response.data))
