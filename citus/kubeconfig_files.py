"""Which kubeconfig is read: the files of KUBECONFIG, else ``~/.kube/config``, as kubectl does."""

from __future__ import annotations

import os
from pathlib import Path


def named() -> str:
    """Give the files, parted as in a PATH; an empty KUBECONFIG names none."""
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")


def exist(files: str) -> bool:
    """Tell whether any of them is there."""
    return any(Path(file).expanduser().is_file() for file in files.split(os.pathsep) if file)


def has_service_account_instead(files: str) -> bool:
    """Tell whether this is a pod without them, whose service account stands in."""
    return not exist(files) and "KUBERNETES_SERVICE_HOST" in os.environ
