"""One rule for e-mail addresses: all services take and refuse the same, in one form."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from chassis.email_addresses import normalize_email, parse_email
from chassis.rpc.errors import Invalid
from checkout.checkouts.contacts import digest_email
from gateway.contracts.models import model_of
from notifications.mails.recipients import digest_address, normalize_recipient
from sojourn.cart.v1 import cart_pb2

Border = Callable[..., str]
BORDERS: dict[str, Border] = {
    "identity": normalize_email,
    "cart": normalize_email,
    "checkout": normalize_email,
    "notifications": normalize_recipient,
}
_SAVED = model_of(cart_pb2.SaveCartRequest.DESCRIPTOR)
CART_ID = "0190a6e2-0000-7000-8000-000000000001"


def typed_at_gateway(email: str) -> str:
    """Returns an address as it leaves the gateway. Raises ValidationError."""
    body = _SAVED.model_validate({"cart_id": CART_ID, "email": email})
    return str(body.arguments()["email"])


ADDRESSES = {
    "jo@bücher.example": "jo@bücher.example",
    "Jo@xn--bcher-kva.example": "jo@bücher.example",
    " Jo+Shop@Example.ORG ": "jo+shop@example.org",
    "jö@example.org": "jö@example.org",
    "o'neil@sub.example.co.uk": "o'neil@sub.example.co.uk",
}
NO_ADDRESSES = (
    "", "jo", "jo@", "@example.org", "jo@localhost", "a\x01@example.org", "a\x00@example.org",
    "a\x01\x7f@example.org", "a..b@example.org",
    "a;b@example.org", "a@[127.0.0.1]", '"a b"@example.org', "a b@example.org", "a@b@example.org",
    "\u202egnp.exe@example.org",
    "jo@example.org\nBcc: all@example.org", "a@-example.org", "x" * 65 + "@example.org",
    "a@" + "x" * 250 + ".org",
)  # fmt: skip


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("typed", "normal"), ADDRESSES.items())
def test_an_address_has_one_form_at_every_border(border: str, typed: str, normal: str) -> None:
    accepted = typed_at_gateway(typed)

    assert BORDERS[border](accepted, allows_test_domains=False) == normal


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("typed", NO_ADDRESSES)
def test_what_is_no_address_is_refused_at_every_border_without_quoting_it(
    border: str, typed: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        BORDERS[border](typed, allows_test_domains=True)

    assert not typed or typed not in str(refusal.value)


@pytest.mark.parametrize("border", BORDERS)
def test_test_domains_are_addresses_in_development_only(border: str) -> None:
    assert BORDERS[border]("jo@shop.test", allows_test_domains=True) == "jo@shop.test"
    with pytest.raises(Invalid):
        BORDERS[border]("jo@shop.test", allows_test_domains=False)


def test_the_gateway_refuses_the_grossest_of_them_itself() -> None:
    for typed in ("", "jo", "a b@example.org", "a@b@example.org"):
        with pytest.raises(ValidationError):
            typed_at_gateway(typed)


@pytest.mark.parametrize("address", ["ana@example.com", "o'neil@sub.example.co.uk"])
def test_digests_of_ascii_addresses_are_those_of_every_release(address: str) -> None:
    digest = digest_email(address.upper())

    assert digest == digest_address(address) == hashlib.sha256(address.encode()).hexdigest()
    assert parse_email(address.upper()).digest.hex() == digest
