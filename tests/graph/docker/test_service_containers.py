"""The container of a service may do nothing but serve."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.graph.docker.containers import SERVICES, environment, image_names, inputs
from tests.graph.program import ROOT

if TYPE_CHECKING:
    from tests.graph.program import Graph

pytestmark = pytest.mark.graph

services = pytest.mark.parametrize("name", SERVICES)


def in_the_dockerfile(name: str, instruction: str) -> str:
    """Give the last of an instruction, which is the one that counts."""
    text = (ROOT / "services" / name / "Dockerfile").read_text()
    return str(re.findall(rf"^{instruction} (.+)$", text, re.MULTILINE)[-1])


@services
def test_its_file_system_is_read_only_but_for_tmp(up: Graph, name: str) -> None:
    assert inputs(up, name)["readOnly"] is True
    assert [*inputs(up, name)["tmpfs"]] == ["/tmp"]  # noqa: S108 - the container's own


@services
def test_it_has_no_capability(up: Graph, name: str) -> None:
    assert inputs(up, name)["capabilities"] == {"drops": ["ALL"]}
    assert inputs(up, name)["securityOpts"] == ["no-new-privileges:true"]
    assert "privileged" not in inputs(up, name)


def test_the_kernel_lets_the_group_of_ping_send_echo_requests_and_no_other(up: Graph) -> None:
    [group] = {inputs(up, "ping")["user"].partition(":")[2]}
    sysctls = {name: inputs(up, name).get("sysctls") for name in SERVICES}
    assert sysctls == {
        "user": None,
        "time": None,
        "ping": {"net.ipv4.ping_group_range": f"{group} {group}"},
    }


@services
def test_it_runs_as_the_number_of_its_dockerfile_that_is_not_root(up: Graph, name: str) -> None:
    user = inputs(up, name)["user"]
    assert user == in_the_dockerfile(name, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


@services
def test_its_port_is_the_one_of_its_dockerfile(up: Graph, name: str) -> None:
    [port] = inputs(up, name)["ports"]
    assert int(port["internal"]) == int(in_the_dockerfile(name, "EXPOSE"))


@services
def test_it_reads_its_password_from_a_volume_that_it_cannot_write(up: Graph, name: str) -> None:
    volume = up.resources[f"Volume {name}-secret"].inputs["name"]
    [mounted] = inputs(up, name)["volumes"]
    assert mounted == {
        "volumeName": volume,
        "containerPath": "/run/secrets",
        "readOnly": True,
    }
    [filled] = inputs(up, f"{name}-secret")["volumes"]
    assert filled == {"volumeName": volume, "containerPath": "/run/secrets"}
    [upload] = inputs(up, f"{name}-secret")["uploads"]["value"]
    assert upload["file"] == environment(up, name)["DATABASE_PASSWORD_FILE"]


@services
def test_it_logs_in_as_the_owner_of_its_schema(up: Graph, name: str) -> None:
    found = environment(up, name)
    assert found["DATABASE_USER"] == f"{name}_service"
    assert found["DATABASE_NAME"] == "postgres"


@services
def test_it_runs_the_image_of_its_own_folder(up: Graph, name: str) -> None:
    image = up.resources[f"Image {name}-image"].inputs
    assert inputs(up, name)["image"] == image_names(up)[name]
    assert inputs(up, f"{name}-secret")["image"] == image_names(up)[name]
    assert image["build"]["dockerfile"] == f"services/{name}/Dockerfile"
    assert image["build"]["context"] == "services"
    assert image["skipPush"] is True
