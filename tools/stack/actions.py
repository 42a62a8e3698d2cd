"""The commands of the CLI that each target runs."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cli import recorded
from tools.cli.failure import ToolError
from tools.cli.platform import platform_of
from tools.cli.stack_name import short
from tools.stack import consent, permit, psql, terminal

if TYPE_CHECKING:
    from tools.cli.prepare import Ready


_FAILED = 1
_AFTER_A_FAILURE = (
    "The first error above is the cause; `expected resource operations … but none were seen` only "
    "names what came after it. What is done is kept: `make up` goes on from there."
)


@dataclass(frozen=True)
class Actions:
    """What can be done with one stack."""

    ready: Ready
    said_yes: bool

    def up(self) -> int:
        """Make the stack as declared; what differs from the preview is refused."""
        self._make()
        self.ready.recover()
        permits = self._permits()
        failed = self._pulumi("up", "--strict", *self._consent())
        if failed == _FAILED:  # neither killed nor interrupted
            print(_AFTER_A_FAILURE, file=sys.stderr)
        if permits and not failed:
            self.ready.quietly("config", "rm", permit.KEY, "--stack", self.ready.stack)
            print(f"citus:{permit.KEY} has done its work and is out of {self._file}")
        return failed

    def preview(self) -> int:
        """Show what up would do."""
        self._make()
        self._permits()
        return self._pulumi("preview", "--diff", "--show-full-output")

    def refresh(self) -> int:
        """Read what is there into the state."""
        self._make()
        self.ready.recover()
        return self._pulumi("refresh", *self._consent())

    def down(self) -> int:
        """Take everything away, then the stack itself.

        Without a refresh: a server that is dead must not be in the way. The program runs, so that
        the providers get the configuration of now and not that of the last up.
        """
        if not self.exists():
            print(f"there is nothing to take down: stack {self.ready.stack} is not up")
            return 0
        self.ready.recover()
        for how in ("--run-program", "--run-program=false"):
            # Where a killed run had not yet come to a component, running the program makes it:
            # a second, plain destroy takes those away.
            if self._has_resources():
                failed = self._pulumi("destroy", "--refresh=false", how, *self._consent())
                if failed:
                    return failed
        # The file of the stack is kept: it is the user's, and committed.
        return self._pulumi("stack", "rm", "--preserve-config", "--yes")

    def exists(self) -> bool:
        """Tell whether the backend knows the stack."""
        stacks = json.loads(self.ready.quietly("stack", "ls", "--json"))
        return self.ready.stack in {short(stack["name"]) for stack in stacks}

    def admin_url(self) -> str:
        """Give the URL, with its password, by which the superuser reaches the coordinator."""
        outputs = json.loads(self._outputs()) if self.exists() else {}
        if "adminUrl" not in outputs:
            raise ToolError(
                f"stack {self.ready.stack} is not up: `make up STACK={self.ready.stack}` first"
            )
        return str(outputs["adminUrl"])

    def psql(self, arguments: str) -> int:
        """Open psql on the coordinator, by the way that the providers take."""
        url = self.admin_url()
        route = recorded.route(self._deployment())
        if route is None:
            return psql.run(url, arguments)
        config = self.ready.project.stack_config(self.ready.stack)
        return psql.run_through(route, str(config.get("citus:kubeContext") or ""), url, arguments)

    def _has_resources(self) -> bool:
        return bool(self._deployment().get("resources"))

    def _deployment(self) -> dict[str, Any]:
        exported = json.loads(self.ready.quietly("stack", "export", "--stack", self.ready.stack))
        deployment: dict[str, Any] = exported["deployment"]
        return deployment

    def _outputs(self) -> str:
        stack = self.ready.stack
        return self.ready.quietly("stack", "output", "--json", "--show-secrets", "--stack", stack)

    def _permits(self) -> list[str]:
        """Give the permits to lose data, and warn of those that nothing asks for."""
        permits = permit.configured(self.ready.project.stack_settings(self.ready.stack))
        if permits:
            said = f"previewing stack {self.ready.stack}, for what citus:{permit.KEY} permits …"
            print(said, file=sys.stderr, flush=True)
            with suppress(ToolError):  # the run itself says what is wrong
                shown = ("preview", "--json", "--stack", self.ready.stack)
                for useless in permit.unused(permits, json.loads(self.ready.quietly(*shown))):
                    print(
                        f"warning: {useless} in citus:{permit.KEY} permits nothing of this run: "
                        f"`bin/pulumi config rm {permit.KEY} --stack {self.ready.stack}`",
                        file=sys.stderr,
                    )
        return permits

    @property
    def _file(self) -> str:
        return f"Pulumi.{self.ready.stack}.yaml"

    def _make(self) -> None:
        self.ready.quietly("stack", "select", "--create", self.ready.stack)

    def _consent(self) -> list[str]:
        stack = self.ready.project.stack_settings(self.ready.stack)
        platform = platform_of(stack, self.ready.project.settings)
        return ["--yes"] if consent.is_given(platform, said_yes=self.said_yes) else []

    def _pulumi(self, *command: str) -> int:
        alone = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["--non-interactive"]
        return terminal.run(
            [str(self.ready.cli), *command, "--stack", self.ready.stack, *alone],
            environment=self.ready.environment,
            folder=self.ready.project.folder,
        )
