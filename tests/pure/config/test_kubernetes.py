"""The settings of the platform `kubernetes` that need more than one value to be told wrong."""

from __future__ import annotations

import pytest

from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure

ON_KUBERNETES = {"platform": "kubernetes", "imageRegistry": "registry.example.com/citus"}


def test_a_stack_whose_name_can_be_no_namespaces_is_told_so() -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_config(ConfigFile(ON_KUBERNETES), "My_Stack")
    assert str(refused.value) == (
        "Pulumi.My_Stack.yaml: citus:namespace isn't set, and citus-My_Stack is no name of a "
        "namespace: small letters, digits and -, at most 63; for instance: "
        "bin/pulumi config set namespace citus --stack My_Stack"
    )


@pytest.mark.parametrize("host", ["10.0.0.999", "a b", "-a", "a..b", f"{'a' * 64}.b", "x:5432"])
def test_what_leads_to_no_host_is_refused_before_a_node_is_up(host: str) -> None:
    with pytest.raises(ConfigError, match="is neither the name of a host nor an IP address"):
        Settings.from_config(ConfigFile({"reachHost": host}), "dev")


@pytest.mark.parametrize("host", ["a", "Citus.example.com", "10.0.0.9", "2001:db8::1", "1.example"])
def test_a_name_and_an_address_lead_to_a_host(host: str) -> None:
    settings = Settings.from_config(ConfigFile({"reachHost": host}), "dev")
    assert settings.kubernetes.reach_host == host
