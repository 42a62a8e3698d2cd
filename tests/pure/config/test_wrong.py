"""Every wrong config is refused in one sentence with its key and a line that mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure

WRONG = yaml.safe_load(Path(__file__).with_name("wrong_configs.yaml").read_text())
KEYS = (
    *("platform", "workers", "basePort", "serviceBasePort"),
    *("nodeImage", "pythonImage", "nodeMemory", "nodeSharedMemory", "nodeCpus", "retainData"),
    *("pooler", "poolerImage", "poolerPort"),
    *("adminConsole", "adminConsoleImage", "adminConsolePort", "adminEmail"),
    *("namespace", "storageProvisioner", "storageParameters", "nodeStorage"),
    *("nodeSpread", "reach", "reachHost", "reachFrom", "serviceReplicas", "imageRegistry"),
    *("clientNamespaces", "imagePullSecret", "protect"),
    *("services", "schemas", "tables", "baseline", "passwords"),
)


def config_of(wrong: dict[str, Any]) -> ConfigFile:
    return ConfigFile({key.removeprefix("citus:"): v for key, v in wrong["config"].items()})


def refusal(config: ConfigFile) -> str:
    with pytest.raises(ConfigError) as raised:
        Settings.from_config(config, "dev")
    return str(raised.value)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong["says"][:60])
def test_a_wrong_config_is_refused_in_this_sentence(wrong: dict[str, Any]) -> None:
    paste = f"bin/pulumi config {wrong['paste']} --stack dev"
    assert refusal(config_of(wrong)) == f"Pulumi.dev.yaml: {wrong['says']}; for instance: {paste}"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong["says"][:60])
def test_the_sentence_is_one_and_names_a_key_of_the_config(wrong: dict[str, Any]) -> None:
    assert "\n" not in wrong["says"]
    assert ";" not in wrong["says"]
    assert wrong["says"].startswith("citus:")


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong["says"][:60])
def test_the_line_to_paste_mends_it(wrong: dict[str, Any]) -> None:
    config = config_of(wrong)
    mended = config.after(refusal(config).split("for instance: ")[1])
    assert Settings.from_config(mended, "dev")


def test_no_password_is_in_a_sentence() -> None:
    sentences = [refusal(config_of(w)) for w in WRONG if "citus:passwords" in w["config"]]
    assert sentences
    assert not [s for s in sentences if "hidden-one" in s or "31415926" in s]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_among_them(key: str) -> None:
    assert [wrong for wrong in WRONG if wrong["says"].startswith(f"citus:{key}")]


def test_they_are_many_and_no_two_alike() -> None:
    assert len({str(wrong["config"]) for wrong in WRONG}) == len(WRONG) >= 50
