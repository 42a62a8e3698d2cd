"""How gunicorn runs a service: ``gunicorn --config python:services.runtime.gunicorn_conf``.

Its own variables hold too: ``WEB_CONCURRENCY`` is the number of processes, ``GUNICORN_CMD_ARGS``
anything else. The log is JSON, requests on stdout, all else on stderr.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from typing import TYPE_CHECKING, Any

from services.runtime.listener import let_no_more_in
from services.runtime.settings import Settings, settings_or_exit

if TYPE_CHECKING:
    from types import FrameType

    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

worker_class = "services.runtime.gunicorn_worker.DrainingWorker"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# As many as a pool has connections by default: no request waits for another's.
threads = Settings.pool_max_size
# A worker whose main loop, which no request blocks, hangs for so long is replaced.
timeout = 30
# Longer than a statement or a ping may take, so that a stop loses no accepted request; shorter
# than those wait who would kill what doesn't stop.
graceful_timeout = 25
keepalive = 5
# Addresses here are short, and headers few.
limit_request_line = 4096
limit_request_fields = 64
limit_request_field_size = 8190
# A socket in the home folder, the same for all services, that nobody here talks to.
control_socket_disable = True

accesslog = "-"
errorlog = "-"
logger_class = "services.runtime.gunicorn_log.JsonLogger"
_HANDLER = {"()": "services.runtime.json_log.LineHandler", "formatter": "json"}
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "services.runtime.json_log.JsonFormatter"}},
    "handlers": {"stdout": {**_HANDLER, "descriptor": 1}, "stderr": {**_HANDLER, "descriptor": 2}},
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


def when_ready(server: Arbiter) -> None:
    """Make room for metrics, and see to it that SIGTERM closes the port first of all."""
    # Before the workers import prometheus_client, which asks for this but then.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")
    stop_workers: Any = signal.getsignal(signal.SIGTERM)

    def stop(signum: int, frame: FrameType | None) -> None:
        # A socket that another master or systemd also holds goes on without this process.
        shared = server.reexec_pid or server.master_pid or server.systemd
        # A worker has this handler for a moment after the fork.
        if os.getpid() == server.pid and not shared:
            for listener in server.LISTENERS:
                let_no_more_in(listener)
        stop_workers(signum, frame)

    signal.signal(signal.SIGTERM, stop)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Take the state of a worker that has ended out of the metrics; its counts stay."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415  see when_ready

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """Remove the metrics' folder where the master was killed, and could not."""
    if worker.pid == os.getpid() and worker.ppid != os.getppid():
        _remove_metrics()


def on_exit(_server: Arbiter) -> None:
    """Remove the metrics' folder."""
    _remove_metrics()


def _remove_metrics() -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
