from __future__ import annotations

import pytest

from tests.pure.database import fake_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> fake_server.Server:
    return fake_server.install(monkeypatch)
