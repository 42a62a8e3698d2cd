"""No password is in a preview, the state, a log, a process list or a readable file."""

from __future__ import annotations

import stat

import psutil
import pytest

from tests.up.stack import SERVICES, Stack

pytestmark = [pytest.mark.up, pytest.mark.one_engine]

OWNERS = [f"{service}_service" for service in SERVICES]


def _passwords(stack: Stack) -> list[str]:
    return [file.read_text() for file in (stack.folder / ".local/dev/passwords").iterdir()]


def test_not_in_previews_outputs_and_state(stack: Stack) -> None:
    stack.sql("ALTER ROLE user_service PASSWORD 'changed by hand'")
    shown = [stack.make("preview"), stack.make("up"), stack.run("bin/pulumi", "stack", "output")]
    texts = [ran.text for ran in shown] + [stack.first_up, *stack.first_preview]
    state = stack.folder / ".pulumi-state"
    texts += [f.read_text(errors="replace") for f in state.rglob("*") if f.is_file()]
    for password in _passwords(stack):
        assert not any(password in text for text in texts)
    assert stack.request("GET", "/readyz")


@pytest.mark.long
def test_not_in_the_servers_logs_after_a_failed_statement(stack: Stack) -> None:
    """A worker that refuses to be written to makes the statement fail that holds the password."""
    stack.sql("DELETE FROM pg_dist_authinfo", node=2)
    stack.sql("ALTER DATABASE postgres SET default_transaction_read_only = on", node=2)
    failed = stack.make("up", check=False)
    stack.sql("ALTER DATABASE postgres RESET default_transaction_read_only", node=2)
    mended = stack.make("up")
    assert failed.code != 0
    assert "read-only transaction" in failed.text
    logs = [log.read_text() for log in (stack.folder / ".local/dev").rglob("log")]
    for password in _passwords(stack):
        assert not any(password in text for text in (failed.text, mended.text, *logs))
    assert stack.request("GET", "/readyz")


def test_not_in_a_process_list(stack: Stack) -> None:
    lines = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
    for password in _passwords(stack):
        assert not any(password in line for line in lines)


def test_only_in_files_that_nobody_else_may_read(stack: Stack) -> None:
    passwords = _passwords(stack)
    for file in (stack.folder / ".local").rglob("*"):
        if file.is_file() and any(p.encode() in file.read_bytes() for p in passwords):
            mode = stat.S_IMODE(file.stat().st_mode)
            assert file.name in {"pgpass", "password", "postgres", *OWNERS} or (
                "/data/" in str(file)  # pg_dist_authinfo, in a folder of mode 0700
            )
            assert mode == 0o600
