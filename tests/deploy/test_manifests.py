"""Compose file and Kubernetes manifests: against their schemas, against each other, and against what the app is."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app import app
from tests.browser.harness import ROOT

VERSION = "1.34"
"""Of Kubernetes: whose schemas the manifests are held against."""
MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
COMPOSE = ROOT / "deploy" / "compose.yaml"


def read(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def manifests() -> Mapping[str, dict[str, Any]]:
    """By kind: there is one of each."""
    found = [read(path) for path in MANIFESTS]
    by_kind = {one["kind"]: one for one in found}
    assert len(by_kind) == len(found)
    return by_kind


@pytest.fixture(scope="module")
def pod(manifests: Mapping[str, Any]) -> dict[str, Any]:
    return dict(manifests["Deployment"]["spec"]["template"])


@pytest.fixture(scope="module")
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (one,) = pod["spec"]["containers"]
    return dict(one)


def paths() -> set[str]:
    """What the app answers at by routes of its own, and Streamlit's health check."""
    return {route.path for route in app._user_routes} | {"/_stcore/health"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_has_its_schema(path: Path) -> None:
    kubernetes_validate.validate(read(path), VERSION, strict=True)


def test_the_schemas_refuse_what_is_wrong(manifests: Mapping[str, Any]) -> None:
    for wrong in ({"maxSurge": "one and a half"}, {"maxSurgee": 1}):
        broken = json.loads(json.dumps(manifests["Deployment"]))
        broken["spec"]["strategy"]["rollingUpdate"] = wrong if "maxSurgee" in wrong else {"maxSurge": [1]}
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, VERSION, strict=True)


def test_the_manifests_mean_each_other(manifests: Mapping[str, Any], pod: dict[str, Any]) -> None:
    assert set(manifests) == {"Deployment", "Service", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
    deployment, service = manifests["Deployment"], manifests["Service"]
    labels = pod["metadata"]["labels"]
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    scaled = manifests["HorizontalPodAutoscaler"]["spec"]
    target = {name: deployment[name] for name in ("apiVersion", "kind")}
    assert scaled["scaleTargetRef"] == target | {"name": deployment["metadata"]["name"]}
    # Two owners of one number would undo each other's.
    assert "replicas" not in deployment["spec"]
    assert 2 <= scaled["minReplicas"] < scaled["maxReplicas"]
    (rule,) = manifests["Ingress"]["spec"]["rules"]
    (entry,) = rule["http"]["paths"]
    named = {port["name"] for port in service["spec"]["ports"]}
    assert entry["backend"]["service"] == {"name": service["metadata"]["name"], "port": {"name": "http"}}
    assert named == {"http"}
    assert rule["host"] in manifests["Ingress"]["spec"]["tls"][0]["hosts"]
    # With the smallest number of pods one may go.
    assert manifests["PodDisruptionBudget"]["spec"]["maxUnavailable"] < scaled["minReplicas"]


def test_a_browser_is_kept_by_a_cookie_of_one_name(manifests: Mapping[str, Any]) -> None:
    ingress = manifests["Ingress"]["metadata"]["annotations"]
    service = manifests["Service"]["metadata"]["annotations"]
    prefix = "nginx.ingress.kubernetes.io/"
    assert ingress[f"{prefix}affinity"] == "cookie"
    assert ingress[f"{prefix}session-cookie-change-on-failure"] == "true"
    sticky = "traefik.ingress.kubernetes.io/service.sticky.cookie"
    assert service[sticky] == service[f"{sticky}.httponly"] == "true"
    assert ingress[f"{prefix}session-cookie-name"] == service[f"{sticky}.name"]
    for annotations in (ingress, service):
        assert all(isinstance(value, str) for value in annotations.values())


def test_the_pod_is_what_the_image_is(pod: dict[str, Any], container: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (port,) = container["ports"]
    assert f"EXPOSE {port['containerPort']}" in dockerfile
    assert f"USER {pod['spec']['securityContext']['runAsUser']}" in dockerfile
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")]
    assert {probe["path"] for probe in probes} <= paths()
    assert {probe["port"] for probe in probes} == {port["name"]}
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    # All that the image writes to is a volume where the rest may only be read.
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted == {"/tmp", *re.findall(r"JAX_COMPILATION_CACHE_DIR=(\S+)", dockerfile)}
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_one_process_has_one_core(container: dict[str, Any]) -> None:
    resources = container["resources"]
    assert resources["requests"]["cpu"] == resources["limits"]["cpu"] == "1"
    sizes = [int(resources[kind]["memory"].removesuffix("Gi")) for kind in ("requests", "limits")]
    assert sizes[0] < sizes[1]
    services = read(COMPOSE)["services"]
    limits = [service["deploy"]["resources"]["limits"] for name, service in services.items() if name != "nginx"]
    assert {limit["cpus"] for limit in limits} == {"1"}
    assert {limit["memory"] for limit in limits} == {f"{sizes[1]}G"}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name in ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        assert f"{name}=1 " in dockerfile


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_compose_file_has_its_schema(tmp_path: Path) -> None:
    done = checked(COMPOSE)
    assert done.returncode == 0, done.stdout
    broken = tmp_path / "compose.yaml"
    broken.write_text(COMPOSE.read_text(encoding="utf-8").replace("restart:", "restarts:"), encoding="utf-8")
    assert checked(broken).returncode == 1


def test_nginx_is_told_of_every_process() -> None:
    compose = read(COMPOSE)
    services = compose["services"]
    processes = {name: one for name, one in services.items() if name != "nginx"}
    assert len(processes) >= 2
    port = read(ROOT / "deploy/kubernetes/deployment.yaml")["spec"]["template"]["spec"]["containers"][0]["ports"][0]
    addresses = [f"{one['networks']['inside']['ipv4_address']}:{port['containerPort']}" for one in processes.values()]
    (script,) = services["nginx"]["command"]
    assert re.search(r"nginx\.sh (.*) > ", script)[1].split() == addresses  # type: ignore[index]
    assert set(services["nginx"]["depends_on"]) == set(processes)
    for mount in services["nginx"]["volumes"]:
        assert (COMPOSE.parent / mount.split(":")[0]).is_file()
    # None may start with a secret of its own: what one process signed the other would refuse.
    for one in processes.values():
        assert ":?" in one["environment"]["STREAMLIT_SERVER_COOKIE_SECRET"]
        assert not one.get("ports")
