"""Where it is, and that nothing of it stays."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.kubernetes import control_plane
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.process import Ended, Process
from tools.kubernetes import build

ROOT = Path(__file__).resolve().parents[2]
START = """\
import sys, time
from pathlib import Path
from tests.kubernetes.process import Process
print(Process(["sleep", "60"], Path(sys.argv[1])).pid, flush=True)
time.sleep(60)
"""


@pytest.mark.kubernetes
def test_kubectl_reaches_it_by_its_kubeconfig(cluster: Cluster) -> None:
    done = subprocess.run(
        [build.MODULE.programs / "kubectl", "get", "--raw", "/version"],
        env={"KUBECONFIG": str(cluster.kubeconfig)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert f'"gitVersion": "{build.MODULE.version}"' in done.stdout


@pytest.mark.pure
def test_what_ends_by_itself_says_its_last_words(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo the disk is full; exit 3"], tmp_path)
    process._process.wait(10)
    with pytest.raises(Ended, match="sh has ended with code 3; its log:\nthe disk is full"):
        process.check()


@pytest.mark.pure
def test_a_process_is_over_once_it_is_stopped(tmp_path: Path) -> None:
    process = Process(["sleep", "60"], tmp_path)
    process.check()
    process.stop()
    assert not lives(process.pid)


@pytest.mark.pure
@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone ends it")
def test_a_process_ends_with_the_tests_that_are_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        pid = int(tests.stdout.readline())
        assert in_time(lambda: psutil.Process(pid).name() == "sleep")  # setpriv is done
        tests.kill()
    assert in_time(lambda: not lives(pid))


def in_time(so: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not so() and time.monotonic() < end:
        time.sleep(0.05)
    return so()


def lives(pid: int) -> bool:
    """Tell whether a process runs: one that nobody has waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.pure
@pytest.mark.parametrize(
    ("has_etcd", "is_built", "said"),
    [
        (False, True, "no etcd (Debian: apt-get install etcd-server)"),
        (True, False, "no Kubernetes (`python -m tools.kubernetes` builds it)"),
        (True, True, ""),
    ],
    ids=["no etcd", "not built", "all there"],
)
def test_it_says_what_the_machine_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, has_etcd: bool, is_built: bool, said: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(control_plane, "_path", lambda: str(tmp_path))
    if has_etcd:
        (tmp_path / "etcd").touch(mode=0o755)
    if is_built:
        build.MODULE.programs.mkdir(parents=True)
        (build.MODULE.programs / "kube-apiserver").touch()
    assert control_plane.missing() == said
