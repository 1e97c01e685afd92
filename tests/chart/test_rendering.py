"""Every example and every switch renders; what cannot work is refused in words."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.chart.chart_rendering import (
    CHART,
    COMBINATIONS,
    EVALUATION,
    EXAMPLES,
    PRODUCTION,
    TOGGLES,
    Refused,
    container_of,
    documents,
    environment,
    helm,
    of_kind,
    render,
    text,
)

CASES = {**{name: (files, {}) for name, files in COMBINATIONS.items()}, **TOGGLES}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], dict[str, Any]]:
    found: tuple[tuple[str, ...], dict[str, Any]] = CASES[request.param]
    return found


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart as it is shipped."""
    folder = tmp_path_factory.mktemp("package")
    helm("package", str(CHART), "--destination", str(folder))
    return next(folder.glob("*.tgz"))


def test_every_example_is_in_the_tests() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == set(COMBINATIONS)


def test_what_is_rendered_has_names_of_its_own(
    case: tuple[tuple[str, ...], dict[str, Any]],
) -> None:
    objects = render(*case)

    names = Counter((each["kind"], each["metadata"]["name"]) for each in objects)
    assert [name for name, count in names.items() if count > 1] == []
    assert {"Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"} <= {
        each["kind"] for each in objects
    }


@pytest.mark.parametrize("files", COMBINATIONS.values(), ids=COMBINATIONS)
def test_the_linter_finds_nothing(files: tuple[str, ...]) -> None:
    said = helm(
        "lint",
        "--strict",
        str(CHART),
        *(part for name in files for part in ("--values", str(EXAMPLES / f"{name}.yaml"))),
    )

    assert "0 chart(s) failed" in said


@pytest.mark.parametrize(
    "files", [PRODUCTION, (*PRODUCTION, "httproute")], ids=["production", "httproute"]
)
def test_the_package_renders_what_the_folder_does(package: Path, files: tuple[str, ...]) -> None:
    assert text(files, chart=package) == text(files)


@pytest.mark.parametrize("folder", ["dashboards", "alerts"])
def test_the_package_holds_what_the_links_lead_to(package: Path, folder: str) -> None:
    names = {path.name for path in (CHART / folder).iterdir() if not path.name.startswith(".")}
    import tarfile

    with tarfile.open(package) as archive:
        packed = {Path(name).name for name in archive.getnames() if f"/{folder}/" in name}

    assert names <= packed


@pytest.mark.parametrize("name", [name for name in COMBINATIONS if name != "evaluation"])
def test_with_secrets_of_one_s_own_two_renderings_are_the_same(name: str) -> None:
    assert text(COMBINATIONS[name]) == text(COMBINATIONS[name])


def test_only_what_is_bundled_generates_secrets() -> None:
    assert of_kind(render(PRODUCTION), "Secret") == {}
    generated = of_kind(render(EVALUATION), "Secret")
    assert {
        f"shop-{name}" for name in ("postgres", "shared", "cart", "identity", "gateway")
    } <= set(generated)
    assert all(
        each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
        for each in generated.values()
    )


@pytest.mark.parametrize(
    ("typo", "words"),
    [
        ({"servces": {}}, "additional properties 'servces' not allowed"),
        (
            {"services": {"cart": {"replica": 3}}},
            "at '/services/cart': additional properties 'replica' not allowed",
        ),
        (
            {"services": {"cart": {"resources": {"memory": "1GB"}}}},
            "at '/services/cart/resources/memory'",
        ),
        (
            {"networkPolicy": {"ingresFrom": []}},
            "at '/networkPolicy': additional properties 'ingresFrom' not allowed",
        ),
        (
            {"telemetry": {"serviceMonitor": {"enabled": "yes"}}},
            "at '/telemetry/serviceMonitor/enabled'",
        ),
        ({"services": {"cart": {"env": {"lower": "1"}}}}, "at '/services/cart/env'"),
        (
            {"services": {"cart": {"probes": {"timeoutSeconds": 1}}}},
            "at '/services/cart/probes/timeoutSeconds'",
        ),
    ],
)
def test_a_typo_is_refused_with_its_place(typo: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as refusal:
        text(PRODUCTION, typo)

    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("files", "values", "words"),
    [
        (PRODUCTION, {"secrets": {"existing": {"cart": ""}}}, "secrets.existing.cart: name a "
                                                              "Secret with CLIENT_SECRET, "
                                                              "DATABASE_PASSWORD"),
        (PRODUCTION, {"database": {"to": []}}, "database.to: NetworkPolicies know no host names"),
        (PRODUCTION, {"nats": {"to": []}}, "nats.to: NetworkPolicies know no host names"),
        (PRODUCTION, {"mail": {"to": []}}, "mail.to: NetworkPolicies know no host names"),
        (PRODUCTION, {"telemetry": {"otlpTo": []}}, "telemetry.otlpTo: NetworkPolicies know no "
                                                    "host names"),
        (PRODUCTION, {"database": {"maxConnections": 100}}, "more than 100"),
        (PRODUCTION, {"services": {"simulator": {"enabled": True}}}, "the payment simulator "
                                                                     "takes no money"),
        (PRODUCTION, {"bundled": {"enabled": True}}, "the payment simulator takes no money"),
        (PRODUCTION, {"payments": {"provider": "simulator"}}, "payments.provider: name the "
                                                              "payment provider"),
        (PRODUCTION, {"clock": "virtual"}, "virtual time is refused"),
        (PRODUCTION, {"networkPolicy": {"ingressFrom": []}}, "networkPolicy.ingressFrom"),
        (PRODUCTION, {"telemetry": {"scrapeAnnotations": True,
        "serviceMonitor": {"enabled": True}}}, "scraped twice"),
        (PRODUCTION, {"services": {"cart": {"calls": ["catalgo"]}}}, "there is no service catalgo"),
        (EVALUATION, {"publicUrl": ""}, "publicUrl: where do customers reach the gateway?"),
        (EVALUATION, {"services": {"simulator": {"replicas": 2}}}, "a claim belongs to one pod"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_in_words(
    files: tuple[str, ...], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        text(files, values)

    assert words in str(refusal.value)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        text()

    for missing in (
        "publicUrl",
        "database.host",
        "nats.host",
        "mail.host",
        "payments.provider",
        "secrets.existing.shared",
    ):
        assert f"- {missing}" in str(refusal.value)


def test_a_new_service_is_a_values_entry() -> None:
    loyalty = {
        "calls": ["identity"],
        "publishes": ["events.sojourn.loyalty.>"],
        "consumes": ["events.sojourn.checkout.>"],
    }

    objects = render(
        EVALUATION, {"services": {"loyalty": loyalty, "gateway": {"calls": ["loyalty"]}}}
    )

    name = "shop-loyalty"
    for kind in (
        "Deployment",
        "Service",
        "ServiceAccount",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Secret",
    ):
        assert name in of_kind(objects, kind), kind
    assert "{user: loyalty" in of_kind(objects, "ConfigMap")["shop-nats"]["data"]["nats.conf"]
    assert (
        "CREATE DATABASE"
        in of_kind(objects, "ConfigMap")["shop-postgres-databases"]["data"]["databases.sql"]
    )
    assert "LOYALTY_TARGET" in json.dumps(of_kind(objects, "Deployment")["shop-gateway"])


def test_an_image_may_be_named_by_its_digest_and_comes_from_one_registry() -> None:
    objects = render(
        PRODUCTION, {"images": {"digests": {"cart": f"sha256:{'0' * 64}"}, "tag": "1.2.3"}}
    )

    images = {
        name: each["spec"]["template"]["spec"]["containers"][0]["image"]
        for name, each in of_kind(objects, "Deployment").items()
    }
    assert images["shop-cart"] == f"registry.example/sojourn/cart@sha256:{'0' * 64}"
    assert images["shop-catalog"] == "registry.example/sojourn/catalog:1.2.3"


def test_a_pod_gets_what_its_place_asks_for() -> None:
    wishes = {
        "podAnnotations": {"note": "x"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "shop", "operator": "Exists"}],
        "priorityClassName": "high",
        "volumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "volumeMounts": [{"name": "ca", "mountPath": "/ca"}],
        "env": {"SHOP": "{{ .Release.Name }}"},
        "resources": {"cpuLimit": "2"},
    }
    pod = of_kind(render(PRODUCTION, {"services": {"cart": wishes}}), "Deployment")["shop-cart"][
        "spec"
    ]["template"]

    assert pod["metadata"]["annotations"]["note"] == "x"
    assert (pod["spec"]["nodeSelector"], pod["spec"]["priorityClassName"]) == (
        {"disk": "ssd"},
        "high",
    )
    assert pod["spec"]["tolerations"] == wishes["tolerations"]
    assert {"name": "ca", "configMap": {"name": "ca"}} in pod["spec"]["volumes"]
    container = pod["spec"]["containers"][0]
    assert {"name": "SHOP", "value": "shop"} in container["env"]
    assert container["resources"]["limits"]["cpu"] == 2


def test_a_changed_secret_s_revision_rolls_every_pod() -> None:
    def annotations(revision: str) -> list[Any]:
        objects = render(PRODUCTION, {"secrets": {"revision": revision}})
        return [
            each["spec"]["template"]["metadata"]["annotations"]
            for each in of_kind(objects, "Deployment").values()
        ]

    assert all(
        before != after for before, after in zip(annotations("1"), annotations("2"), strict=True)
    )


def test_a_generated_secret_and_the_pods_checksum_agree_within_one_rendering() -> None:
    objects = list(documents(text(EVALUATION)))

    import hashlib

    cart, shared = (
        of_kind(objects, "Secret")[f"shop-{name}"]["data"] for name in ("cart", "shared")
    )
    sums = [
        hashlib.sha256(
            json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()[:16]
        for data in (cart, shared)
    ]
    pod = of_kind(objects, "Deployment")["shop-cart"]["spec"]["template"]
    assert pod["metadata"]["annotations"]["checksum/secret"] == "-".join(sums)


def test_the_production_gateway_has_a_visitor_secret_and_believes_no_client_on_its_address() -> (
    None
):
    gateway = of_kind(render(PRODUCTION), "Deployment")["shop-gateway"]
    variables = {
        each["name"]: each for each in gateway["spec"]["template"]["spec"]["containers"][0]["env"]
    }

    assert variables["VISITOR_SECRET"]["valueFrom"]["secretKeyRef"]["key"] == "VISITOR_SECRET"
    assert variables["TRUSTED_PROXIES"]["value"] == "1"


def paths_of(ingress: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Service by path, by host."""
    return {
        rule["host"]: {
            path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]
        }
        for rule in ingress["spec"]["rules"]
    }


def test_one_host_leads_to_the_gateway_and_to_the_pages_by_path() -> None:
    found = paths_of(of_kind(render(PRODUCTION), "Ingress")["shop-gateway"])

    assert found == {
        "shop.example": {
            **dict.fromkeys(("/v1", "/docs", "/openapi.json", "/.well-known"), "shop-gateway"),
            "/": "shop-web",
        }
    }


def test_the_pages_may_have_a_host_of_their_own_or_not_run() -> None:
    own = render(PRODUCTION, {"ingress": {"storefrontHost": "www.shop.example"}})
    none = render(PRODUCTION, {"services": {"web": {"enabled": False}}})

    assert paths_of(of_kind(own, "Ingress")["shop-gateway"]) == {
        "shop.example": {"/": "shop-gateway"},
        "www.shop.example": {"/": "shop-web"},
    }
    assert paths_of(of_kind(none, "Ingress")["shop-gateway"]) == {
        "shop.example": {"/": "shop-gateway"}
    }


def test_links_in_mails_lead_to_the_storefront() -> None:
    def storefront(values: dict[str, Any]) -> object:
        found = environment(container_of(render(PRODUCTION, values), "shop-notifications"))
        return found["STOREFRONT_URL"]

    assert storefront({}) == "https://shop.example"
    assert storefront({"storefrontUrl": "https://www.shop.example"}) == "https://www.shop.example"
