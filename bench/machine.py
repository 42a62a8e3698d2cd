"""What a figure depends on: the day, the machine, the versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.checkout import Checkout
from bench.command import run


def facts() -> dict[str, str]:
    """Tell what no part changes."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": str(len(os.sched_getaffinity(0))) if _LINUX else str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Pulumi SDK": version("pulumi"),
        "Flask": version("flask"),
        "gunicorn": version("gunicorn"),
    }


def sentence(facts: Mapping[str, str]) -> str:
    """Tell it in one line."""
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def engine(checkout: Checkout, outputs: Mapping[str, Any]) -> str:
    """Name what a stack that is up runs on."""
    citus = str(outputs["citusVersion"])
    name = "the stand-in for Citus" if citus.endswith("-standin") else "Citus"
    program = (checkout.postgres_bin / "postgres", "--version")
    postgres = run(program, folder=checkout.folder, environment=checkout.environment).text
    return f"{name} {citus}, {postgres.strip().replace('postgres (PostgreSQL)', 'PostgreSQL')}"


_LINUX = platform.system() == "Linux"
