"""What the program asks of the engine: no key is plain, and a preview knows what stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc

from citus.platforms.kubernetes.certificate import Certificate
from citus.platforms.kubernetes.certificate_authority import CertificateAuthority

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[4]
SECRET = {rpc._special_sig_key: rpc._special_secret_sig, "value": "a key"}
# Runs in a fresh interpreter.
IMPORT = """
import sys
import citus.platforms.kubernetes.certificate
sys.exit("cryptography" in sys.modules)
"""


class Monitor(mocks.MockMonitor):
    """Keeps what the program asks for, as it goes over the wire."""

    def __init__(self, found: mocks.Mocks) -> None:
        super().__init__(found)
        self.asked: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        self.asked[request.type.split(":")[-1]] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


class Engine(mocks.Mocks):
    """Answers as a preview that renews the authority's certificate: its inputs, and what stays."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        made = {"key": SECRET} if args.typ.endswith(":AuthorityKey") else {}
        return args.name, {**args.inputs, **made}

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(args.token)


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    engine = Engine()
    monitor = Monitor(engine)
    mocks.set_mocks(engine, monitor=monitor, preview=True)

    def program() -> pulumi.Output[Any]:
        authority = CertificateAuthority("tls", common_name="citus")
        names: list[pulumi.Input[str]] = ["worker-0", pulumi.Output.from_input("10.0.0.1")]
        made = Certificate("worker-0", common_name="worker-0", names=names, authority=authority)
        return pulumi.Output.all(authority.certificate, made.key)

    mocks.test(program)()  # type: ignore[no-untyped-call]
    return monitor.asked


def inputs(request: Any) -> dict[str, Any]:
    return {k: v for k, v in MessageToDict(request.object).items() if k != "__provider"}


@pytest.mark.parametrize("kind", ["AuthorityKey", "Certificate"])
def test_a_key_that_is_made_is_a_secret_output(asked: dict[str, Any], kind: str) -> None:
    assert list(asked[kind].additionalSecretOutputs) == ["key"]


def test_an_authoritys_certificate_gets_its_key_as_a_secret(asked: dict[str, Any]) -> None:
    assert inputs(asked["AuthorityCertificate"]) == {
        "common_name": "citus",
        "key": SECRET,
        "valid_days": 3650,
    }


def test_a_certificate_gets_the_authoritys_key_as_a_secret_and_not_its_certificate(
    asked: dict[str, Any],
) -> None:
    """So a preview that renews the authority's certificate alone shows no other change."""
    assert inputs(asked["Certificate"]) == {
        "common_name": "worker-0",
        "names": ["worker-0", "10.0.0.1"],
        "authority": "citus",
        "authority_key": SECRET,
        "valid_days": 1825,
    }


@pytest.mark.parametrize("kind", ["AuthorityKey", "AuthorityCertificate"])
def test_the_authority_has_its_parts_below_it(asked: dict[str, Any], kind: str) -> None:
    assert asked[kind].parent.endswith("citus:kubernetes:CertificateAuthority::tls")


def test_the_program_loads_no_cryptography() -> None:
    line = [sys.executable, "-c", IMPORT]
    assert subprocess.run(line, cwd=ROOT, check=False).returncode == 0
