"""What a command line of the CLI asks for, as far as bin/pulumi must know."""

from __future__ import annotations

from dataclasses import dataclass

# Global flags that take their value as the next word.
_WITH_VALUE = {
    "--color", "-C", "--cwd", "-s", "--stack", "-v", "--verbose", "--profiling",
    "--tracing", "--otel-traces", "--memprofilerate",
    # of commands: their value must not be taken for a command's word
    "--config-file", "--secrets-provider", "-c", "--config", "-m", "--message",
    "--file", "-p", "--parallel", "-t", "--target",
}  # fmt: skip
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
_STACK_IS_THIRD_WORD = {("stack", "init"), ("stack", "rm"), ("stack", "select")}
_ALIASES = {"dn": "destroy", "down": "destroy", "pre": "preview", "cfg": "config"}


@dataclass(frozen=True)
class Invocation:
    """The words of a command, and the flags that matter here."""

    words: tuple[str, ...]
    flags: dict[str, str]

    @classmethod
    def parse(cls, arguments: list[str]) -> Invocation:
        """Read a command line; what is not understood is left to the CLI."""
        words: list[str] = []
        flags: dict[str, str] = {}
        rest = iter(arguments)
        for argument in rest:
            if argument == "--":
                break
            name, equals, value = argument.partition("=")
            if not argument.startswith("-"):
                words.append(argument)
            elif equals:
                flags[name] = value
            else:
                flags[name] = next(rest, "") if name in _WITH_VALUE else ""
        if words:
            words[0] = _ALIASES.get(words[0], words[0])
        return cls(tuple(words), flags)

    @property
    def folder(self) -> str | None:
        """The folder named by --cwd."""
        return self.flags.get("-C") or self.flags.get("--cwd")

    @property
    def stack(self) -> str | None:
        """The stack that the command itself names."""
        named = self.flags.get("-s") or self.flags.get("--stack")
        if not named and self.words[:2] in _STACK_IS_THIRD_WORD and len(self.words) > 2:  # noqa: PLR2004
            named = self.words[2]
        return named or None

    @property
    def locks(self) -> bool:
        """Whether the command takes the stack's lock."""
        return self._is_one_of(_LOCKING)

    @property
    def needs_secrets(self) -> bool:
        """Whether the command may open the stack's secrets."""
        return self._is_one_of(_SEALED) and self.words[:2] != ("stack", "ls")

    @property
    def deploys(self) -> bool:
        """Whether the command talks to what the stack runs on."""
        return self._is_one_of(_DEPLOYING)

    @property
    def asks_for_help(self) -> bool:
        """Whether the command does nothing but explain itself."""
        return not {"-h", "--help"}.isdisjoint(self.flags)

    def _is_one_of(self, commands: set[tuple[str, ...]]) -> bool:
        return not self.asks_for_help and any(
            self.words[: len(command)] == command for command in commands
        )
