"""The connection that each request opens for itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def connection() -> Iterator[psycopg.Connection[Any]]:
    """Open, commit, close."""
    opened = psycopg.connect(os.environ["DATABASE_URL"], cursor_factory=psycopg.ClientCursor)
    try:
        yield opened
        opened.commit()
    finally:
        opened.close()
