"""What each service is made of, before it gets its own routes."""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING

from flask import Flask

from services.runtime.errors import register_errors
from services.runtime.health import health
from services.runtime.pool import Pool
from services.runtime.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

# gunicorn's Arbiter.APP_LOAD_ERROR: it ends, where it would replace a worker that ended otherwise.
_EXIT_CODE = 4
_LARGEST_BODY = 8 * 2**20


def new_app(name: str, settings: Settings) -> tuple[Flask, Pool]:
    """Return an app with health and JSON errors, and its open pool.

    The pool is ``app.extensions["pool"]`` too; whoever made the app closes it.
    """
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    pool = Pool(settings, application_name=settings.database_user)
    app.extensions["pool"] = pool
    app.register_blueprint(health(pool.ping))
    register_errors(app)
    return app, pool


def settings_or_exit() -> Settings:
    """Return the environment's settings; a bad one ends the process with its sentence."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(_EXIT_CODE) from None


def from_environment(create_app: Callable[[Settings], Flask]) -> Flask:
    """Return the app that *create_app* makes, for a process of its own: it ends with that."""
    app = create_app(settings_or_exit())
    atexit.register(app.extensions["pool"].close)
    return app
