"""``POST /users``: an INSERT for each user, in one transaction."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request

from bench.upstream.connection import connection

app = Flask(__name__)
_INSERT = "INSERT INTO users (name, email) VALUES (%s, %s) RETURNING id"


@app.post("/users")
def create_users() -> tuple[dict[str, Any], int]:
    """Insert them one by one."""
    ids = []
    with connection() as opened:
        cursor = opened.cursor()
        for user in request.get_json():
            cursor.execute(_INSERT, (user.get("name"), user.get("email")))
            ids += [row[0] for row in cursor.fetchall()]
    return {"message": "Users created successfully", "user_ids": ids}, 201


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
