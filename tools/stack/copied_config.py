"""The config of a stack's copy for the platform `local`, beside that of the original. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL = "local"
_PLATFORM = "citus:platform"
# They are over the plans of the original: they would permit nothing here.
_PERMITS = "citus:allowDataLoss"
# A key's description in Pulumi.yaml begins with the platforms that it is for, if not for all.
_FOR = re.compile(r"\s*\(([a-z, ]+)\)")


@dataclass(frozen=True)
class Brought:
    """The config of a copy after the original has changed.

    Attributes:
        config: What stands in the copy now.
        followed: The keys that the copy has from the original anew.
        kept: The keys that both have changed, where the copy's own stands.
    """

    config: dict[str, Any]
    followed: tuple[str, ...]
    kept: tuple[str, ...]


def for_local(config: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Give what of a config the platform `local` has a use for, and can read.

    *declared* is the config schema of Pulumi.yaml. A secret is sealed for the original alone.
    """
    taken = {
        key: value
        for key, value in config.items()
        if key != _PERMITS and not _is_sealed(value) and LOCAL in _platforms(key, declared)
    }
    return {**taken, _PLATFORM: LOCAL}


def brought(
    copied: Mapping[str, Any], original: Mapping[str, Any], copy: Mapping[str, Any]
) -> Brought:
    """Bring what the original has changed since it was *copied* into what the copy left as it was.

    All three are configs as `for_local` gives them.
    """
    config, followed, kept = dict(copy), [], []
    for key in sorted({*copied, *original}):
        was, now, own = copied.get(key), original.get(key), copy.get(key)
        if now in (was, own):
            continue
        if own != was:
            kept.append(key)
            continue
        followed.append(key)
        config.pop(key, None)
        if key in original:
            config[key] = now
    return Brought(config, tuple(followed), tuple(kept))


def _platforms(key: str, declared: Mapping[str, Any]) -> tuple[str, ...]:
    schema = declared.get(key.removeprefix("citus:"))
    description = schema.get("description", "") if isinstance(schema, dict) else ""
    said = _FOR.match(description)
    return tuple(said[1].split(", ")) if said else (LOCAL,)


def _is_sealed(value: object) -> bool:
    if isinstance(value, dict):
        return "secure" in value or any(map(_is_sealed, value.values()))
    return isinstance(value, list) and any(map(_is_sealed, value))
