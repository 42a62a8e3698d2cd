"""An API server that can't be asked is said in one sentence: the provider itself says nothing."""

from __future__ import annotations

import base64
import tempfile
from typing import TYPE_CHECKING

import certifi
import pytest
import yaml  # type: ignore[import-untyped]
from kubernetes.config import incluster_config

from citus.errors import Refused
from citus.platforms.kubernetes import api

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubeconfig whose cluster nobody runs."""
    path = tmp_path / "config"
    server = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
    context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
    user = {"name": "u", "user": {"token": "a-token-of-mine"}}
    lists = {"clusters": [server], "contexts": [context], "users": [user]}
    path.write_text(yaml.safe_dump({"current-context": "c", **lists}))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def refusal(context: str = "") -> str:
    with pytest.raises(Refused) as raised:
        api.ask("prod", context)
    return str(raised.value)


def test_one_that_does_not_answer(kubeconfig: Path) -> None:
    assert kubeconfig.exists()
    said = refusal()
    assert said.startswith(
        "Pulumi.prod.yaml: citus:platform is kubernetes, but no API server answers in the current "
        "context of your kubeconfig ("
    )
    assert "Connection refused" in said


def test_a_context_that_is_not_there(kubeconfig: Path) -> None:
    assert kubeconfig.exists()
    assert "answers in the context moon of your kubeconfig (" in refusal("moon")


@pytest.mark.parametrize("text", ["{ no yaml", "[]", "just words", "clusters: 7", ""])
def test_a_file_that_is_no_kubeconfig(kubeconfig: Path, text: str) -> None:
    kubeconfig.write_text(text)
    assert "but no API server answers in the current context of your kubeconfig (" in refusal()
    assert "\n" not in refusal()


def test_no_kubeconfig_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    assert "No configuration found" in refusal()


def test_an_empty_variable_names_no_file(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = kubeconfig.parent / "home"
    (home / ".kube").mkdir(parents=True)
    kubeconfig.rename(home / ".kube" / "config")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KUBECONFIG", "")
    assert "Connection refused" in refusal()


def test_a_pod_without_a_kubeconfig_asks_by_its_service_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    assert "Service token file does not exist" in refusal()
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", tmp_path / "token")
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", certifi.where())
    (tmp_path / "token").write_text("a-token-of-mine")
    assert "Connection refused" in refusal()


def test_a_sentence_is_one_and_has_no_token(kubeconfig: Path) -> None:
    assert "a-token-of-mine" in kubeconfig.read_text()
    for said in (refusal(), refusal("moon")):
        assert "\n" not in said
        assert "a-token-of-mine" not in said


def test_no_key_of_the_kubeconfig_stays_in_a_file(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client writes them for itself, and a process that becomes another never removes them."""
    text = yaml.safe_load(kubeconfig.read_text())
    key = base64.b64encode(b"a key").decode()
    text["users"][0]["user"] = {"client-key-data": key, "client-certificate-data": key}
    kubeconfig.write_text(yaml.safe_dump(text))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    refusal()
    assert list((tmp_path / "temporary").iterdir()) == []
