"""What a platform of containers is told: images, limits, and what else runs beside the nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from citus.config.entry import Entry
from citus.config.ports import HIGHEST, LOWEST, Ports
from citus.config.stack_config import StackConfig

# Tags, never `latest`: a node that starts again must be the one that it was.
NODE_IMAGE = "citusdata/citus:13.0.3"
PYTHON_IMAGE = "python:3.11-slim-bookworm"
POOLER_IMAGE = "pgpool/pgpool:4.4.3"
ADMIN_CONSOLE_IMAGE = "dpage/pgadmin4:9.17"
_TAGGED = re.compile(
    r"[a-z0-9][^\s@]*:[\w][\w.-]*(@sha256:[0-9a-f]{64})?|[a-z0-9]\S*@sha256:\S{64}"
)
# What the entry point of pgAdmin's image hands on to shells and Python as it is.
_EMAIL = re.compile(r"[A-Za-z0-9_.%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+")
_LEAST_MEMORY = 256  # MiB: PostgreSQL's own defaults take 128 for shared buffers alone
_MOST_MEMORY = 1 << 24


@dataclass(frozen=True)
class ContainerSettings:
    """The containers of a stack.

    Attributes:
        node_image: The image of every node, which has PostgreSQL with Citus.
        python_image: What the services' images are built on.
        memory: How many MiB a node may have; 0 for no limit.
        shared_memory: How many MiB of it may be shared (``/dev/shm``).
        cpus: How many CPUs a node may use, such as ``1.5``; empty for no limit.
        pooler: Whether Pgpool-II stands in front of the coordinator.
        pooler_image: Its image.
        pooler_port: Its port on this machine.
        admin_console: Whether pgAdmin runs.
        admin_console_image: Its image.
        admin_console_port: Its port on this machine.
        admin_email: Whom pgAdmin logs in.
    """

    node_image: str
    python_image: str
    memory: int
    shared_memory: int
    cpus: str
    pooler: bool
    pooler_image: str
    pooler_port: int
    admin_console: bool
    admin_console_image: str
    admin_console_port: int
    admin_email: str


def read_containers(read: StackConfig, ports: Ports, *, possible: bool) -> ContainerSettings:
    """Read the settings; where no containers are *possible*, nothing may ask for one.

    What runs beside the nodes and the services has another port than the *ports* of those.
    """
    pooler = _wanted(read.plain("pooler", default=False), possible=possible)
    admin_console = _wanted(read.plain("adminConsole", default=False), possible=possible)
    taken = dict.fromkeys(ports.services, "a service's (citus:serviceBasePort)")
    taken |= dict.fromkeys(ports.nodes[:1], "the coordinator's (citus:basePort)")
    pooler_port = _port(read.plain("poolerPort", 9999), 9999, taken if pooler else {})
    if pooler:
        taken[pooler_port] = "the pooler's (citus:poolerPort)"
    return ContainerSettings(
        node_image=_image(read.plain("nodeImage", NODE_IMAGE), NODE_IMAGE),
        python_image=_image(read.plain("pythonImage", PYTHON_IMAGE), PYTHON_IMAGE),
        memory=_memory(read.plain("nodeMemory", 0)),
        shared_memory=_shared_memory(read.plain("nodeSharedMemory", 256)),
        cpus=_cpus(read.plain("nodeCpus", "")),
        pooler=pooler,
        pooler_image=_image(read.plain("poolerImage", POOLER_IMAGE), POOLER_IMAGE),
        pooler_port=pooler_port,
        admin_console=admin_console,
        admin_console_image=_image(
            read.plain("adminConsoleImage", ADMIN_CONSOLE_IMAGE), ADMIN_CONSOLE_IMAGE
        ),
        admin_console_port=_port(
            read.plain("adminConsolePort", 5050), 5050, taken if admin_console else {}
        ),
        admin_email=_email(read.plain("adminEmail", "admin@example.com")),
    )


def _image(entry: Entry, example: str) -> str:
    image = entry.text(entry.to_set(example))
    if not _TAGGED.fullmatch(image):
        raise entry.refused("is no image with a tag", entry.to_set(example))
    if image.endswith(":latest"):
        raise entry.refused("is another image from day to day", entry.to_set(example))
    return image


def _memory(entry: Entry) -> int:
    number = entry.number(at_least=0, at_most=_MOST_MEMORY, example=2048)
    if 0 < number < _LEAST_MEMORY:
        raise entry.refused(f"is less than {_LEAST_MEMORY} MiB", entry.to_set(2048))
    return number


def _shared_memory(entry: Entry) -> int:
    return entry.number(at_least=64, at_most=_MOST_MEMORY, example=256)


def _cpus(entry: Entry) -> str:
    text = str(entry.value)
    if text and not re.fullmatch(r"(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?", text):
        raise entry.refused("is no number of CPUs", entry.to_set("1.5"))
    if text and float(text) < 0.1:  # noqa: PLR2004 - in words below
        raise entry.refused("is less than a tenth of a CPU", entry.to_set("1.5"))
    return text


def _wanted(entry: Entry, *, possible: bool) -> bool:
    wanted = entry.flag()
    if wanted and not possible:
        why = "needs containers, which the platform local has none of"
        raise entry.refused(why, entry.to_set(example=False))
    return wanted


def _port(entry: Entry, default: int, taken: Mapping[int, str]) -> int:
    free = next(port for port in range(default, HIGHEST) if port not in taken)
    port = entry.number(at_least=LOWEST, at_most=HIGHEST, example=free)
    if port in taken:
        raise entry.refused(f"is {taken[port]}", entry.to_set(free))
    return port


def _email(entry: Entry) -> str:
    text = entry.text(entry.to_set("admin@example.com"))
    if not _EMAIL.fullmatch(text):
        raise entry.refused("is no address of e-mail", entry.to_set("admin@example.com"))
    return text
