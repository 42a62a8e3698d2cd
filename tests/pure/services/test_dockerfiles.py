"""What a Dockerfile must keep whoever edits it; of all else hadolint knows more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from citus.platforms.local.service import Service

SERVICES = Path(__file__).parents[3] / "services"
NAMES = sorted(app.parent.name for app in SERVICES.glob("*/app.py"))
PORT = 5000
ARGUMENT = re.compile(r"PYTHON_IMAGE=python:3\.\d+(\.\d+)?-slim-[a-z]+")

pytestmark = pytest.mark.pure
each_service = pytest.mark.parametrize("name", NAMES)


def instructions(name: str) -> list[tuple[str, str]]:
    """Give each instruction of a service's Dockerfile, and what follows it."""
    text = (SERVICES / name / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if line]


def values(name: str, instruction: str) -> list[str]:
    return [value for key, value in instructions(name) if key == instruction]


def last_stage(name: str) -> list[tuple[str, str]]:
    """Give the instructions that the image itself is made by."""
    stages = [i for i, (key, _) in enumerate(instructions(name)) if key == "FROM"]
    return instructions(name)[stages[-1] :]


def copied(name: str) -> set[str]:
    """Give what the context is asked for."""
    copies = [value.split() for value in values(name, "COPY") if "--from=" not in value]
    return {source for *sources, _ in copies for source in sources}


def installed(name: str) -> list[str]:
    """Give the packages of Debian that the image has besides its base's."""
    runs = [value for key, value in last_stage(name) if key == "RUN" and "apt-get" in value]
    installs = [run.partition(" install ")[2].partition(" && ")[0] for run in runs]
    return [word for words in installs for word in words.split() if not word.startswith("-")]


def patterns(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if not line.startswith("#")]


def test_the_known_services_have_one() -> None:
    assert {"ping", "time", "user"} <= set(NAMES)


@each_service
def test_hadolint_finds_nothing(name: str) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    found = subprocess.run(
        [hadolint, "--no-color", SERVICES / name / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.stdout + found.stderr, found.returncode) == ("", 0)


@each_service
def test_the_base_is_a_slim_image_of_a_named_release_that_a_build_may_replace(name: str) -> None:
    first, *_ = instructions(name)
    assert first[0] == "ARG"
    assert ARGUMENT.fullmatch(first[1])
    assert {value.split()[0] for value in values(name, "FROM")} == {"${PYTHON_IMAGE}"}


@each_service
def test_the_last_stage_takes_the_packages_that_another_has_installed(name: str) -> None:
    assert len(values(name, "FROM")) > 1
    assert not [value for key, value in last_stage(name) if key == "RUN" and "pip" in value]
    assert ("COPY", "--from=build /venv /venv") in last_stage(name)


def test_what_is_installed_is_pinned() -> None:
    for requirement in patterns(SERVICES / "requirements.txt"):
        assert re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", requirement), requirement


@each_service
def test_it_runs_as_a_user_by_number_who_is_not_root(name: str) -> None:
    [user] = [value for key, value in last_stage(name) if key == "USER"]
    assert re.fullmatch("[1-9][0-9]*:[1-9][0-9]*", user)


@each_service
def test_it_runs_what_the_platform_local_runs(name: str, tmp_path: Path) -> None:
    local = Service(name, tmp_path, "0.0.0.0", PORT)._command()  # noqa: S104  published by choice
    pid_file = local.index("--pid")  # of which a container has no need
    del local[pid_file : pid_file + 2]
    [command] = values(name, "CMD")
    assert json.loads(command) == ["python", *local[1:]]
    assert values(name, "EXPOSE") == [str(PORT)]
    assert not values(name, "ENTRYPOINT")


@each_service
def test_its_health_is_what_healthz_says(name: str) -> None:
    [check] = values(name, "HEALTHCHECK")
    python, option, code = json.loads(check.partition(" CMD ")[2])
    assert (python, option) == ("python", "-c")
    assert f"'http://127.0.0.1:{PORT}/healthz'" in code
    compile(code, name, "exec")


@each_service
def test_no_secret_is_baked_in(name: str) -> None:
    for value in [*values(name, "ENV"), *values(name, "ARG")]:
        assert not re.search("PASS|SECRET|TOKEN|KEY|DATABASE", value.upper())


@each_service
def test_the_context_is_what_is_copied(name: str) -> None:
    everything, *others = patterns(SERVICES / name / "Dockerfile.dockerignore")
    assert everything == "*"
    assert {line[1:] for line in others if line.startswith("!")} == copied(name)
    assert copied(name) == {"__init__.py", "requirements.txt", "runtime", name}
    assert all((SERVICES / source).exists() for source in copied(name))


@each_service
def test_neither_bytecode_nor_a_dockerfile_is_copied(name: str) -> None:
    unwanted = patterns(SERVICES / name / "Dockerfile.dockerignore")[-2:]
    assert unwanted == ["**/__pycache__", "**/Dockerfile*"]
    assert set(unwanted) <= set(patterns(SERVICES / ".dockerignore"))


@each_service
def test_ping_alone_has_a_program_of_debian(name: str) -> None:
    assert installed(name) == (["iputils-ping"] if name == "ping" else [])


def test_they_differ_in_nothing_else() -> None:
    def alike(name: str) -> list[str]:
        lines = [" ".join(line) for line in instructions(name) if "apt-get" not in line[1]]
        return [re.sub(rf"\b{name}\b", "<name>", line) for line in lines]

    assert all(alike(name) == alike("user") for name in NAMES)
