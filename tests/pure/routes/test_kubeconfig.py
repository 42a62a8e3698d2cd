"""What is read from a kubeconfig, and a sentence for one that can't be used."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from citus.errors import NoRoute
from citus.routes import kubeconfig
from citus.routes.kubeconfig import Access

pytestmark = pytest.mark.pure

FILE = """
contexts:
- {name: here, context: {cluster: near, user: me}}
- {name: there, context: {cluster: far, user: me}}
clusters:
- {name: near, cluster: {server: "https://near:6443/"}}
- name: far
  cluster: {server: "https://far", tls-server-name: api, proxy-url: "http://proxy:3128"}
users:
- {name: me, user: {token: a-token}}
"""
CURRENT = "current-context: here\n"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config"
    file.write_text(FILE + CURRENT)
    monkeypatch.setenv("KUBECONFIG", str(file))
    return file


def load(context: str = "") -> Access:
    loop = asyncio.new_event_loop()  # and not `asyncio.run`, which takes this thread's away
    try:
        return loop.run_until_complete(kubeconfig.load(context))
    finally:
        loop.close()


def why(context: str = "") -> str:
    with pytest.raises(NoRoute) as refused:
        load(context)
    assert refused.value.final
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.usefixtures("file")
def test_the_current_context_is_taken_where_none_is_named() -> None:
    near = load()
    assert str(near) == "the Kubernetes API https://near:6443"
    assert (near.server_name, near.proxy) == (None, None)


@pytest.mark.usefixtures("file")
def test_another_context_is_taken_by_its_name() -> None:
    far = load("there")
    assert (far.url, far.server_name, far.proxy) == ("https://far", "api", "http://proxy:3128")


@pytest.mark.usefixtures("file")
def test_credentials_are_in_no_text() -> None:
    assert load().headers == {"authorization": "Bearer a-token"}
    assert "a-token" not in repr(load())


def test_a_token_may_be_in_a_file_of_its_own(file: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another\n")
    file.write_text(FILE.replace("token: a-token", "tokenFile: token") + CURRENT)
    assert load().headers == {"authorization": "Bearer another"}


def test_files_are_merged_as_kubectl_merges_them(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    first.write_text(
        "contexts: [{name: own, context: {cluster: own, user: me}}]\n"
        "clusters: [{name: own, cluster: {server: 'http://own'}}]\n"
        "current-context: own\n"
    )
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path / 'none'}:{file}")
    assert load("own").url == "http://own"
    assert load("there").headers == {"authorization": "Bearer a-token"}


def test_a_kubeconfig_at_home_is_found(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".kube").mkdir()
    file.rename(tmp_path / ".kube" / "config")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG")
    assert load().url == "https://near:6443"


@pytest.mark.usefixtures("file")
def test_a_proxy_of_the_environment_is_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other:3128")
    assert load().proxy == "http://other:3128"
    assert load("there").proxy == "http://proxy:3128"
    monkeypatch.setenv("NO_PROXY", "localhost,near")
    assert load().proxy is None


def test_an_unknown_context_is_named_with_those_there_are(file: Path) -> None:
    assert why("nowhere") == (
        f"the kubeconfig {file} has no context 'nowhere': name one of here, there by "
        "`bin/pulumi config set kubeContext <context>`"
    )


def test_without_a_current_context_one_must_be_named(file: Path) -> None:
    file.write_text(FILE)
    assert why().startswith(f"the kubeconfig {file} has no current context: name one of here,")
    assert load("there").url == "https://far"


def test_without_a_kubeconfig_it_is_said_how_to_name_one(file: Path) -> None:
    file.unlink()
    assert why() == f"there is no kubeconfig {file}: name yours by KUBECONFIG"


def test_a_pod_s_own_account_that_is_not_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.unlink()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    assert why().endswith("Service token file does not exist.")


NO_FILE = FILE.replace("{server:", "{certificate-authority: /none, server:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "the kubeconfig {file} can't be used: while parsing a flow node"),
        ("- a list", "{file} has not the form of a kubeconfig"),
        ("text", "{file} has not the form of a kubeconfig"),
        ("{}", "the kubeconfig {file} has no contexts"),
        (CURRENT, "the kubeconfig {file} has no contexts"),
        ("contexts: 7\n" + CURRENT, "{file} has not the form of a kubeconfig"),
        (
            FILE.replace("cluster: near,", "") + CURRENT,
            "the kubeconfig {file} can't be used: Invalid kube-config file. Expected key cluster",
        ),
        (NO_FILE + CURRENT, "the kubeconfig {file} can't be used: File does not exists: /none"),
        (FILE.replace(", user: me", "") + CURRENT, "{file} has not the form of a kubeconfig"),
    ],
)
def test_a_broken_kubeconfig_is_named(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    assert why().startswith(said.replace("{file}", str(file)))


def test_a_binary_file_is_no_kubeconfig(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    assert why().startswith(f"the kubeconfig {file} can't be used: ")
