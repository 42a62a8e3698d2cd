"""What a command line of the CLI asks for, as far as bin/pulumi must know."""

from __future__ import annotations

from dataclasses import dataclass

from tools.cli import flags as pflag

_LOCKING: set[tuple[str, ...]] = {
    ("up",), ("update",), ("refresh",), ("destroy",), ("import",), ("watch",), ("state",),
    ("stack", "rm"), ("stack", "import"), ("stack", "rename"),
    ("stack", "change-secrets-provider"),
}  # fmt: skip
_SEALED: set[tuple[str, ...]] = {
    ("up",), ("update",), ("preview",), ("refresh",), ("destroy",), ("import",), ("watch",),
    ("state",), ("config",), ("stack",), ("cancel",), ("logs",), ("env",),
}  # fmt: skip
_DEPLOYING: set[tuple[str, ...]] = {
    ("up",), ("update",), ("preview",), ("refresh",), ("destroy",), ("watch",),
}  # fmt: skip
# Commands whose next word is a stack.
_OF_A_STACK = {("stack", "init"), ("stack", "rm"), ("stack", "select"), ("cancel",)}
_ALIASES = {
    ("dn",): "destroy", ("down",): "destroy", ("pre",): "preview", ("cfg",): "config",
    ("esc",): "env", ("config", "copy"): "cp", ("stack", "list"): "ls",
    ("stack", "new"): "init", ("stack", "create"): "init", ("stack", "setup"): "init",
    ("stack", "remove"): "rm", ("stack", "delete"): "rm",
}  # fmt: skip


@dataclass(frozen=True)
class Invocation:
    """The words of a command, and the flags that matter here."""

    words: tuple[str, ...]
    flags: dict[str, str]

    @classmethod
    def parse(cls, arguments: list[str]) -> Invocation:
        """Read a command line; what is not understood is left to the CLI."""
        words: tuple[str, ...] = ()
        flags: dict[str, str] = {}
        rest = iter(arguments)
        for argument in rest:
            if argument == "--":
                words += tuple(rest)
            elif argument.startswith("-") and argument != "-":
                flags.update(pflag.read(argument, rest, words))
            else:
                words += (_ALIASES.get((*words, argument), argument),)
        return cls(words, flags)

    @property
    def folder(self) -> str | None:
        """The folder named by --cwd."""
        return self.flags.get("--cwd") or None

    @property
    def stack(self) -> str | None:
        """The stack that the command itself names."""
        named = self.flags.get("--stack")
        for command in _OF_A_STACK:
            if self.words[: len(command)] == command:
                named = named or next(iter(self.words[len(command) :]), None)
        return named or None

    @property
    def asks_for_its_stack(self) -> bool:
        """Whether the CLI itself asks for the name: that of a stack to be made is not known yet."""
        return self.words[:2] == ("stack", "init") and not self.stack

    @property
    def locks(self) -> bool:
        """Whether the command takes the stack's lock."""
        return self._is_one_of(_LOCKING)

    @property
    def needs_secrets(self) -> bool:
        """Whether the command may open the stack's secrets."""
        unsealed = self.words[:2] == ("stack", "ls") or self.asks_for_its_stack
        return self._is_one_of(_SEALED) and not unsealed

    @property
    def deploys(self) -> bool:
        """Whether the command talks to what the stack runs on."""
        return self._is_one_of(_DEPLOYING)

    @property
    def asks_for_help(self) -> bool:
        """Whether the command does nothing but explain itself."""
        return "--help" in self.flags

    def _is_one_of(self, commands: set[tuple[str, ...]]) -> bool:
        return not self.asks_for_help and any(
            self.words[: len(command)] == command for command in commands
        )
