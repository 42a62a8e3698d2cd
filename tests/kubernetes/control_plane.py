"""etcd, an API server, a controller manager and a scheduler, on this machine alone."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import urllib3

from tests.kubernetes import kubeconfig
from tests.kubernetes.certificates import Authority, Pair, new_key
from tests.kubernetes.ports import HOST, free_ports
from tests.kubernetes.process import Process
from tools.kubernetes import build

_READY_SECONDS = 60
_POLL_SECONDS = 0.05


def missing() -> str:
    """Say what this machine lacks to run one; empty where everything is at hand."""
    if shutil.which("etcd", path=_path()) is None:
        return "no etcd (Debian: apt-get install etcd-server)"
    if not (build.MODULE.programs / "kube-apiserver").exists():
        return "no Kubernetes (`python -m tools.kubernetes` builds it)"
    return ""


class ControlPlane:
    """Starts with its making; `stop` ends all that runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = build.MODULE.programs
        self._authority = Authority(folder)
        self._accounts_key = new_key(folder / "service-accounts.key")
        self._etcd, self._etcd_peer, self._port = free_ports(3)
        self._processes: list[Process] = []
        self.admin = self._authority.issue("admin", group="system:masters")
        self.kubeconfig = self._kubeconfig("admin", self.admin)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """Give where the API server listens."""
        return f"https://{HOST}:{self._port}"

    @property
    def authority(self) -> Path:
        """Give the certificate that the API server is known by."""
        return self._authority.certificate

    @property
    def pids(self) -> list[int]:
        """Give the ids of all processes."""
        return [process.pid for process in self._processes]

    def stop(self) -> None:
        """End the processes, the last one first: each can say goodbye to those it needs."""
        while self._processes:
            self._processes.pop().stop()

    def _start(self) -> None:
        self._run(self._etcd_command())
        self._wait_for(f"http://{HOST}:{self._etcd}/health")
        self._run(self._api_server_command())
        self._wait_for(f"{self.url}/readyz")
        self._run(self._controller_manager_command())
        self._run(self._scheduler_command())

    def _etcd_command(self) -> list[str]:
        clients, peers = f"http://{HOST}:{self._etcd}", f"http://{HOST}:{self._etcd_peer}"
        return [
            str(shutil.which("etcd", path=_path())),
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        ]

    def _api_server_command(self) -> list[str]:
        names = ("localhost", "kubernetes.default.svc", HOST, "10.96.0.1")
        server = self._authority.issue("kube-apiserver", hosts=names)
        return [
            str(self._programs / "kube-apiserver"),
            f"--etcd-servers=http://{HOST}:{self._etcd}",
            f"--bind-address={HOST}",
            f"--advertise-address={HOST}",
            f"--secure-port={self._port}",
            "--endpoint-reconciler-type=none",  # nothing in the cluster could reach it
            f"--tls-cert-file={server.certificate}",
            f"--tls-private-key-file={server.key}",
            f"--client-ca-file={self.authority}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self._accounts_key}",
            f"--service-account-signing-key-file={self._accounts_key}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction,PodSecurity,ResourceQuota",
            "--allow-privileged=true",  # as real clusters do: PodSecurity is what refuses
        ]

    def _controller_manager_command(self) -> list[str]:
        return [
            *self._controller("kube-controller-manager"),
            f"--service-account-private-key-file={self._accounts_key}",
            f"--root-ca-file={self.authority}",
            "--use-service-account-credentials=true",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
        ]

    def _scheduler_command(self) -> list[str]:
        return self._controller("kube-scheduler")

    def _controller(self, program: str) -> list[str]:
        """Name what both controllers are told: they serve nobody and have no rival."""
        user = f"system:{program}"
        return [
            str(self._programs / program),
            f"--kubeconfig={self._kubeconfig(program, self._authority.issue(user))}",
            "--leader-elect=false",
            "--secure-port=0",
            "--authentication-skip-lookup=true",
        ]

    def _kubeconfig(self, user: str, shown: Pair) -> Path:
        path = self._folder / f"{user}.kubeconfig"
        return kubeconfig.write(path, self.url, self.authority, user, shown)

    def _run(self, command: list[str]) -> None:
        self._processes.append(Process(command, self._folder))

    def _wait_for(self, url: str) -> None:
        """Ask until the process that was started last answers that it is well."""
        end = time.monotonic() + _READY_SECONDS
        with urllib3.PoolManager(
            ca_certs=str(self.authority),
            cert_file=str(self.admin.certificate),
            key_file=str(self.admin.key),
            retries=False,
        ) as pool:
            while time.monotonic() < end:
                self._processes[-1].check()
                with suppress(urllib3.exceptions.HTTPError):
                    if pool.request("GET", url, timeout=5).status == 200:
                        return
                time.sleep(_POLL_SECONDS)
        raise TimeoutError(f"{url} was not well within {_READY_SECONDS} s")


def _path() -> str:
    return f"{os.environ.get('PATH', '')}{os.pathsep}/usr/bin"
