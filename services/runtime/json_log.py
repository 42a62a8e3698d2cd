"""Logs as JSON: an object a line, with the id of the request that it is about."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from services.runtime import request_id


class JsonFormatter(logging.Formatter):
    """Makes a line of a record, and of the ``fields`` that it may have as an extra."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, all ASCII, so that no text can look like two."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": time,
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
        }
        if current := request_id.CURRENT.get():
            line["request_id"] = current
        line["message"] = record.getMessage()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class LineHandler(logging.Handler):
    """Writes each line by one call, so that those of several processes don't mix in one file."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of *record*."""
        try:
            os.write(self._descriptor, f"{self.format(record)}\n".encode())
        except Exception:  # noqa: BLE001  as each handler does: no request fails by its log
            self.handleError(record)
