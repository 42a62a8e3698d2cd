"""What the image of a service is called: its tag says what it is made of.

So an unchanged service has the image that it had, and doesn't start anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

# Beyond a service's own folder, what every image is made of.
_SHARED = ("__init__.py", "requirements.txt", "runtime")


def repository(registry: str, service: str) -> str:
    """Name where a registry has the images of a service: as Kubernetes names the service itself."""
    return f"{registry}/citus-{service.replace('_', '-')}"


def image_name(repository: str, *, folder: Path, python_image: str) -> str:
    """Name the image of a service's *folder*, built on a *python_image*."""
    return f"{repository}:{_digest(folder, python_image)}"


def _digest(folder: Path, python_image: str) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    for shared in _SHARED:
        path = folder.parent / shared
        files += [path] if path.is_file() else (p for p in path.rglob("*") if p.is_file())
    found = hashlib.sha256(python_image.encode())
    for path in sorted(file for file in files if "__pycache__" not in file.parts):
        found.update(f"\0{path.relative_to(folder.parent)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:12]
