from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from stack.errors import UnknownComponent
from stack.platform import Platform
from stack.topology import COMPONENTS, default_ports

COMMON = {"SERVICE_INSTANCE", "ENVIRONMENT", "HOST", "CLOCK", "LOG_LEVEL", "DRAIN_SECONDS"}
SERVICE = COMMON | {"GRPC_PORT", "ADMIN_PORT", "DATABASE_URL", "NATS_URL", "OTLP_ENDPOINT"}
CLIENT = {"CLIENT_ID", "CLIENT_SECRET"}
PAYMENTS = {"SIMULATOR_API_KEY", "WEBHOOK_SECRET"}
EXPECTED = {
    "catalog-1": SERVICE | {"IDENTITY_TARGET", "SYNTHETIC_PRODUCT"},
    "cart-1": SERVICE | CLIENT | {"CATALOG_TARGET", "IDENTITY_TARGET", "RESTORE_SECRET"},
    "checkout-1": SERVICE | CLIENT | PAYMENTS
    | {"CART_TARGET", "CATALOG_TARGET", "GIFT_CARD_KEY", "IDENTITY_TARGET", "PAYMENT_PROVIDER",
    "SIMULATOR_URL", "VAT_AUTHORITIES", "CARRIERS"},
    "identity-1": SERVICE | {"SERVICE_CLIENTS", "STAFF_EMAIL", "STAFF_PASSWORD",
    "KEY_ENCRYPTION_KEY", "SYNTHETIC_API_KEY"},
    "gateway-1": COMMON | {"HTTP_PORT", "ADMIN_PORT", "NATS_URL", "OTLP_ENDPOINT", "PUBLIC_URL",
    "SINK_URL", "STOREFRONT_URL", "VISITOR_SECRET"}
    | {"CATALOG_TARGET", "CART_TARGET", "CHECKOUT_TARGET", "IDENTITY_TARGET", "JOURNEY_TARGET",
    "NOTIFICATIONS_TARGET"},
    "notifications-1": SERVICE
    | {"IDENTITY_TARGET", "SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "RECEIPTS_URL", "MAIL_FROM",
    "PUBLIC_URL", "STOREFRONT_URL", "TRACKS_MAILS", "UNSUBSCRIBE_SECRET", "SURVEY_SECRET"},
    "journey-1": SERVICE | CLIENT
    | {"CATALOG_TARGET", "NOTIFICATIONS_TARGET", "IDENTITY_TARGET", "SURVEY_SECRET", "TRACE_URL",
    "TRACE_API", "OTLP_TOKEN", "INSIGHT_SECONDS"},
    "web-1": COMMON | {"HTTP_PORT", "ADMIN_PORT", "GATEWAY_URL", "GATEWAY_PUBLIC_URL",
    "PUBLIC_URL"},
    "mailbox": COMMON | {"HTTP_PORT", "SMTP_PORT", "MAILBOX_PATH", "OTLP_ENDPOINT"},
    "simulator": COMMON | PAYMENTS | {"HTTP_PORT", "LEDGER_PATH", "PUBLIC_URL", "WEBHOOK_URL",
    "OTLP_ENDPOINT"},
    "sink": COMMON | {"HTTP_PORT", "JOURNEY_TARGET", "OTLP_TOKEN"},
}  # fmt: skip


@pytest.fixture
def platform(home: Path) -> Platform:
    return Platform(home=home, replicas={"catalog": 2, "gateway": 2})


@pytest.mark.parametrize("instance", EXPECTED)
def test_an_instance_gets_the_variables_that_it_needs(home: Path, instance: str) -> None:
    assert set(Platform(home=home).environment(instance)) - {"OTLP_ENDPOINT"} == EXPECTED[
        instance
    ] - {"OTLP_ENDPOINT"}


def test_values_fit_together(platform: Platform) -> None:
    cart, identity = platform.environment("cart-1"), platform.environment("identity-1")
    checkout, simulator = platform.environment("checkout-1"), platform.environment("simulator")

    assert cart["CATALOG_TARGET"] == "ipv4:127.0.0.1:7101,127.0.0.1:7111"
    assert platform.environment("catalog-2")["GRPC_PORT"] == "7111"
    assert cart["DATABASE_URL"].startswith("postgresql://cart:")
    assert "MIGRATE_DATABASE_URL" not in cart, "what serves has no DDL"
    assert cart["NATS_URL"].startswith("nats://cart:")
    assert (
        checkout["SIMULATOR_URL"]
        == f"http://127.0.0.1:{simulator['HTTP_PORT']}"
        == platform.simulator_url
    )
    assert checkout["WEBHOOK_SECRET"] == simulator["WEBHOOK_SECRET"]
    assert simulator["WEBHOOK_URL"] == "http://127.0.0.1:8080/v1/webhooks/payments/simulator"
    assert identity["STAFF_PASSWORD"] == platform.staff_password
    assert len(base64.urlsafe_b64decode(identity["KEY_ENCRYPTION_KEY"])) == 32


def test_identity_knows_the_secret_and_scopes_of_every_client(platform: Platform) -> None:
    clients = json.loads(platform.environment("identity-1")["SERVICE_CLIENTS"])

    assert set(clients) == {"cart", "checkout", "journey"}, "what asks nobody needs no secret"
    assert {name: client["acts_at"] for name, client in clients.items()} == {
        "cart": [],
        "checkout": ["cart"],
        "journey": [],
    }
    assert "stock.reserve" in clients["checkout"]["scopes"]
    for name, client in clients.items():
        assert platform.environment(f"{name}-1")["CLIENT_SECRET"] == client["secret"]


def test_no_two_parts_share_a_port() -> None:
    ports = default_ports(
        COMPONENTS, {"gateway": 3, **dict.fromkeys(("catalog", "cart", "checkout", "identity"), 5)}
    )

    assert len(set(ports.values())) == len(ports)


def test_secrets_differ_between_homes_and_stay_within_one(tmp_path: Path) -> None:
    one, again, other = (Platform(home=tmp_path / name) for name in ("one", "one", "other"))

    assert one.environment("cart-1") == again.environment("cart-1")
    assert one.staff_password != other.staff_password


def test_free_ports_are_kept_by_the_home(home: Path) -> None:
    first = Platform(home=home, ports="free").wiring.ports

    assert Platform(home=home, ports="free").wiring.ports == first


def test_a_base_and_the_environment_move_ports(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_PORT_GATEWAY_1_HTTP", "9999")

    ports = Platform(home=home, ports=12_000).wiring.ports

    assert ports["postgres.sql"] == 12_000
    assert ports["gateway-1.http"] == 9999


def test_settings_beat_the_topology(home: Path) -> None:
    platform = Platform(
        home=home, settings={"cart": {"LOG_LEVEL": "DEBUG"}, "cart-1": {"EXTRA": "1"}}
    )

    environment = platform.environment("cart-1")

    assert (environment["LOG_LEVEL"], environment["EXTRA"]) == ("DEBUG", "1")


def test_an_unknown_name_is_refused_with_the_known_ones(home: Path) -> None:
    with pytest.raises(UnknownComponent) as refused:
        Platform(home=home, replicas={"cat": 2})

    assert "catalog-1" in refused.value.advice
