"""What each service is made of, before it gets its own routes."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from services.runtime.errors import register_errors
from services.runtime.health import health
from services.runtime.metrics import Metrics, exposition
from services.runtime.observation import observe
from services.runtime.pool import Pool
from services.runtime.pool_metrics import PoolMetrics
from services.runtime.settings import Settings, settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST_BODY = 8 * 2**20


def new_app(name: str, settings: Settings) -> tuple[Flask, Pool]:
    """Return an app with health, metrics and JSON errors, and its open pool.

    The pool is ``app.extensions["pool"]`` too; whoever made the app closes it.
    """
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    pool = Pool(settings, application_name=settings.database_user)
    app.extensions["pool"] = pool
    metrics = Metrics()
    observe(app, metrics)
    app.register_blueprint(health(pool.ping))
    app.register_blueprint(
        exposition(metrics.registry, PoolMetrics(pool, metrics.registry).refresh)
    )
    register_errors(app)
    if settings.trusted_proxies:
        # Of what proxies add only the client's address matters here.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0
        )
    return app, pool


def from_environment(create_app: Callable[[Settings], Flask]) -> Flask:
    """Return the app that *create_app* makes, for a process of its own: it ends with that."""
    app = create_app(settings_or_exit())
    atexit.register(app.extensions["pool"].close)
    return app
