"""The policies let through what the topology says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.chart_rendering import (
    COMBINATIONS,
    EVALUATION,
    PRODUCTION,
    containers,
    of_kind,
    render,
    workloads,
)

Rule = tuple[str, int]
SERVICES = ("identity", "catalog", "cart", "checkout", "notifications", "journey", "gateway")
DNS_PORT = 53


def components(peers: list[dict[str, Any]]) -> list[str]:
    """Components of the release that peers select; `*` is all of it, `outside` anything else."""
    found = []
    for peer in peers:
        labels = peer.get("podSelector", {}).get("matchLabels", {})
        if (
            "namespaceSelector" in peer
            or "ipBlock" in peer
            or labels.get("app.kubernetes.io/instance") != "shop"
        ):
            found.append("outside")
        else:
            found.append(labels.get("app.kubernetes.io/component", "*"))
    return found


def allowed(policy: dict[str, Any], direction: str) -> set[Rule]:
    """(component, port) that a policy opens in a direction, name servers apart."""
    key = "from" if direction == "ingress" else "to"
    return {
        (component, port["port"])
        for rule in policy["spec"].get(direction) or []
        for component in components(rule[key])
        for port in rule["ports"]
        if port["port"] != DNS_PORT
    }


@pytest.fixture(params=COMBINATIONS)
def policies(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    found = of_kind(render(COMBINATIONS[request.param]), "NetworkPolicy")
    return {name.removeprefix("shop-"): policy for name, policy in found.items()}


def test_what_is_not_allowed_is_denied_both_ways(policies: dict[str, dict[str, Any]]) -> None:
    deny = policies["default-deny"]["spec"]

    assert deny["podSelector"] == {
        "matchLabels": {"app.kubernetes.io/name": "sojourn", "app.kubernetes.io/instance": "shop"}
    }
    assert set(deny["policyTypes"]) == {"Ingress", "Egress"}
    assert not deny.get("ingress")
    assert not deny.get("egress")
    assert all(
        set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"} for policy in policies.values()
    )


@pytest.mark.parametrize("files", COMBINATIONS.values(), ids=COMBINATIONS)
def test_every_pod_is_under_a_policy(files: tuple[str, ...]) -> None:
    objects = render(files)
    covered = {
        policy["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component")
        for policy in of_kind(objects, "NetworkPolicy").values()
    }

    for name, template in workloads(objects).items():
        assert template["metadata"]["labels"]["app.kubernetes.io/component"] in covered, name


def test_whoever_may_go_out_to_a_service_may_come_in_there(
    policies: dict[str, dict[str, Any]],
) -> None:
    for name, policy in policies.items():
        for target, port in allowed(policy, "egress"):
            if target in policies:
                callers = {
                    caller
                    for caller, opened in allowed(policies[target], "ingress")
                    if opened == port
                }
                assert {name, "*"} & callers, (
                    f"{name} may go out to {target}:{port}, which lets in {callers}"
                )


def test_whoever_is_let_in_may_go_out_there(policies: dict[str, dict[str, Any]]) -> None:
    for name, policy in policies.items():
        for caller, port in allowed(policy, "ingress"):
            if caller in policies:
                assert (name, port) in allowed(policies[caller], "egress"), (
                    f"{name} lets {caller} in at {port}, who may not go out"
                )


def test_calls_go_where_the_topology_says() -> None:
    policies = of_kind(render(EVALUATION), "NetworkPolicy")
    servers: set[Rule] = {("postgres", 5432), ("nats", 4222), ("sink", 4318)}

    assert allowed(policies["shop-cart"], "egress") == {
        ("catalog", 50051),
        ("identity", 50051),
        *servers,
    }
    assert allowed(policies["shop-gateway"], "egress") == {
        *((name, 50051) for name in SERVICES if name != "gateway"),
        ("nats", 4222),
        ("sink", 4318),
    }
    assert allowed(policies["shop-simulator"], "egress") == {("gateway", 8080), ("sink", 4318)}
    assert allowed(policies["shop-web"], "egress") == {("gateway", 8080), ("sink", 4318)}
    assert allowed(policies["shop-postgres"], "egress") == set()
    assert {component for component, _ in allowed(policies["shop-postgres"], "ingress")} == {
        "postgres-databases",
        *(name for name in SERVICES if name != "gateway"),
    }


def test_gateway_and_pages_are_reached_from_outside_and_metrics_where_they_are_wanted() -> None:
    policies = of_kind(render(PRODUCTION), "NetworkPolicy")

    for name in (*SERVICES, "web"):
        outside = {
            port
            for component, port in allowed(policies[f"shop-{name}"], "ingress")
            if component == "outside"
        }
        assert outside == ({8080, 9090} if name in ("gateway", "web") else {9090})


def test_public_https_is_for_named_services_and_for_no_private_range() -> None:
    policies = of_kind(render(PRODUCTION), "NetworkPolicy")

    public = {
        name: peer["ipBlock"]["except"]
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", [])
        for peer in rule["to"]
        if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    }

    assert list(public) == ["shop-checkout"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(
        public["shop-checkout"]
    )


def test_an_external_server_is_a_peer_of_those_that_use_it() -> None:
    policies = of_kind(render(COMBINATIONS["external-operator"]), "NetworkPolicy")
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "databases"}},
        "podSelector": {"matchLabels": {"cnpg.io/cluster": "pg"}},
    }

    users = {
        name
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", [])
        if peer in rule["to"]
    }
    assert users == {f"shop-{name}" for name in SERVICES if name != "gateway"}


def test_migrations_reach_a_pooler_s_server_too() -> None:
    objects = render(COMBINATIONS["managed"], {"database": {"directPort": 6543}})
    policy = of_kind(objects, "NetworkPolicy")["shop-cart"]

    assert {port for component, port in allowed(policy, "egress") if component == "outside"} >= {
        5432,
        6543,
    }
    migrate = containers(of_kind(objects, "Deployment")["shop-cart"]["spec"]["template"])[0]
    urls = {
        each["name"]: each.get("value", "")
        for each in migrate["env"]
        if each["name"].endswith("DATABASE_URL")
    }
    assert (
        "@shop.0example.eu-central-1.rds.amazonaws.com:6543/cart?sslmode=verify-full"
        in urls["MIGRATE_DATABASE_URL"]
    )
    assert "@shop.proxy-0example.eu-central-1.rds.amazonaws.com:5432/cart" in urls["DATABASE_URL"]


def test_name_servers_are_those_of_the_values() -> None:
    dns = {
        "to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}],
        "ports": [{"port": 5353, "protocol": "UDP"}],
    }

    for name, policy in of_kind(
        render(PRODUCTION, {"networkPolicy": {"dns": dns}}), "NetworkPolicy"
    ).items():
        if name != "shop-default-deny":
            assert {"to": dns["to"], "ports": dns["ports"]} in policy["spec"]["egress"], name
