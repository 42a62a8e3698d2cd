"""An `up` that goes on past an error is refused."""

from __future__ import annotations

import pytest

from tools.cli import continue_on_error
from tools.cli.failure import ToolError
from tools.cli.invocation import Invocation

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("line", "environment", "named"),
    [
        ("up --continue-on-error", {}, "--continue-on-error"),
        ("--stack prod update --yes --continue-on-error=true", {}, "--continue-on-error"),
        ("up", {"PULUMI_CONTINUE_ON_ERROR": "1"}, "PULUMI_CONTINUE_ON_ERROR"),
        ("up", {"PULUMI_OPTION_CONTINUE_ON_ERROR": "true"}, "PULUMI_OPTION_CONTINUE_ON_ERROR"),
    ],
)
def test_an_up_that_goes_on_is_refused(line: str, environment: dict[str, str], named: str) -> None:
    with pytest.raises(ToolError, match=rf"^{named} would have a worker's server deleted though"):
        continue_on_error.refuse(Invocation.parse(line.split()), environment)


@pytest.mark.parametrize(
    ("line", "environment"),
    [
        ("up --yes", {}),
        ("up --continue-on-error=false", {"PULUMI_CONTINUE_ON_ERROR": "false"}),
        ("destroy --continue-on-error", {"PULUMI_CONTINUE_ON_ERROR": "true"}),
        ("preview", {"PULUMI_CONTINUE_ON_ERROR": "true"}),
    ],
)
def test_what_deletes_nothing_by_an_error_is_not(line: str, environment: dict[str, str]) -> None:
    continue_on_error.refuse(Invocation.parse(line.split()), environment)
