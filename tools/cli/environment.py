"""What the environment of the CLI gets where the user has set nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.cli import stack_name
from tools.cli.failure import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEV_PASSPHRASE = "citus-dev"  # noqa: S105 - public: it protects nothing but a developer's machine
_PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def chosen_backend(
    given: Mapping[str, str], *, project: str | None, login: str | None
) -> str | None:
    """Give the backend that the user has chosen, in the order in which the CLI looks."""
    cloud = "https://api.pulumi.com" if given.get("PULUMI_ACCESS_TOKEN") else None
    return given.get("PULUMI_BACKEND_URL") or project or login or cloud


def has_public_passphrase(
    stack: str, settings: Mapping[str, Any], dev: Mapping[str, Any], platform: str | None
) -> bool:
    """Tell whether a stack's file is sealed by the public passphrase: dev's is, and so is any copy.

    A copy's only on the user's own machine: elsewhere dev's salt must not go unseen (ADR 10).
    """
    salt = settings.get("encryptionsalt")
    is_copy = salt is not None and salt == dev.get("encryptionsalt") and platform == "local"
    return stack == stack_name.DEFAULT or is_copy


def with_public_passphrase(given: Mapping[str, str]) -> dict[str, str]:
    """Put dev's public passphrase in place of any other."""
    others = {name: value for name, value in given.items() if name not in _PASSPHRASES}
    return {**others, "PULUMI_CONFIG_PASSPHRASE": DEV_PASSPHRASE}


def refreshed_as_declared(given: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, str]:
    """Have a refresh go by the config of now, not of the last up, where workers are given up.

    Their data would be missed else.
    """
    needed = {"PULUMI_RUN_PROGRAM": "true"} if config.get("citus:lostWorkers") else {}
    return {**given, **needed}


def past_proxies(given: Mapping[str, str]) -> dict[str, str]:
    """Keep what goes to this machine from a proxy: the CLI talks to its plugins on 127.0.0.1."""
    direct = {}
    for name in ("NO_PROXY", "no_proxy"):
        direct[name] = ",".join(filter(None, [given.get(name), "127.0.0.1,localhost"]))
    return {**given, **direct}


def for_own_cli(given: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """Add what a CLI needs that was built here: it has no releases, and no plugins to fetch."""
    defaults = {
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    return {**defaults, **given, "CITUS_CHECKOUT": str(checkout)}


def require_secrets_provider(
    given: Mapping[str, str], stack: str, settings: Mapping[str, Any], *, can_ask: bool
) -> None:
    """Refuse a stack in a file backend that has nothing to seal its secrets with."""
    sealed = any(name in given for name in _PASSPHRASES) or settings.get("secretsprovider")
    if not sealed and not can_ask:
        raise ToolError(
            f"stack {stack!r} has no secrets provider: set PULUMI_CONFIG_PASSPHRASE_FILE to a "
            f"file with your passphrase, or name one by `secretsprovider:` in Pulumi.{stack}.yaml"
        )


def login(given: Mapping[str, str]) -> str | None:
    """Give the backend that the user has chosen by `pulumi login`."""
    home = Path(given.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        credentials = json.loads((home / "credentials.json").read_text())
    except (OSError, ValueError):
        return None
    return (credentials.get("current") or None) if isinstance(credentials, dict) else None


def state_folder(checkout: Path) -> str:
    """Make the checkout's own backend, for its owner alone, and give its URL."""
    folder = checkout / ".pulumi-state"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)  # an older one may be open to others
    return f"file://{folder}"
