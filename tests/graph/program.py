"""Runs the real `__main__.py` under Pulumi's mocks and keeps what it asked the engine for."""

from __future__ import annotations

import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi.runtime
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime import mocks, rpc, settings, stack, sync_await

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
# How Pulumi writes a secret and an unknown value on the wire.
SECRET = {rpc._special_sig_key: rpc._special_secret_sig}
UNKNOWN = rpc.UNKNOWN
# What only a real `up` would find out; a preview doesn't have it.
CHANGED = {"changed_at": "2026-01-01T00:00:00.000+00:00"}
SHARDS = {"127.0.0.1:15433": {"user_service.users": 1}}
FOUND: dict[str, dict[str, Any]] = {
    "Password": {"result": "generated-password"},
    "AuthorityKey": {"key": "the authority's key"},
    "AuthorityCertificate": {"certificate": "the authority's", "valid_until": "2036"},
    "Certificate": {
        "certificate": "a certificate",
        "key": "a certificate's key",
        "valid_until": "2027",
    },
    "Extension": {"citus_version": "13.2-1", **CHANGED},
    "Membership": {"active_workers": ["127.0.0.1:15433"], **CHANGED},
    "Role": CHANGED,
    "Schema": {"colocation_id": 7, **CHANGED},
    "Migrations": CHANGED,
    "DistributedTable": {"colocation_id": 8, **CHANGED},
    "ReferenceTable": {"colocation_id": 9, **CHANGED},
    "Placements": {"shards": SHARDS, **CHANGED},
}


@dataclass(frozen=True)
class Registered:
    """One RegisterResource request."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: dict[str, Any]
    parent: str
    depends_on: frozenset[str]
    deleted_with: str
    retained: bool
    protected: bool
    secret_outputs: tuple[str, ...]
    aliases: tuple[dict[str, Any], ...]
    replaced_by: tuple[str, ...]
    deleted_first: bool
    ignored: tuple[str, ...]


@dataclass
class Graph:
    """All requests of a run by ``Kind name``, and the outputs of the stack."""

    resources: dict[str, Registered] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def key(self, urn: str) -> str:
        """Give the ``Kind name`` of a URN; empty for the stack itself."""
        return next((k for k, r in self.resources.items() if r.urn == urn), "")

    def of_kind(self, kind: str) -> list[str]:
        """Give the names of all resources of a kind."""
        return [r.name for key, r in self.resources.items() if key.split()[0] == kind]

    def reachable(self, key: str) -> set[str]:
        """Give all that a resource depends on, its parents' waits apart."""
        found: set[str] = set()
        todo = [key]
        while todo:
            for urn in self.resources[todo.pop()].depends_on:
                if (other := self.key(urn)) not in found:
                    found.add(other)
                    todo.append(other)
        return found


class _Monitor(mocks.MockMonitor):
    def __init__(self, found: mocks.Mocks, graph: Graph) -> None:
        super().__init__(found)
        self.graph = graph

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        for name in request.additionalSecretOutputs:
            _make_secret(answer.object, name)
        kind = request.type.split(":")[-1]
        self.graph.resources[f"{kind} {request.name}"] = Registered(
            urn=answer.urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            inputs=_as_dict(request.object),
            parent=request.parent,
            depends_on=frozenset(request.dependencies),
            deleted_with=request.deletedWith,
            retained=request.retainOnDelete,
            protected=request.protect,
            replaced_by=tuple(request.replaceOnChanges),
            deleted_first=request.deleteBeforeReplace,
            ignored=tuple(request.ignoreChanges),
            secret_outputs=tuple(request.additionalSecretOutputs),
            aliases=tuple(map(_as_dict, request.aliases)),
        )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.graph.outputs.update(_as_dict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


class _Found(mocks.Mocks):
    def __init__(self, *, preview: bool) -> None:
        self.preview = preview

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        found: dict[str, Any] = {} if self.preview else FOUND.get(args.typ.split(":")[-1], {})
        given = {k: v for k, v in args.inputs.items() if v is not None}
        return (None if self.preview else args.name), {**given, **found}

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(args.token)


class _Logger:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def warning(self, message: str) -> None:
        self.graph.warnings.append(message)

    def error(self, message: str) -> None:
        raise AssertionError(message)

    def info(self, _message: str) -> None: ...

    debug = info


def run(config: Mapping[str, str], *, secrets: Mapping[str, str], preview: bool) -> Graph:
    """Run the program in the current folder, as the stack `dev`."""
    graph = Graph()
    pulumi.runtime.set_all_config(
        {f"citus:{key}": value for key, value in {**config, **secrets}.items()},
        [f"citus:{key}" for key in secrets],
    )
    found = _Found(preview=preview)
    mocks.set_mocks(
        found,
        project="citus",
        stack="dev",
        preview=preview,
        monitor=_Monitor(found, graph),
        logger=_Logger(graph),  # type: ignore[arg-type]
    )
    settings.set_root_resource(None)  # type: ignore[arg-type] # the run makes its own

    def program() -> None:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    sync_await._sync_await(stack.run_in_stack(program))
    return graph


def is_secret(value: object) -> bool:
    """Tell whether a value on the wire is wrapped as a secret."""
    return isinstance(value, dict) and value.items() >= SECRET.items()


def without_secrets(value: object) -> object:
    """Give what stands in a state as plain text."""
    if is_secret(value):
        return "a secret"
    if isinstance(value, dict):
        return {key: without_secrets(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [without_secrets(entry) for entry in value]
    return value


def _make_secret(outputs: Struct, name: str) -> None:
    # The engine does so for additional secret outputs, for those unknown yet too.
    plain = MessageToDict(outputs).get(name, UNKNOWN)
    outputs.fields[name].CopyFrom(Value(struct_value=Struct()))
    outputs.fields[name].struct_value.update({**SECRET, "value": plain})


def _as_dict(message: Message) -> dict[str, Any]:
    return dict(MessageToDict(message))
