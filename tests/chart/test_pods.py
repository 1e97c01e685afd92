"""Security, health, scaling: what every pod has."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.chart.chart_rendering import (
    COMBINATIONS,
    EVALUATION,
    PRODUCTION,
    ROOT,
    TOGGLES,
    containers,
    environment,
    of_kind,
    render,
    workloads,
)

CASES = {
    **{name: (files, {}) for name, files in COMBINATIONS.items()},
    "roles apart": TOGGLES["roles apart"],
}


@pytest.fixture(params=CASES)
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return render(*CASES[request.param])


def test_pods_are_restricted(objects: list[dict[str, Any]]) -> None:
    for name, template in workloads(objects).items():
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, (name, container["name"])
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_every_process_of_a_service_is_told_its_role(objects: list[dict[str, Any]]) -> None:
    packages = {path.name for path in (ROOT / "services").iterdir()} - {"simulator"}
    for name, template in workloads(objects).items():
        for container in containers(template):
            if container["image"].split("/")[-1].split(":")[0].split("@")[0] in packages:
                assert container.get("args"), (name, container["name"])


def test_pods_hold_no_token_of_the_cluster_and_have_accounts_of_their_own(
    objects: list[dict[str, Any]],
) -> None:
    accounts = of_kind(objects, "ServiceAccount")

    assert all(each["automountServiceAccountToken"] is False for each in accounts.values())
    for name, template in workloads(objects).items():
        assert template["spec"]["automountServiceAccountToken"] is False, name
    for name, each in of_kind(objects, "Deployment").items():
        account = each["spec"]["template"]["spec"]["serviceAccountName"]
        assert account in accounts
        assert account == name.removesuffix("-work")


def test_memory_is_limited_to_what_is_requested_and_cpu_is_not_limited(
    objects: list[dict[str, Any]],
) -> None:
    for name, template in workloads(objects).items():
        for container in containers(template):
            resources = container["resources"]
            assert resources["limits"] == {"memory": resources["requests"]["memory"]}, (
                name,
                container["name"],
            )
            assert resources["requests"]["cpu"]


def test_probes_are_patient_and_nothing_but_the_process_stops_it(
    objects: list[dict[str, Any]],
) -> None:
    for name, each in of_kind(objects, "Deployment").items():
        pod = each["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert "lifecycle" not in container
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["timeoutSeconds"] >= 3, (name, probe)
        assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        told = environment(container)
        assert pod["terminationGracePeriodSeconds"] > float(told["DRAIN_SECONDS"]) + float(
            told["STOP_SECONDS"]
        )


def test_no_secret_is_written_into_a_pod(objects: list[dict[str, Any]]) -> None:
    for name, template in workloads(objects).items():
        for container in containers(template):
            for variable, value in environment(container).items():
                if re.search(r"PASSWORD|SECRET|API_KEY|ENCRYPTION_KEY", variable):
                    assert isinstance(value, dict), (name, variable)


def test_every_deployment_may_lose_one_pod_at_a_time(objects: list[dict[str, Any]]) -> None:
    budgets = of_kind(objects, "PodDisruptionBudget")

    for name, each in of_kind(objects, "Deployment").items():
        assert budgets[name]["spec"]["maxUnavailable"] == 1
        assert budgets[name]["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        assert budgets[name]["spec"]["selector"] == each["spec"]["selector"]


def test_a_count_is_stated_only_where_no_autoscaler_counts(objects: list[dict[str, Any]]) -> None:
    scalers = of_kind(objects, "HorizontalPodAutoscaler")

    for name, each in of_kind(objects, "Deployment").items():
        assert ("replicas" in each["spec"]) is (name not in scalers), name


def test_an_autoscaler_s_patience_is_a_value() -> None:
    scaling = {
        "enabled": True,
        "min": 3,
        "max": 9,
        "cpuPercent": 50,
        "scaleUpStabilizationSeconds": 7,
        "scaleDownStabilizationSeconds": 77,
    }
    scaler = of_kind(
        render(EVALUATION, {"services": {"cart": {"autoscaling": scaling}}}),
        "HorizontalPodAutoscaler",
    )["shop-cart"]["spec"]

    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 9)
    assert scaler["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 7
    assert scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 77


def test_roles_have_counts_of_their_own() -> None:
    deployments = of_kind(render(PRODUCTION), "Deployment")

    assert deployments["shop-checkout"]["spec"]["replicas"] == 3
    assert deployments["shop-checkout-work"]["spec"]["replicas"] == 2


def test_the_bundled_database_has_room_for_every_pool_at_its_largest() -> None:
    objects = render(
        EVALUATION,
        {
            "services": {
                "cart": {"autoscaling": {"enabled": True, "max": 6}, "database": {"poolSize": 10}}
            }
        },
    )
    arguments = of_kind(objects, "StatefulSet")["shop-postgres"]["spec"]["template"]["spec"][
        "containers"
    ][0]["args"]

    (given,) = [
        int(each.partition("=")[2]) for each in arguments if each.startswith("max_connections=")
    ]
    # Five services with 2 pods, and 2 more in a rollout, of 6 + 2 connections; cart with 6 + 2 pods
    # of 10 + 2; 20 for people.
    assert given == 5 * (2 + 2) * (6 + 2) + (6 + 2) * (10 + 2) + 20


def test_the_bundled_broker_keeps_within_its_memory_and_its_claim() -> None:
    objects = render(
        EVALUATION, {"bundled": {"nats": {"memoryMi": 512, "storage": {"sizeGi": 10}}}}
    )
    text = of_kind(objects, "ConfigMap")["shop-nats"]["data"]["nats.conf"]

    assert "max_mem: 128MB, max_file: 9216MB" in text
    container = of_kind(objects, "StatefulSet")["shop-nats"]["spec"]["template"]["spec"][
        "containers"
    ][0]
    assert container["resources"]["limits"]["memory"] == "512Mi"


def test_a_test_s_pod_stays_until_the_next_run() -> None:
    pod = of_kind(render(EVALUATION), "Pod")["shop-test"]

    assert pod["metadata"]["annotations"] == {
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation",
    }
    assert of_kind(render(PRODUCTION), "Pod") == {}
