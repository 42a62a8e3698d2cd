"""`citus:services` and the schemas that follow from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from citus.config.schemas import SchemaSettings
from citus.config.services import DEFAULT_SERVICES, check_folders
from citus.errors import ConfigError
from citus.settings import Settings
from tests.pure.config.config_file import ConfigFile

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[3]


def read(**values: object) -> Settings:
    return Settings.from_config(ConfigFile(values), "dev")


def test_each_service_owns_a_schema_in_the_order_of_the_list() -> None:
    settings = read(services=["time", "user"])
    assert settings.services == ("time", "user")
    assert settings.schemas == (SchemaSettings("time_service"), SchemaSettings("user_service"))


def test_all_three_run_unless_something_else_is_said() -> None:
    assert read().services == ("user", "time", "ping") == DEFAULT_SERVICES


def test_a_stack_can_do_without_services() -> None:
    assert (read(services=[]).services, read(services=[]).schemas) == ((), ())


def test_the_longest_name_leaves_a_schema_that_postgresql_can_take() -> None:
    (schema,) = read(services=["a" * 55]).schemas
    assert len(schema.name) == 63
    with pytest.raises(ConfigError, match="at most 55"):
        read(services=["a" * 56])


def test_every_default_service_has_its_folder() -> None:
    check_folders("dev", DEFAULT_SERVICES, ROOT / "services")


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("tim", "set --path 'services[1]' time"),
        ("orders", "rm --path 'services[1]'"),
    ],
)
def test_a_service_without_a_folder_is_refused(tmp_path: Path, name: str, mend: str) -> None:
    for folder in ("user/app.py", "time/app.py", "runtime/service.py"):
        file = tmp_path / "services" / folder
        file.parent.mkdir(parents=True)
        file.touch()
    sentence = f"citus:services[1] is {name}, which has no services/{name}/app.py; "
    sentence += f"for instance: bin/pulumi config {mend} --stack dev"
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        check_folders("dev", ["user", name], tmp_path / "services")
