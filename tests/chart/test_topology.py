"""The chart's topology is the stack's: calls, broker permissions, and environments."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stack import binaries
from stack.permissions import of_all
from stack.platform import Platform
from stack.topology import COMPONENTS, Component
from tests.chart.chart_rendering import EVALUATION, container_of, environment, of_kind, render

SERVICES = [component for component in COMPONENTS if component.broker]
# Set by the cluster or by an image, or wanted on one machine only; the synthetic shopper is off by
# default in a cluster.
ONLY_HERE = {"SINK_URL", "SYNTHETIC_API_KEY", "INSIGHT_SECONDS"}


def named(component: Component) -> str:
    return component.name


def permissions(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Permissions of each user in the bundled broker's configuration."""
    text = of_kind(objects, "ConfigMap")["shop-nats"]["data"]["nats.conf"]
    found = re.findall(
        r"\{user: (\S+), password: \$\S+, permissions: (\{.*\})\}$", text, flags=re.MULTILINE
    )
    return {user: json.loads(allowed) for user, allowed in found}


@pytest.mark.parametrize("clock", ["real", "virtual"])
def test_the_broker_lets_each_user_do_what_it_does_on_one_machine(clock: str) -> None:
    def sorted_lists(allowed: Any) -> Any:
        return {
            user: {way: sorted(rules["allow"]) for way, rules in each.items()}
            for user, each in allowed.items()
        }

    objects = render(EVALUATION, {"clock": clock})

    assert sorted_lists(permissions(objects)) == sorted_lists(
        of_all(COMPONENTS, is_virtual=clock == "virtual")
    )


def test_the_broker_takes_any_password_for_a_text(tmp_path: Path) -> None:
    """A foreign Secret may hold a number, a size or a switch of the broker's configuration."""
    objects = render(EVALUATION)
    env = of_kind(objects, "StatefulSet")["shop-nats"]["spec"]["template"]["spec"]["containers"][0][
        "env"
    ]
    odd = itertools.cycle(["5k2abc", "12", "true", '$x"y\\', "#{[", "1e5"])
    secrets = {each["name"]: next(odd) for each in env if "valueFrom" in each}
    text = of_kind(objects, "ConfigMap")["shop-nats"]["data"]["nats.conf"].replace(
        "/data", str(tmp_path / "data")
    )
    # As a kubelet puts them in.
    variables = {
        each["name"]: re.sub(r"\$\((\w+)\)", lambda found: secrets[found[1]], each["value"])
        for each in env
        if "valueFrom" not in each
    }
    config = tmp_path / "nats.conf"
    config.write_text(text)

    tried = subprocess.run(
        [binaries.nats_server(), "-t", "-c", config],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (tried.returncode, "is valid" in tried.stderr) == (0, True), tried.stderr
    assert set(re.findall(r"password: \$(\S+),", text)) <= set(variables)


@pytest.mark.parametrize("component", SERVICES, ids=named)
def test_a_process_knows_the_peers_and_the_database_that_the_topology_states(
    component: Component,
) -> None:
    found = environment(container_of(render(EVALUATION), f"shop-{component.name}"))

    assert {name for name in found if name.endswith("_TARGET")} == {
        f"{peer.upper()}_TARGET" for peer in component.peers
    }
    assert ("DATABASE_URL" in found) is component.database
    assert ("CLIENT_SECRET" in found) is (component.client_scopes is not None)


def test_an_entry_of_the_values_replaces_what_the_topology_states() -> None:
    found = environment(
        container_of(
            render(EVALUATION, {"services": {"cart": {"calls": ["catalog"]}}}), "shop-cart"
        )
    )

    assert "CATALOG_TARGET" in found
    assert "IDENTITY_TARGET" not in found


@pytest.mark.parametrize("component", SERVICES, ids=named)
def test_a_process_is_told_all_that_it_is_told_on_one_machine(
    tmp_path: Path, component: Component
) -> None:
    told = set(Platform(home=tmp_path / "home").environment(f"{component.name}-1"))

    found = environment(container_of(render(EVALUATION), f"shop-{component.name}"))

    empty = {
        "TRACE_URL"
    }  # Empty in a trial: there is no address at which a browser reaches the sink.
    assert told - ONLY_HERE - empty <= set(found)


def test_identity_s_clients_keep_their_secrets_in_their_own_secret() -> None:
    found = environment(container_of(render(EVALUATION), "shop-identity"))

    clients = json.loads(found["SERVICE_CLIENTS"])
    stated = {
        each.name: (each.client_scopes, each.acts_at)
        for each in COMPONENTS
        if each.client_scopes is not None
    }
    assert {
        name: (tuple(client["scopes"]), tuple(client["acts_at"]))
        for name, client in clients.items()
    } == stated
    for name, client in clients.items():
        variable = client["secret"].removeprefix("$(").removesuffix(")")
        assert found[variable] == {"secretKeyRef": {"name": f"shop-{name}", "key": "CLIENT_SECRET"}}


@pytest.mark.parametrize("component", [each for each in SERVICES if each.database], ids=named)
def test_what_serves_has_no_ddl_and_makes_no_stream(component: Component) -> None:
    pod = of_kind(render(EVALUATION), "Deployment")[f"shop-{component.name}"]["spec"]["template"][
        "spec"
    ]

    (migrate,), (serving,) = pod["initContainers"], pod["containers"]
    assert migrate["args"] == ["migrate"]
    assert {"MIGRATE_DATABASE_URL", "MIGRATE_NATS_URL"} <= set(environment(migrate))
    assert not any(name.startswith("MIGRATE") for name in environment(serving))
    assert f"//{component.name}:" in environment(serving)["DATABASE_URL"]
    assert f"//{component.name}_owner:" in environment(migrate)["MIGRATE_DATABASE_URL"]


def test_peers_are_found_by_every_address_of_a_headless_service() -> None:
    objects = render(EVALUATION)

    assert (
        environment(container_of(objects, "shop-cart"))["CATALOG_TARGET"]
        == "dns:///shop-catalog.shop-ns.svc.cluster.local.:50051"
    )
    for name, service in of_kind(objects, "Service").items():
        if any(port["name"] == "grpc" for port in service["spec"]["ports"]):
            assert service["spec"]["clusterIP"] == "None", name


def test_a_synthetic_shopper_is_off_by_default_and_reaches_the_gateway_only() -> None:
    without = [
        each["metadata"]["name"] for each in render(EVALUATION) if each["kind"] == "Deployment"
    ]
    manifests = render(EVALUATION, {"synthetic": {"enabled": True, "everySeconds": 30}})

    assert "shop-shopper" not in without
    found = environment(container_of(manifests, "shop-shopper"))
    assert found["EVERY_SECONDS"] == "30"
    assert found["GATEWAY_URL"].startswith("http://shop-gateway.")
    assert "SYNTHETIC_API_KEY" in found
    assert environment(container_of(manifests, "shop-catalog"))["SYNTHETIC_PRODUCT"] == "true"
    assert "SYNTHETIC_API_KEY" in environment(container_of(manifests, "shop-identity"))
    assert (
        environment(container_of(render(EVALUATION), "shop-catalog"))["SYNTHETIC_PRODUCT"]
        == "false"
    )


def test_a_synthetic_shopper_without_the_simulator_is_refused() -> None:
    with pytest.raises(Exception, match="a synthetic shopper pays at the payment simulator only"):
        render(
            EVALUATION,
            {
                "synthetic": {"enabled": True},
                "services": {"simulator": {"enabled": False}},
                "payments": {"provider": "acme"},
            },
        )
