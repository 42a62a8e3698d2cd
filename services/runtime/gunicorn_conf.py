"""How gunicorn runs a service: ``gunicorn --config python:services.runtime.gunicorn_conf``.

Its own variables hold too: ``WEB_CONCURRENCY`` is the number of processes, ``GUNICORN_CMD_ARGS``
anything else. Requests are logged on stdout, all else on stderr.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from services.runtime.service import settings_or_exit
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# As many as a pool has connections by default: no request waits for another's.
threads = Settings.pool_max_size
# Longer than a statement may take, so that a stop loses no accepted request.
graceful_timeout = 30
keepalive = 5
# A socket in the home folder, the same for all services, that nobody here talks to.
control_socket_disable = True

accesslog = "-"
errorlog = "-"
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"},
        "bare": {"format": "%(message)s"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "bare",
        },
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": "line",
        },
    },
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["stdout"], "propagate": False},
        # At INFO it logs each connection lent and returned.
        "psycopg.pool": {"level": "WARNING"},
    },
}


def on_starting(_server: Arbiter) -> None:
    """Refuse bad settings once, before there's a socket and a worker."""
    settings_or_exit()
