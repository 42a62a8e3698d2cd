"""What the platform `kubernetes` is told: where it is, its storage, and how it is reached."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from citus.config.entry import Entry
from citus.config.stack_config import StackConfig

LONGHORN = "driver.longhorn.io"
PORT_FORWARD, LOAD_BALANCER, NODE_PORT = REACH = ("portForward", "loadBalancer", "nodePort")
PREFERRED, REQUIRED = SPREAD = ("preferred", "required")
_NODE_PORTS = range(30000, 32768)  # what Kubernetes hands out unless it is told otherwise
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")  # RFC 1123
_HOST = re.compile(  # its last label is no number
    rf"(?=.{{1,253}}$)({_LABEL.pattern}\.)*(?![0-9]+$){_LABEL.pattern}", re.IGNORECASE
)
_PROVISIONER = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?(/[A-Za-z0-9._-]{1,63})?")
_REGISTRY = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9._/-]*[a-z0-9])?")
_MOST_STORAGE = 1 << 16  # GiB: 64 TiB
_MOST_REPLICAS = 100


@dataclass(frozen=True)
class KubernetesSettings:
    """The objects of a stack in a Kubernetes cluster.

    Attributes:
        context: The context of this machine's kubeconfig; empty for the current one.
        namespace: Where the objects are; the stack makes it.
        provisioner: What makes the volumes.
        parameters: What it is told beside what the program tells it.
        storage: How many GiB the volume of a node has.
        reach: How this machine reaches the coordinator, one of `REACH`.
        reach_host: Where, unless by a port-forward.
        reach_from: From which networks, unless by a port-forward.
        client_namespaces: Whose pods may log in, at the pooler where there is one.
        spread: Whether two nodes may be on one host where there is no other, one of `SPREAD`.
        service_replicas: How many pods a service has.
        registry: Where the images of the services are, such as ``registry.example.com/citus``.
        image_pull_secret: The logins of registries, as Docker's ``config.json`` has them.
        protect: Whether Pulumi refuses to delete what holds data.
    """

    context: str
    namespace: str
    provisioner: str
    parameters: Mapping[str, str]
    storage: int
    reach: str
    reach_host: str
    reach_from: tuple[str, ...]
    client_namespaces: tuple[str, ...]
    spread: str
    service_replicas: int
    registry: str
    image_pull_secret: pulumi.Output[str] | None = field(repr=False)
    protect: bool


def read_kubernetes(read: StackConfig, *, here: bool, services: int) -> KubernetesSettings:
    """Read the settings; what the platform can't do without must be set where it is *here*."""
    reach = read.plain("reach", PORT_FORWARD).choice(REACH)
    exposed = here and reach != PORT_FORWARD
    if here and reach == NODE_PORT:
        _check_node_port(read.plain("basePort", 15432))
    return KubernetesSettings(
        context=_text(read.plain("kubeContext", ""), "production"),
        namespace=_namespace(read.plain("namespace", ""), read.stack, here=here),
        provisioner=_provisioner(read.plain("storageProvisioner", LONGHORN)),
        parameters=_parameters(read.structure("storageParameters", {})),
        storage=read.plain("nodeStorage", 10).number(at_least=1, at_most=_MOST_STORAGE, example=10),
        reach=reach,
        reach_host=_reach_host(read.plain("reachHost", ""), exposed=exposed),
        reach_from=_reach_from(read.structure("reachFrom", []), exposed=exposed),
        client_namespaces=_namespaces(read.structure("clientNamespaces", [])),
        spread=read.plain("nodeSpread", PREFERRED).choice(SPREAD),
        service_replicas=read.plain("serviceReplicas", 2).number(
            at_least=1, at_most=_MOST_REPLICAS, example=2
        ),
        registry=_registry(read.plain("imageRegistry", ""), needed=here and services > 0),
        image_pull_secret=_logins(read.structure("imagePullSecret", {}, secret=True)),
        protect=read.plain("protect", default=False).flag(),
    )


def _check_node_port(base: Entry) -> None:
    if base.number(at_least=1, example=_NODE_PORTS[0]) not in _NODE_PORTS:
        why = f"is no port of a node: those are {_NODE_PORTS[0]} to {_NODE_PORTS[-1]}"
        raise base.refused(why, base.to_set(_NODE_PORTS[0]))


def _text(entry: Entry, example: str) -> str:
    return entry.text(entry.to_set(example))


def _namespace(entry: Entry, stack: str, *, here: bool) -> str:
    text = _text(entry, "citus") or f"citus-{stack}"
    if here and not _LABEL.fullmatch(text):
        why = "is no name of a namespace: small letters, digits and -, at most 63"
        if not entry.text(entry.to_set("citus")):
            raise entry.error(f"isn't set, and {text} {why}", entry.to_set("citus"))
        raise entry.refused(why, entry.to_set("citus"))
    if text == "default" or text.startswith("kube-"):
        raise entry.refused("is Kubernetes' own, and goes with the stack", entry.to_set("citus"))
    return text


def _namespaces(entry: Entry) -> tuple[str, ...]:
    found = []
    for one in entry.elements(entry.child(0).to_set("sentry")):
        text = one.text(one.to_set("sentry"))
        if not _LABEL.fullmatch(text):
            raise one.refused("is no name of a namespace", one.to_set("sentry"))
        found.append(text)
    return tuple(found)


def _provisioner(entry: Entry) -> str:
    text = _text(entry, LONGHORN)
    if not _PROVISIONER.fullmatch(text):
        raise entry.refused("is no name of a provisioner", entry.to_set(LONGHORN))
    return text


def _parameters(entry: Entry) -> Mapping[str, str]:
    entries = entry.entries(entry.to_remove()).items()
    return {name: one.text(one.to_set_text("2")) for name, one in entries}


def _reach_host(entry: Entry, *, exposed: bool) -> str:
    text = _text(entry, "citus.example.com")
    if exposed and not text:
        # A Service's own address is known too late: a preview would show no address.
        why = "is empty, but citus:reach needs a name or address that leads to the Service"
        raise entry.error(why, entry.to_set("citus.example.com"))
    if text and not _is_a_host(text):
        why = "is neither the name of a host nor an IP address"
        raise entry.refused(why, entry.to_set("citus.example.com"))
    return text


def _is_a_host(text: str) -> bool:
    try:
        return bool(_HOST.fullmatch(text) or ipaddress.ip_address(text))
    except ValueError:
        return False


def _reach_from(entry: Entry, *, exposed: bool) -> tuple[str, ...]:
    first = entry.child(0).to_set("203.0.113.0/24")
    entries = entry.elements(first)
    if exposed and not entries:
        why = "is empty, but citus:reach opens the coordinator to some networks only"
        raise entry.error(why, first)
    return tuple(_network(one) for one in entries)


def _network(entry: Entry) -> str:
    mend = entry.to_set("203.0.113.0/24")
    text = entry.text(mend)
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise entry.refused("is no network such as 203.0.113.0/24", mend) from None


def _registry(entry: Entry, *, needed: bool) -> str:
    mend = entry.to_set("registry.example.com/citus")
    text = entry.text(mend)
    if needed and not text:
        raise entry.error("is empty, but the images of citus:services must be somewhere", mend)
    if text and not _REGISTRY.fullmatch(text):
        raise entry.refused("is no place of images", mend)
    return text


def _logins(entry: Entry) -> pulumi.Output[str] | None:
    """Read the logins alone: whatever else such a file has is no matter of the cluster."""
    mend = f"{entry.to_set('')} < config.json"
    found = entry.entries(mend)
    if not found:
        return None
    auths = found.get("auths", entry.child("auths", {})).entries(mend)
    for one in auths.values():
        texts = {n for n, part in one.entries(mend).items() if isinstance(part.value, str)}
        if "auth" not in texts and not {"username", "password"} <= texts:
            why = "has no login there (one that a credential helper keeps is not in the file)"
            raise one.error(why, mend)
    if not auths:
        raise entry.error("has no auths, such as `docker login` writes into a config.json", mend)
    logins = {host: one.value for host, one in auths.items()}
    return pulumi.Output.secret(json.dumps({"auths": logins}, sort_keys=True))
