"""Whether a version of the CLI is one that Pulumi.yaml allows."""

from __future__ import annotations

import semver

from tools.cli.failure import ToolError


def satisfies(version: str, required: str) -> bool:
    """Tell whether *version* is in the range *required*: `>=3.254.0 <4.0.0 || 5.0.0`."""
    try:
        found = semver.Version.parse(version.strip().removeprefix("v"))
    except ValueError:
        return False
    try:
        return any(
            all(found.match(part) for part in alternative.split())
            for alternative in required.split("||")
        )
    except ValueError as error:
        raise ToolError(
            f"requiredPulumiVersion {required!r} of Pulumi.yaml is no range of versions: "
            'write it as ">=3.254.0"'
        ) from error
