"""The ports of a stack on this machine: the nodes' and the services'."""

from __future__ import annotations

from dataclasses import dataclass

from citus.config.entry import Entry

HIGHEST = 65535
LOWEST = 1024  # below it a port needs root
_SERVICE_EXAMPLES = (6000, 16000, 26000, 36000, 46000, 56000)


@dataclass(frozen=True)
class Ports:
    """The ports of the nodes that have one, the coordinator's first, and of the services."""

    nodes: range
    services: range


def read_ports(
    workers: Entry, base: Entry, service_base: Entry, *, nodes: int, services: int
) -> Ports:
    """Read where the ports of as many nodes and services as have one on this machine begin.

    No two may be the same.
    """
    first = base.number(at_least=LOWEST, at_most=HIGHEST, example=15432)
    first_service = service_base.number(at_least=LOWEST, example=6000)
    ports = Ports(range(first, first + nodes), range(first_service, first_service + services))
    _check_nodes(workers, base, ports)
    _check_services(workers, service_base, ports)
    return ports


def _check_nodes(workers: Entry, base: Entry, ports: Ports) -> None:
    if len(ports.nodes) <= 1:
        return
    if ports.nodes[0] + 3 > HIGHEST:
        why = f"leaves no ports for the workers below {HIGHEST + 1}"
        raise base.refused(why, base.to_set(15432))
    if ports.nodes[-1] > HIGHEST:
        why = f"needs the ports {ports.nodes[0]} to {ports.nodes[-1]}, "
        why += f"but {HIGHEST} is the highest there is"
        raise workers.refused(why, workers.to_set(3))


def _check_services(workers: Entry, service_base: Entry, ports: Ports) -> None:
    nodes, services = ports.nodes, ports.services
    mend = _place_for_services(workers, service_base, ports)
    if services.start + max(len(services), 1) - 1 > HIGHEST:
        why = f"leaves no port below {HIGHEST + 1} for each service"
        raise service_base.refused(why, mend)
    if _overlap(nodes, services):
        shared = max(nodes.start, services.start)
        why = f"gives a service the port {shared}, which is a node's (citus:basePort)"
        raise service_base.refused(why, mend)


def _place_for_services(workers: Entry, service_base: Entry, ports: Ports) -> str:
    count = len(ports.services)
    for start in _SERVICE_EXAMPLES:
        if start + count - 1 <= HIGHEST and not _overlap(ports.nodes, range(start, start + count)):
            return service_base.to_set(start)
    return workers.to_set(3)  # the nodes are everywhere


def _overlap(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)
