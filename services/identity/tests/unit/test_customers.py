"""Normal forms of names, phone numbers and addresses."""

from dataclasses import asdict

import pytest

from chassis.postal_addresses import InvalidPhone
from chassis.runtime.clock import real_now, uuid7
from chassis.testing import an_address
from chassis.text import InvalidName
from identity.customers.model import (
    Address,
    PostalAddress,
    normalize_address,
    parse_channel,
    parse_name,
    parse_phone,
    region_of_locale,
)
from identity.customers.wire import decode_address
from identity.errors import InvalidAddress, InvalidChannel


def a_postal_address(**changes: str) -> PostalAddress:
    return decode_address(an_address(**changes))


@pytest.mark.parametrize(
    ("typed", "locale", "e164"),
    [
        ("030 901820", "de-DE", "+4930901820"),
        ("+44 20 7946 0958", "", "+442079460958"),
        ("(650) 253-0000", "en-US", "+16502530000"),
    ],
)
def test_a_phone_number_becomes_e164(typed: str, locale: str, e164: str) -> None:
    assert parse_phone(typed, region_of_locale(locale)) == e164


@pytest.mark.parametrize(
    ("typed", "locale"),
    [("030 901820", "de"), ("12", "de-DE"), ("call me", "de-DE"), ("+99 1", "")],
)
def test_an_invalid_phone_number_is_refused(typed: str, locale: str) -> None:
    with pytest.raises(InvalidPhone):
        parse_phone(typed, region_of_locale(locale))


@pytest.mark.parametrize(
    ("locale", "region"),
    [("de-AT", "AT"), ("zh-Hant-TW", "TW"), ("es-419", None), ("de", None), ("", None)],
)
def test_a_locale_gives_its_country(locale: str, region: str | None) -> None:
    assert region_of_locale(locale) == region


def test_invalid_names_and_channels_are_refused() -> None:
    with pytest.raises(InvalidName):
        parse_name("x" * 101)
    with pytest.raises(InvalidName):
        parse_name("Ana\u0000")
    with pytest.raises(InvalidChannel):
        parse_channel("a b")


def test_an_address_gets_official_codes_and_keeps_names_as_written() -> None:
    american = normalize_address(
        a_postal_address(
            street_address=" 1 Main St ",
            address_locality="Los Angeles",
            address_region="California",
            postal_code="90001",
            address_country="us",
            phone_number="(650) 253-0000",
        )
    )
    british = normalize_address(
        a_postal_address(address_locality="London", postal_code="sw1a 1aa", address_country="GB")
    )

    assert (american.address_region, american.address_country, american.phone_number) == (
        "CA",
        "US",
        "+16502530000",
    )
    assert (american.street_address, american.address_locality) == ("1 Main St", "Los Angeles")
    assert (british.address_locality, british.postal_code) == ("London", "SW1A 1AA")


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"postal_code": "1"}, {"postal_code": "invalid"}),
        (
            {"postal_code": "", "street_address": " "},
            {"postal_code": "required", "street_address": "required"},
        ),
        ({"address_country": "XX"}, {"address_country": "invalid"}),
        ({"address_country": ""}, {"address_country": "required"}),
        (
            {"address_country": "US", "postal_code": "90001", "address_region": "Bavaria"},
            {"address_region": "invalid"},
        ),
        ({"last_name": "x" * 101}, {"last_name": "too_long"}),
        ({"street_address": "a\u0000b"}, {"street_address": "invalid"}),
    ],
)
def test_an_address_is_refused_with_its_fields(
    changes: dict[str, str], problems: dict[str, str]
) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        normalize_address(a_postal_address(**changes))

    told = dict(part.split(":") for part in refusal.value.metadata["fields"].split(","))
    assert problems.items() <= told.items()


def test_a_printed_address_shows_no_personal_data() -> None:
    address = Address(
        id=uuid7(),
        customer_id=uuid7(),
        is_default=True,
        created_at=real_now(),
        **asdict(a_postal_address(last_name="Geheim")),
    )

    assert [
        shown for shown in (repr(address), str(address)) if "Geheim" in shown or "Berlin" in shown
    ] == []
    assert str(address.id) in repr(address)
