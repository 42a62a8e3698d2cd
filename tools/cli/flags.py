"""How Pulumi's flag library, pflag, reads a flag; which flags take the next word as their value.

The flags are those of `pulumi <command> --help`, of the commands that are about a stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITH_VALUE = frozenset(
    # of all commands
    "-C --cwd -s --stack -v --verbose --color --memprofilerate --otel-traces --profiling --tracing "
    # of those that deploy
    "-c --config -m --message -p --parallel -t --target -x --exclude --client --config-file "
    "--event-log --exec-agent --exec-kind --import-file --import-pending-creates --override-env "
    "--plan --policy-pack --policy-pack-config --replace --save-plan --secrets-provider "
    "--target-replace "
    # of stack, state, config, import and logs
    "--copy-config-from --count --dependency-edge-color --dest --dot-fragment --file --from "
    "--generate-resources --organization --out --output --page --page-size --parent "
    "--parent-edge-color --project --properties --provider --resource --since --source --tag "
    "--teams --type".split()
)
# A letter, or a name, that means something else to one command.
_BESIDES: dict[tuple[str, ...], set[str]] = {
    ("config", "cp"): {"-d"},
    ("config", "set-all"): {"--json", "--plaintext", "--secret"},
    ("import",): {"-f", "-o"},
    ("logs",): {"-r"},
    ("stack", "export"): {"--version"},
    ("stack", "ls"): {"-o"},
    ("watch",): {"--path"},
}
_BARE: dict[tuple[str, ...], set[str]] = {("stack", "select"): {"-c"}}
_LONG = {"-C": "--cwd", "-s": "--stack", "-h": "--help"}


def read(
    argument: str, following: Iterator[str], command: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Give the flags of one word, each with its value: one flag, or letters after one dash."""
    if argument.startswith("--"):
        name, equals, value = argument.partition("=")
        if not equals and _takes_value(name, command):
            value = next(following, "")
        yield name, value
        return
    letters = argument[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        value = ""
        if letters.startswith("=") and letters != "=":
            value, letters = letters[1:], ""
        elif _takes_value(name, command):
            value, letters = letters or next(following, ""), ""
        yield _LONG.get(name, name), value


def _takes_value(name: str, command: tuple[str, ...]) -> bool:
    of_command = (command[:1], command[:2])
    if any(name in _BARE.get(words, ()) for words in of_command):
        return False
    return name in _WITH_VALUE or any(name in _BESIDES.get(words, ()) for words in of_command)
