"""Make everything ready for a command of the CLI: what both bin/pulumi and the Makefile use."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cli import continue_on_error, environment, find, stack_name
from tools.cli.checkout import ROOT, Project
from tools.cli.failure import ToolError
from tools.cli.file_backend import StackFiles, folder_of, mend
from tools.cli.platform import Platform, platform_of, workers_of
from tools.cli.recovery import Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.cli.invocation import Invocation


@dataclass(frozen=True)
class Ready:
    """A CLI, the environment to run it in, and the stack it is about."""

    cli: Path
    project: Project
    environment: dict[str, str]
    stack: str
    state_folder: Path | None
    """Where a file backend keeps its state; None for every other kind."""

    def make_stack(self, *, select: bool) -> None:
        """Make a stack that has a file but no state: a fresh clone needs no `stack init`."""
        file = self.project.folder / f"Pulumi.{self.stack}.yaml"
        if not file.exists() or self._files is None:
            return
        if select:
            self.quietly("stack", "select", "--create", self.stack)
        elif not self._files.exists():
            self.quietly("stack", "init", "--no-select", self.stack)

    def check_secrets_provider(self) -> None:
        """Refuse a stack whose secrets nothing seals; other backends than files bring a way."""
        if self.state_folder is not None:
            settings = self.project.stack_settings(self.stack)
            asked = sys.stdin.isatty()
            environment.require_secrets_provider(
                self.environment, self.stack, settings, can_ask=asked
            )

    def check_platform(self, command: str) -> None:
        """Refuse what would lose sight of the stack's data."""
        settings = self.project.stack_settings(self.stack)
        declared = platform_of(settings, self.project.settings)
        config, known = settings.get("config") or {}, self._recorded()
        Platform(
            self.stack,
            self.project.folder,
            declared,
            known,
            kube_context=str(config.get("citus:kubeContext") or ""),
            given_up=tuple(map(str, config.get("citus:lostWorkers") or ())),
            workers=workers_of(settings, self.project.settings),
        ).require(command)

    def _recorded(self) -> dict[str, Any]:
        """Read the state; empty where there is none yet."""
        if self._files is not None:
            return self._files.deployment()
        try:
            exported = json.loads(self.quietly("stack", "export", "--stack", self.stack))
        except ToolError:
            return {}  # not made yet; a backend that doesn't answer is told by the command itself
        return exported.get("deployment") or {}

    def quietly(self, *command: str, given: str = "") -> str:
        """Run a command of the CLI that nobody watches; give what it prints."""
        run = subprocess.run(
            [self.cli, "--non-interactive", *command],
            cwd=self.project.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            said = run.stderr.strip().splitlines() or ["it said nothing"]
            raise ToolError(f"`pulumi {' '.join(command)}` failed: {said[-1]}")
        return run.stdout

    def recover(self) -> None:
        """Clean up after a killed run, where the state lies in files."""
        if self._files is not None:
            Recovery(self.quietly, self.project.folder, self._files).run()

    @property
    def _files(self) -> StackFiles | None:
        """The state, where it lies in files."""
        if self.state_folder is None:
            return None
        return StackFiles(self.state_folder, self.project.name, self.stack)


def prepare(
    project: Project, invocation: Invocation, given: Mapping[str, str], *, make_missing: bool
) -> Ready:
    """Find the CLI and the stack, and set what is unset."""
    continue_on_error.refuse(invocation, given)
    cli = find.find(project.required_version)
    said = invocation.stack or given.get("PULUMI_STACK")
    alone = said is not None and stack_name.is_of_this_machine(said)
    variables, backend = _with_backend(project, given, alone=alone)
    if cli.built_here:
        variables = environment.for_own_cli(variables, ROOT)
    state_folder = folder_of(backend, project.folder)
    if state_folder is not None:
        mend(state_folder)
    selected = None if said else _selected(cli.path, project.folder, variables)
    stack = stack_name.short(said or selected or stack_name.DEFAULT)
    if not invocation.asks_for_its_stack:
        variables = _for_stack(project, variables, stack)
    variables = environment.past_proxies(variables)
    ready = Ready(cli.path, project, variables, stack, state_folder)
    if invocation.deploys:
        ready.check_platform(invocation.words[0])
    if invocation.needs_secrets:
        ready.check_secrets_provider()
    about_itself = said and invocation.words[:1] == ("stack",)
    if make_missing and invocation.needs_secrets and not selected and not about_itself:
        ready.make_stack(select=not said)
    return ready


def _for_stack(project: Project, given: Mapping[str, str], stack: str) -> dict[str, str]:
    """Add what the stack's file calls for.

    What is sealed by the public passphrase is opened; other stacks are left to their users.
    """
    settings, dev = project.stack_settings(stack), project.stack_settings(stack_name.DEFAULT)
    platform = platform_of(settings, project.settings)
    public = environment.has_public_passphrase(stack, settings, dev, platform)
    variables = environment.with_public_passphrase(given) if public else given
    return environment.refreshed_as_declared(variables, settings.get("config") or {})


def _with_backend(
    project: Project, given: Mapping[str, str], *, alone: bool
) -> tuple[dict[str, str], str]:
    """Give the environment with a backend, and which: the checkout's own if none is chosen.

    What this machine *alone* has is in no backend that it shares with others.
    """
    declared = (project.settings.get("backend") or {}).get("url")
    chosen = environment.chosen_backend(given, project=declared, login=environment.login(given))
    if chosen and not alone:
        return dict(given), chosen
    own = environment.state_folder(ROOT)
    return {**given, "PULUMI_BACKEND_URL": own}, own


def _selected(cli: Path, project: Path, variables: Mapping[str, str]) -> str | None:
    """Ask the CLI which stack is selected."""
    run = subprocess.run(
        [cli, "--non-interactive", "stack", "--show-name"],
        cwd=project,
        env=dict(variables),
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or None
