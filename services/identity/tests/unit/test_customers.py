"""Normal forms of what people type."""

from dataclasses import asdict

import pytest

from chassis.postal_addresses import InvalidPhone
from chassis.runtime.clock import real_now, uuid7
from chassis.testing import an_address
from chassis.text import InvalidName
from identity.customers import model as customers
from identity.customers import postal
from identity.customers import wire as messages
from identity.customers.postal import PostalAddress
from identity.customers.queries import Address
from identity.errors import InvalidAddress, InvalidChannel
from identity.logins.failures import Lockout


def a_postal_address(**changes: str) -> PostalAddress:
    return messages.postal_of(an_address(**changes))


@pytest.mark.parametrize(
    ("typed", "locale", "e164"),
    [("030 901820", "de-DE", "+4930901820"), ("+44 20 7946 0958", "", "+442079460958"), ("(650) 253-0000", "en-US", "+16502530000")],
)
def test_a_phone_number_becomes_e164(typed: str, locale: str, e164: str) -> None:
    assert customers.phone_of(typed, customers.region_of(locale)) == e164


@pytest.mark.parametrize(("typed", "locale"), [("030 901820", "de"), ("12", "de-DE"), ("call me", "de-DE"), ("+99 1", "")])
def test_what_is_no_phone_number_is_refused(typed: str, locale: str) -> None:
    with pytest.raises(InvalidPhone):
        customers.phone_of(typed, customers.region_of(locale))


@pytest.mark.parametrize(("locale", "region"), [("de-AT", "AT"), ("zh-Hant-TW", "TW"), ("es-419", None), ("de", None), ("", None)])
def test_a_locale_tells_its_country(locale: str, region: str | None) -> None:
    assert customers.region_of(locale) == region


def test_shapes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidName):
        customers.name_of("x" * 101)
    with pytest.raises(InvalidName):
        customers.name_of("Ana\u0000")
    with pytest.raises(InvalidChannel):
        customers.channel_of("a b")


def test_codes_become_official_and_names_stay_as_written() -> None:
    american = postal.normalized(
        a_postal_address(
            street_address=" 1 Main St ", address_locality="Los Angeles", address_region="California", postal_code="90001",
            address_country="us", phone_number="(650) 253-0000",
        )
    )  # fmt: skip
    british = postal.normalized(a_postal_address(address_locality="London", postal_code="sw1a 1aa", address_country="GB"))

    assert (american.address_region, american.address_country, american.phone_number) == ("CA", "US", "+16502530000")
    assert (american.street_address, american.address_locality) == ("1 Main St", "Los Angeles")
    assert (british.address_locality, british.postal_code) == ("London", "SW1A 1AA")


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"postal_code": "1"}, {"postal_code": "invalid"}),
        ({"postal_code": "", "street_address": " "}, {"postal_code": "required", "street_address": "required"}),
        ({"address_country": "XX"}, {"address_country": "invalid"}),
        ({"address_country": ""}, {"address_country": "required"}),
        ({"address_country": "US", "postal_code": "90001", "address_region": "Bavaria"}, {"address_region": "invalid"}),
        ({"last_name": "x" * 101}, {"last_name": "too_long"}),
        ({"street_address": "a\u0000b"}, {"street_address": "invalid"}),
    ],
)
def test_an_address_is_refused_with_its_fields(changes: dict[str, str], problems: dict[str, str]) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        postal.normalized(a_postal_address(**changes))

    metadata = dict(refusal.value.metadata)
    assert problems.items() <= metadata.items()
    assert set(problems) <= set(metadata.pop("fields").split(","))


def test_a_lock_doubles_up_to_its_longest() -> None:
    lockout = Lockout(free_attempts=3, lock_seconds=2, max_seconds=60, forget_seconds=3_600, budget=50, budget_seconds=86_400)

    assert [lockout.seconds_after(failures) for failures in (1, 2, 3, 4, 5, 8, 1_000_000)] == [0, 0, 2, 4, 8, 60, 60]


def test_an_address_shows_nothing_personal_where_it_is_printed() -> None:
    address = Address(
        id=uuid7(), customer_id=uuid7(), is_default=True, created_at=real_now(), **asdict(a_postal_address(last_name="Geheim"))
    )

    assert [shown for shown in (repr(address), str(address)) if "Geheim" in shown or "Berlin" in shown] == []
    assert str(address.id) in repr(address)
