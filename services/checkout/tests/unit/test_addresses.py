"""Checks of addresses as forms show them."""

from __future__ import annotations

from chassis.postal_addresses import FIELDS, normalize_postal_address
from checkout.addresses.wire import check_to_proto
from sojourn.checkout.v1 import addresses_pb2 as pb


def checked(**fields: str) -> pb.CheckAddressResponse:
    usual = {
        "last_name": "Hopper", "street_address": "1 Main Street",
        "address_locality": "San Francisco", "address_region": "california",
        "postal_code": "94103", "address_country": "us",
    }  # fmt: skip
    typed = {**dict.fromkeys(FIELDS, ""), **usual, **fields}
    return check_to_proto(typed, *normalize_postal_address(typed))


def test_a_check_names_what_it_changed_and_leaves_the_rest() -> None:
    found = checked()

    assert list(found.changed) == ["address_region", "address_country"]
    assert (found.address.address_region, found.address.address_country) == ("CA", "US")
    assert found.address.address_locality == "San Francisco"
    assert not found.problems


def test_a_check_tells_what_may_have_been_meant_and_keeps_what_is_wrong() -> None:
    found = checked(address_region="Californa", postal_code="9410")

    assert [(each.field, each.problem, list(each.allowed)) for each in found.problems] == [
        ("address_region", "invalid", ["California"]),
        ("postal_code", "invalid", []),
    ]
    assert found.problems[1].example
    assert (found.address.address_region, found.address.postal_code) == ("Californa", "9410")
