"""What is said while a target of the Makefile is at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.cli.checkout import Project
from tools.cli.prepare import Ready
from tools.stack.actions import Actions

pytestmark = pytest.mark.pure

PERMIT = "p5f0c1b9ae27d"
SAID = "previewing stack dev, for what citus:allowDataLoss permits …\n"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("{}", ""),
        (f"{{citus:allowDataLoss: {PERMIT}}}", SAID),
    ],
    ids=["nothing is permitted", "something is permitted"],
)
def test_the_preview_that_a_permit_takes_is_told_of_before_it_begins(
    config: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: citus\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(f"config: {config}\n")
    heard_by_then = []

    class Silent(Ready):
        def quietly(self, *command: str, given: str = "") -> str:
            assert not given
            heard_by_then.append(capsys.readouterr().err if "preview" in command else "")
            return "{}"

    there_is_no_cli = Path("/bin/true")
    ready = Silent(there_is_no_cli, Project.at(tmp_path), {}, "dev", None)
    Actions(ready, said_yes=True).preview()
    assert "".join(heard_by_then) == said
