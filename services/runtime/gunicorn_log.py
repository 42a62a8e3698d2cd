"""gunicorn's logger, with requests as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gunicorn.glogging import Logger

if TYPE_CHECKING:
    from datetime import timedelta


class JsonLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Logs a request by its fields, also one that gunicorn refused before the service saw it.

    gunicorn's own way copies each header and variable of a request for the sake of a format.
    """

    def access(
        self, resp: Any, _req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> None:
        """Log a request that was answered."""
        method = environ.get("REQUEST_METHOD", "")
        # As it was sent, but without the query, which may hold what no log should.
        path = environ.get("RAW_URI", "").partition("?")[0]
        status = int(str(resp.status)[:3])
        fields = {
            "method": method,
            "path": path,
            "status": status,
            "duration_ms": round(request_time.total_seconds() * 1000, 3),
            "client": environ.get("REMOTE_ADDR", ""),
        }
        self.access_log.info("%s %s %s", method, path, status, extra={"fields": fields})
