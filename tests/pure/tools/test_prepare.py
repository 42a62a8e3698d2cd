"""Which passphrase a command of the CLI gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.cli import find
from tools.cli.checkout import Project
from tools.cli.environment import DEV_PASSPHRASE
from tools.cli.find import Cli
from tools.cli.invocation import Invocation
from tools.cli.prepare import prepare

pytestmark = pytest.mark.pure

MINE = "mine"


@pytest.mark.parametrize(
    ("line", "passphrase"),
    [
        ("config", DEV_PASSPHRASE),
        ("config -s dev", DEV_PASSPHRASE),
        ("config -sprod", MINE),
        ("config -s=prod", MINE),
        ("up -ys prod", MINE),
        ("stack init dev", DEV_PASSPHRASE),
        ("stack init prod", MINE),
        ("stack init --copy-config-from dev prod", MINE),
        ("stack init", MINE),
    ],
)
def test_the_public_passphrase_is_for_dev_alone(
    line: str, passphrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_stack_is_selected = Cli(Path("/bin/true"), built_here=False)
    monkeypatch.setattr(find, "find", lambda _required: no_stack_is_selected)
    (tmp_path / "Pulumi.yaml").write_text("name: citus\n")
    given = {"PULUMI_CONFIG_PASSPHRASE": MINE, "PULUMI_BACKEND_URL": f"file://{tmp_path}"}
    project, invocation = Project.at(tmp_path), Invocation.parse(line.split())
    ready = prepare(project, invocation, given, make_missing=True)
    assert ready.environment["PULUMI_CONFIG_PASSPHRASE"] == passphrase
