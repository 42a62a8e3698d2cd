"""``GET /current_time``: the time and the client's address, stored first."""

from __future__ import annotations

import os
from datetime import datetime

from flask import Flask, request

from bench.upstream.connection import connection

app = Flask(__name__)
_INSERT = "INSERT INTO query_details (ip_address, query_time) VALUES (%s, %s)"


@app.get("/current_time")
def current_time() -> dict[str, str | None]:
    """Answer with what was stored."""
    now = datetime.now().strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ005 - local, as upstream's
    with connection() as opened:
        opened.cursor().execute(_INSERT, (request.remote_addr, now))
    return {"current_time": now, "ip_address": request.remote_addr}


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
