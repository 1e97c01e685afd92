"""The address of a client behind proxies."""

import pytest
from pydantic import ValidationError

from gateway.http.client_address import TrustedProxies, counted_address
from gateway.settings import GatewaySettings

TARGETS = {
    f"{name}_target": "-"
    for name in ("catalog", "cart", "checkout", "identity", "journey", "notifications")
}
SECRET = {"visitor_secret": "s" * 32}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("10.0.0.0/8", "192.0.2.9", ["203.0.113.1"], "192.0.2.9"),
        ("10.0.0.0/8", "10.0.0.1", ["6.6.6.6, 203.0.113.1"], "203.0.113.1"),
        ("10.0.0.0/8", "10.0.0.1", ["6.6.6.6, 203.0.113.1, 10.0.0.2"], "203.0.113.1"),
        ("10.0.0.0/8", "10.0.0.1", ["6.6.6.6", "203.0.113.1"], "203.0.113.1"),
        ("10.0.0.0/8", "10.0.0.1", ["203.0.113.1:4711"], "203.0.113.1"),
        ("10.0.0.0/8", "10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("10.0.0.0/8", "10.0.0.1", ["203.0.113.1, junk"], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("1", "172.16.0.1", ["6.6.6.6, 203.0.113.1"], "203.0.113.1"),
        ("2", "172.16.0.1", ["6.6.6.6, 203.0.113.1, 10.0.0.2"], "203.0.113.1"),
        ("2", "172.16.0.1", ["6.6.6.6"], "172.16.0.1"),
        ("*", "172.16.0.1", ["6.6.6.6, 203.0.113.1"], "203.0.113.1"),
        ("", "127.0.0.1", ["6.6.6.6"], "127.0.0.1"),
        ("0", "127.0.0.1", ["6.6.6.6"], "127.0.0.1"),
        ("2001:db8::/32", "2001:db8::5", ["::ffff:203.0.113.1"], "203.0.113.1"),
    ],
)
def test_the_rightmost_entry_that_no_trusted_proxy_has_counts(
    trusted: str, peer: str, forwarded: list[str], client: str
) -> None:
    assert TrustedProxies.parse(trusted).client_of(peer, forwarded) == client


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.0/99", "11", "*, 10.0.0.1", "-1"])
def test_proxies_that_cannot_be_read_stop_the_start(text: str) -> None:
    with pytest.raises(ValidationError, match="TRUSTED_PROXIES"):
        GatewaySettings(**TARGETS, **SECRET, trusted_proxies=text)


def test_believing_everybody_is_refused_in_production() -> None:
    with pytest.raises(ValidationError, match="refused in production"):
        GatewaySettings(**TARGETS, **SECRET, trusted_proxies="*")

    assert (
        GatewaySettings(environment="development", **TARGETS, trusted_proxies="*").trusted_proxies
        == "*"
    )


def test_production_needs_a_secret_for_visitors() -> None:
    for secret in ("", "short"):
        with pytest.raises(ValidationError, match="VISITOR_SECRET"):
            GatewaySettings(**TARGETS, visitor_secret=secret)


def test_an_ipv6_host_is_counted_by_its_network() -> None:
    assert (
        counted_address("2001:db8:1:2:3:4:5:6")
        == counted_address("2001:db8:1:2::9")
        == "2001:db8:1:2::/64"
    )
    assert counted_address("2001:db8:1:3::9") != counted_address("2001:db8:1:2::9")
    assert (
        counted_address("192.0.2.1"),
        counted_address("::ffff:192.0.2.1"),
        counted_address("junk"),
    ) == (
        "192.0.2.1",
        "192.0.2.1",
        "unknown",
    )
