"""The chart renders the values of the cluster run, and the run reads the cluster's answers."""

from __future__ import annotations

from stack.containers.images import all_images
from stack.kubernetes.cluster import Cluster, Pod
from stack.kubernetes.faults import SERVICES
from stack.kubernetes.installation import OWN, Release
from stack.kubernetes.scaling import SCALED, SERVICE
from stack.topology import COMPONENTS
from tests.chart.chart_rendering import CHART as CHART_FOLDER
from tests.chart.chart_rendering import documents, environment, helm, of_kind, workloads

IMAGES = {image.name: f"{image.repository}:tag-of-{image.name}" for image in all_images()}


def a_release() -> Release:
    return Release(Cluster("sojourn-e2e-x"), IMAGES, simulator_port=12_345)


def test_every_pod_has_the_image_that_was_built_for_it() -> None:
    objects = list(
        documents(helm("template", "e2e", str(CHART_FOLDER), values=a_release().values()))
    )

    images = {
        name: template["spec"]["containers"][0]["image"]
        for name, template in workloads(objects).items()
    }
    for name in OWN:
        image = "stack" if name in ("mailbox", "sink") else name
        assert images[f"Deployment/e2e-{name}"] == IMAGES[image]
    assert images["Pod/e2e-test"] == images["Deployment/e2e-shopper"] == IMAGES["stack"]


def test_the_run_knows_every_component() -> None:
    assert set(OWN) == {component.name for component in COMPONENTS}
    assert set(SERVICES) == {component.name for component in COMPONENTS if component.broker}


def test_the_autoscaler_s_values_keep_the_rest_of_the_service() -> None:
    release = a_release()
    values = release.values({SERVICE: {**release.values()["services"][SERVICE], **SCALED[SERVICE]}})

    objects = list(documents(helm("template", "e2e", str(CHART_FOLDER), values=values)))

    deployment = of_kind(objects, "Deployment")["e2e-gateway"]
    assert "replicas" not in deployment["spec"]
    assert (
        environment(deployment["spec"]["template"]["spec"]["containers"][0])[
            "RATE_LIMIT_PER_MINUTE"
        ]
        == "1000000"
    )


def test_a_pod_is_read_with_what_kills_and_counts_it() -> None:
    found = Pod.from_document(
        {
            "metadata": {
                "name": "e2e-cart-1",
                "labels": {"app.kubernetes.io/component": "cart"},
                "deletionTimestamp": "now",
            },
            "status": {
                "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [{"containerID": "containerd://abc", "restartCount": 2}],
            },
        }
    )

    assert found == Pod(
        "e2e-cart-1", "cart", is_ready=True, is_going=True, container_id="abc", restarts=2
    )
