"""Addresses and e-mail addresses."""

import pytest
from pydantic import ValidationError

from chassis import postal_addresses
from chassis.email_addresses import InvalidEmail, normalize_email
from checkout.checkouts.contacts import (
    digest_email,
    normalize_billing_address,
    normalize_delivery_address,
)
from checkout.errors.checkouts import InvalidAddress
from checkout.settings import CheckoutSettings

BERLIN = {
    "last_name": "Lovelace", "street_address": "Unter den Linden 1", "address_locality": "Berlin",
    "postal_code": "10117",
    "address_country": "de",
}  # fmt: skip


def test_an_address_comes_back_in_its_normal_form():
    found = normalize_delivery_address({**BERLIN, "postal_code": " 10117 "}, countries=("DE",))

    assert (found["address_country"], found["postal_code"]) == ("DE", "10117")
    assert set(found) == set(postal_addresses.FIELDS)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"postal_code": "1"}, "postal_code:invalid"),
        ({"postal_code": ""}, "postal_code:required"),
        ({"address_country": "FR"}, "address_country:not_served"),
        ({"last_name": ""}, "last_name:required"),
        ({"phone_number": "030"}, "phone_number:invalid"),
        ({"street_address": "x" * 201}, "street_address:too_long"),
        ({"first_name": "Win at http://evil.example/x"}, "first_name:invalid"),
        ({"last_name": "Jones\r\nBcc: all"}, "last_name:invalid"),
    ],
)
def test_an_invalid_address_is_refused_without_quoting_its_values(change, problem):
    with pytest.raises(InvalidAddress) as caught:
        normalize_delivery_address({**BERLIN, **change}, countries=("DE",))

    assert problem in caught.value.metadata["fields"].split(",")


def test_a_bill_may_go_to_a_country_that_the_channel_does_not_serve():
    typed = {**BERLIN, "address_country": "FR", "postal_code": "75001"}

    found = normalize_billing_address(typed)

    assert found["address_country"] == "FR"
    with pytest.raises(InvalidAddress) as caught:
        normalize_billing_address(typed, countries=("DE",))
    assert caught.value.metadata == {
        "path": "billing_address", "fields": "address_country:not_served",
        "allowed_address_country": "DE",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "ada@",
        "ada@localhost",
        "a b@example.org",
        "ada@exam_ple.org",
        "a@" + "x" * 250 + ".org",
    ],
)
def test_an_invalid_email_address_is_refused(text):
    with pytest.raises(InvalidEmail):
        normalize_email(text, allows_test_domains=False)


def test_a_digest_does_not_depend_on_case():
    assert digest_email("Ada@Example.org") == digest_email("ada@example.org")


def test_crashes_are_refused_in_production():
    with pytest.raises(ValidationError, match="CRASH_AT is refused in production"):
        CheckoutSettings(
            identity_target="i",
            catalog_target="a",
            cart_target="b",
            gift_card_key="Z2dn" * 10 + "Z2c=",
            crash_at="before:reserve:do",
        )
