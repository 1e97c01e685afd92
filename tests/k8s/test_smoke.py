"""The chart on a real cluster: installed, one story, one refused connection, uninstalled.

It runs where CLUSTER_TESTS says so, on the cluster of KUBECONFIG, in a namespace of its own. `make
e2e-k8s` does much more.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator

import pytest

from chassis.testing import eventually
from stack.containers.images import Builder, all_images, engine
from stack.kubernetes.cluster import Cluster, load
from stack.kubernetes.faults import Report
from stack.kubernetes.fences import Fences
from stack.kubernetes.installation import Release

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("CLUSTER_TESTS"),
        reason="the smoke on a cluster: CLUSTER_TESTS is not set",
    ),
    pytest.mark.xdist_group("cluster"),
    # Building the images of a clean clone takes most of it.
    pytest.mark.timeout(1200),
]


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    images = Builder(engine()).ensure(all_images())
    load([*images.values(), "postgres:17", "nats:2"])
    cluster = Cluster(f"sojourn-smoke-{uuid.uuid4().hex[:6]}")
    cluster.create()
    try:
        release = Release.from_images(cluster, images, replicas=1)
        release.install()
        yield release
    finally:
        cluster.delete()


def test_a_guest_buys_through_the_gateway(release: Release) -> None:
    said = release.cluster.helm("test", release.cluster.release, "--logs")

    assert "is placed" in said
    assert "is cancelled" in said


def test_the_topology_is_open_and_all_else_is_closed(release: Release) -> None:
    fences, host = (
        Fences(release, Report(print)),
        f"{release.name('simulator')}.{release.cluster.namespace}.svc.cluster.local",
    )

    assert fences.connects(release.cluster.pods("checkout")[0].name, host, 8090) == "open"
    assert fences.connects(release.cluster.pods("cart")[0].name, host, 8090) == "refused"


async def test_uninstalling_leaves_secrets_and_claims_and_nothing_else(release: Release) -> None:
    release.cluster.helm("uninstall", release.cluster.release, "--wait")

    def staying() -> set[str]:
        kinds = "all,secrets,persistentvolumeclaims,configmaps,networkpolicies"
        left = json.loads(
            release.cluster.kubectl(
                "get", kinds, "-l", "app.kubernetes.io/name=sojourn", "-o", "json"
            )
        )["items"]
        return {
            each["kind"]
            for each in left
            if "deletionTimestamp" not in each["metadata"]
            and "helm.sh/hook" not in each["metadata"].get("annotations", {})
        }

    # The garbage collector comes to the pods of a ReplicaSet that is gone a moment later.
    await eventually(lambda: staying() == {"Secret", "PersistentVolumeClaim"}, within=60)
