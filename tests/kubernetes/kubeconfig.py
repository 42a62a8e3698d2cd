"""The file by which a client finds the API server, and shows who it is."""

from __future__ import annotations

from pathlib import Path

import yaml  # type: ignore[import-untyped]

from tests.kubernetes.certificates import Pair


def write(path: Path, url: str, authority: Path, user: str, shown: Pair) -> Path:
    """Write one for *user*; whoever reads it needs the files that it names."""
    cluster = {"server": url, "certificate-authority": str(authority)}
    pair = {"client-certificate": str(shown.certificate), "client-key": str(shown.key)}
    settings = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": user, "user": pair}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": user}}],
        "current-context": "tests",
    }
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    return path
