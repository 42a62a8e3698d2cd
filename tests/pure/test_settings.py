from __future__ import annotations

from pathlib import Path

import pulumi
import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure


def read(**values: str) -> Settings:
    return Settings.from_config(ConfigFile({**values}), "dev")


def test_nothing_needs_to_be_set() -> None:
    settings = read()
    assert (settings.stack, settings.platform, settings.workers) == ("dev", "local", 3)
    assert list(settings.node_ports) == [15432, 15433, 15434, 15435]
    assert list(settings.service_ports) == [6000, 6001, 6002]
    assert (settings.postgres_bin, settings.citus_version) == ("", "")
    assert {schema.baseline for schema in settings.schemas} == {""}
    assert settings.passwords == {}


def test_docker_names_no_image_by_a_stack_with_capital_letters() -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_config(ConfigFile({"platform": "docker"}), "Try")
    assert str(refused.value).startswith(
        "Pulumi.Try.yaml: citus:platform is docker, which names images by the stack, in small "
        "letters only: call it try; for instance: bin/pulumi stack init try"
    )
    assert Settings.from_config(ConfigFile({"platform": "local"}), "Try")


def test_what_is_set_holds() -> None:
    settings = read(
        workers="1",
        basePort="1024",
        serviceBasePort="65533",
        postgresBin="/opt/bin",
        citusVersion="13.2-1",
        baseline='{"user_service": "001_users.sql"}',
    )
    assert list(settings.node_ports) == [1024, 1025]
    assert list(settings.service_ports) == [65533, 65534, 65535]
    assert (settings.postgres_bin, settings.citus_version) == ("/opt/bin", "13.2-1")
    assert [schema.baseline for schema in settings.schemas] == ["001_users.sql", "", ""]


def test_the_defaults_that_pulumi_fills_in_are_the_programs() -> None:
    project = yaml.safe_load(Path(__file__).parents[2].joinpath("Pulumi.yaml").read_text())
    declared = {key: config["default"] for key, config in project["config"].items()}
    filled_in = Settings.from_config(ConfigFile(declared), "dev")
    assert {"services", "schemas", "tables"} <= declared.keys()
    assert filled_in == Settings.from_config(ConfigFile({}), "dev")


def test_the_highest_port_is_the_last_workers() -> None:
    assert read(basePort="65532").node_ports[-1] == 65535


def test_workers_without_ports_of_their_own_take_none() -> None:
    settings = read(
        platform="docker",
        workers="40",
        basePort="65535",
        serviceBasePort="65532",
        poolerPort="9999",
    )
    assert (settings.workers, settings.base_port) == (40, 65535)
    assert read(platform="docker", basePort="6000", serviceBasePort="6001").workers == 3


HUGE = "1" + "0" * 30
BAD = [
    ("workers", "three", "three, which is no whole number", "3"),
    ("workers", "0", "0, which is less than 1", "3"),
    ("workers", "-1", "-1, which is less than 1", "3"),
    ("workers", "1.5", "1.5, which is no whole number", "3"),
    ("workers", "", ", which is no whole number", "3"),
    ("workers", "true", "true, which is no whole number", "3"),
    ("workers", "100000", "100000, which is more than 64000", "3"),
    ("workers", HUGE, f"{HUGE}, which is more than 64000", "3"),
    ("workers", "1" * 5000, "which is no whole number", "3"),
    ("basePort", "1023", "1023, which is less than 1024", "15432"),
    ("basePort", "http", "http, which is no whole number", "15432"),
    ("serviceBasePort", "80", "80, which is less than 1024", "6000"),
    ("serviceBasePort", "65536", "65536, which leaves no port below 65536", "6000"),
    ("serviceBasePort", "15432", "15432, which gives a service the port 15432", "6000"),
    ("serviceBasePort", "15435", "15435, which gives a service the port 15435", "6000"),
    ("platform", "moon", "moon, which is none of: local", "local"),
    ("platform", "Local", "Local, which is none of: local", "local"),
]


@pytest.mark.parametrize(
    ("key", "value", "why", "example"), BAD, ids=[f"{b[0]}={b[1][:9]}" for b in BAD]
)
def test_a_bad_one_is_told_by_file_key_and_a_line_to_paste(
    key: str, value: str, why: str, example: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read(**{key: value})
    sentence = str(raised.value)
    assert sentence.startswith(f"Pulumi.dev.yaml: citus:{key} is ")
    assert why in sentence
    assert sentence.endswith(f"for instance: bin/pulumi config set {key} {example} --stack dev")
    assert "\n" not in sentence


@pytest.mark.parametrize(("key", "value"), [(bad[0], bad[1]) for bad in BAD])
def test_the_line_to_paste_mends_it(key: str, value: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(**{key: value})
    words = str(raised.value).split("config set ")[1].split()
    assert read(**{key: value, words[0]: words[1]})


def test_pulumi_shows_a_config_error_without_a_traceback() -> None:
    assert issubclass(ConfigError, pulumi.RunError)
    assert ConfigError.__module__ == "builtins"


@given(st.sampled_from(["workers", "basePort", "serviceBasePort", "platform"]), st.text())
def test_no_text_does_more_than_be_refused_in_a_sentence(key: str, text: str) -> None:
    try:
        settings = read(**{key: text})
    except ConfigError as error:
        assert f"citus:{key}" in str(error) or "citus:workers" in str(error)  # noqa: PT017
    else:
        ports = {*settings.node_ports, *settings.service_ports}
        assert len(ports) == settings.workers + 1 + len(settings.services)
        assert 1024 <= min(ports) <= max(ports) <= 65535


def test_passwords_are_in_no_repr() -> None:
    assert "my-own" not in repr(read(passwords='{"postgres": "my-own"}'))


@pytest.mark.parametrize("port", ["65533", "70000"])
def test_a_base_port_too_high_is_blamed_on_the_base_port(port: str) -> None:
    with pytest.raises(ConfigError, match=r"citus:basePort is .* config set basePort \d+"):
        read(basePort=port)


def test_a_line_to_paste_names_a_port_that_there_is() -> None:
    with pytest.raises(ConfigError) as raised:
        read(basePort="65532", serviceBasePort="65535")
    port = str(raised.value).split("config set serviceBasePort ")[1].split()[0]
    assert int(port) <= 65533


@pytest.mark.parametrize("first", [15431, 15434, 15435])
def test_no_service_may_reach_into_the_nodes_ports(first: int) -> None:
    with pytest.raises(ConfigError, match=r"citus:serviceBasePort is .* which is a node's"):
        read(serviceBasePort=str(first))
    assert read(serviceBasePort="15429").service_ports[-1] == 15431


def test_where_the_nodes_take_all_ports_the_line_gives_fewer_workers() -> None:
    with pytest.raises(ConfigError, match=r"citus:serviceBasePort is 6000.* config set workers 3"):
        read(basePort="1024", workers="64000")


def test_a_stack_without_services_has_no_ports_for_them() -> None:
    settings = read(services="[]", serviceBasePort="15432")
    assert (settings.services, list(settings.service_ports)) == ((), [])


@pytest.mark.parametrize("key", ["workers", "platform", "services"])
def test_a_value_of_many_lines_is_shown_on_one(key: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(**{key: "a\nb\ud800" + "c" * 1000})
    assert "\n" not in str(raised.value)
    assert str(raised.value).encode()
    assert len(str(raised.value)) < 250
