"""Small objects that the tests of the harness apply."""

from __future__ import annotations

from tests.kubernetes.api import Object

IMAGE = "example/server:1"


def metadata(namespace: str, name: str) -> Object:
    return {"namespace": namespace, "name": name, "labels": {"app": name}}


def storage_class(name: str, **more: object) -> Object:
    """Give a class whose driver nobody has."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": "driver.example.com",
        "volumeBindingMode": "WaitForFirstConsumer",
        **more,
    }


def pod_template(name: str, **of_container: object) -> Object:
    """Give pods that PodSecurity's strictest level lets pass."""
    container = {
        "name": "server",
        "image": IMAGE,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        **of_container,
    }
    context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [container], "securityContext": context},
    }


def pod(namespace: str, name: str, **of_container: object) -> Object:
    template = pod_template(name, **of_container)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(namespace, name),
        "spec": template["spec"],
    }


def deployment(namespace: str, name: str, *, replicas: int = 2, **of_container: object) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(namespace, name),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": pod_template(name, **of_container),
        },
    }


def stateful_set(namespace: str, name: str, class_name: str, *, replicas: int = 1) -> Object:
    """Give a set whose pods have a claim each, named data-<name>-<index>."""
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": class_name,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    mounted = [{"name": "data", "mountPath": "/data"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(namespace, name),
        "spec": {
            "replicas": replicas,
            "serviceName": name,
            "selector": {"matchLabels": {"app": name}},
            "template": pod_template(name, volumeMounts=mounted),
            "volumeClaimTemplates": [claim],
        },
    }


def service(namespace: str, name: str, **spec: object) -> Object:
    ports = [{"name": "postgresql", "port": 5432}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(namespace, name),
        "spec": {"selector": {"app": name}, "ports": ports, **spec},
    }


def budget(namespace: str, name: str, least: int) -> Object:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(namespace, name),
        "spec": {"minAvailable": least, "selector": {"matchLabels": {"app": name}}},
    }


def quota(namespace: str, **hard: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(namespace, "quota"),
        "spec": {"hard": hard},
    }


def claim(namespace: str, name: str) -> Object:
    """Name a claim that a StatefulSet has made."""
    kind = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
    return {**kind, "metadata": {"namespace": namespace, "name": name}}


def job(namespace: str, name: str) -> Object:
    template = pod_template(name)
    template["spec"]["restartPolicy"] = "Never"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(namespace, name),
        "spec": {"backoffLimit": 0, "template": template},
    }


def secret(namespace: str, name: str, **data: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(namespace, name),
        "stringData": data,
    }
