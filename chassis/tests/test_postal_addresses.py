"""Addresses of many countries: corrected where wrong, and else left alone."""

import pytest

from chassis.postal_addresses import (
    FIELDS,
    InvalidPhone,
    address_format,
    describe_problems,
    normalize_phone,
    normalize_postal_address,
)

BERLIN = {
    "last_name": "Lovelace", "street_address": "Unter den Linden 1", "address_locality": "Berlin",
    "postal_code": "10117",
    "address_country": "de",
}  # fmt: skip


def test_what_is_right_stays_as_it_was_typed() -> None:
    found, problems = normalize_postal_address(BERLIN)

    assert not problems
    assert found == {**dict.fromkeys(FIELDS, ""), **BERLIN, "address_country": "DE"}


@pytest.mark.parametrize(
    ("country", "typed", "normal"),
    [
        ("LU", "L-1009", "1009"),
        ("DE", "D-10117", "10117"),
        ("DE", "１０１１７", "10117"),
        ("CH", "CH-8001", "8001"),
        ("SE", "SE-111 22", "111 22"),
        ("PL", "00950", "00-950"),
        ("PT", "1000001", "1000-001"),
        ("GB", "sw1a 1aa", "SW1A 1AA"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        # Nothing of a code is taken for a country.
        ("GB", "SW1A  1AA", "SW1A 1AA"),
        ("GB", "E 1 6AN", "E1 6AN"),
        ("GB", "W1A-1AA", "W1A 1AA"),
        ("AD", "500", "AD500"),
        ("CA", "k1a 0b1", "K1A 0B1"),
        ("NL", "1012ab", "1012 AB"),
        ("JP", "1000001", "100-0001"),
        ("GR", "10431", "104 31"),
        ("LV", "1073", "LV-1073"),
        ("IE", "d02x285", "D02 X285"),
        ("AT", "A-1010", "1010"),
    ],
)
def test_a_postal_code_is_put_right(country: str, typed: str, normal: str) -> None:
    region = {"CA": "ON", "JP": "Tokyo"}.get(country, "")
    address = {
        **BERLIN,
        "address_country": country,
        "postal_code": typed,
        "address_locality": "Town",
        "address_region": region,
    }

    found, problems = normalize_postal_address(address)

    assert (found["postal_code"], problems) == (normal, {})


@pytest.mark.parametrize("typed", ["941030000", "94103-0000"])
def test_a_zip_with_four_more_digits_is_parted(typed: str) -> None:
    found, problems = normalize_postal_address(
        {
            **BERLIN,
            "address_country": "US",
            "address_region": "california",
            "address_locality": "San Francisco",
            "postal_code": typed,
        }
    )

    assert (found["postal_code"], found["address_region"], found["address_locality"], problems) == (
        "94103-0000",
        "CA",
        "San Francisco",
        {},
    )


def test_a_city_and_a_region_in_latin_script_stay_in_japan() -> None:
    address = {
        **BERLIN,
        "address_country": "JP",
        "address_region": "Tokyo",
        "address_locality": "Chiyoda-ku",
        "postal_code": "100-0001",
    }

    found, problems = normalize_postal_address(address)

    assert (found["address_region"], found["address_locality"], problems) == (
        "Tokyo",
        "Chiyoda-ku",
        {},
    )


@pytest.mark.parametrize("region", ["Istanbul", "İstanbul", "istanbul", "ISTANBUL"])
def test_a_region_is_known_without_its_dots_and_accents(region: str) -> None:
    address = {
        **BERLIN,
        "address_country": "TR",
        "address_region": region,
        "address_locality": "Beyoglu",
        "postal_code": "34430",
    }

    found, problems = normalize_postal_address(address)

    assert (found["address_region"], found["address_locality"], problems) == (region, "Beyoglu", {})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"postal_code": "1"}, ("postal_code", "invalid")),
        ({"postal_code": ""}, ("postal_code", "required")),
        ({"address_country": "XX"}, ("address_country", "invalid")),
        ({"address_country": ""}, ("address_country", "required")),
        ({"phone_number": "030"}, ("phone_number", "invalid")),
        ({"street_address": "x" * 201}, ("street_address", "too_long")),
        ({"address_locality": "Berlin\r\nBcc: all"}, ("address_locality", "invalid")),
        ({"first_name": "Win at http://evil.example/x"}, ("first_name", "invalid")),
        ({"street_address": "a\x00"}, ("street_address", "invalid")),
    ],
)
def test_what_is_wrong_is_told_by_field(change: dict[str, str], problem: tuple[str, str]) -> None:
    _, problems = normalize_postal_address({**BERLIN, **change})

    assert problem in problems.items()


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 901820",
        "030 901820",
        "030/901820",
        "+49-30-901820",
        "+4930901820",
        "０３０ ９０１８２０",
    ],
)
def test_a_phone_number_is_kept_as_e164(number: str) -> None:
    found, problems = normalize_postal_address({**BERLIN, "phone_number": number})

    assert (found["phone_number"], problems) == ("+4930901820", {})


@pytest.mark.parametrize("number", ["", "abc", "+49", "12"])
def test_what_is_no_phone_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidPhone):
        normalize_phone(number, "DE")


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        (
            {"address_country": "US", "address_region": "Californa", "postal_code": "94103"},
            {"fields": "address_region:invalid", "allowed_address_region": "California"},
        ),
        (
            {"address_country": "US", "address_region": "NY", "postal_code": "94103"},
            {"fields": "postal_code:not_of_region", "example_postal_code": "95014"},
        ),
        ({"postal_code": "1"}, {"fields": "postal_code:invalid", "example_postal_code": "26133"}),
        ({"street_address": ""}, {"fields": "street_address:required"}),
        ({"address_country": "XX"}, {"fields": "address_country:invalid"}),
    ],
)
def test_a_problem_comes_with_what_may_have_been_meant(
    change: dict[str, str], facts: dict[str, str]
) -> None:
    found, problems = normalize_postal_address({**BERLIN, **change})

    assert describe_problems(found, problems) == facts


def test_a_region_that_is_missing_comes_with_all_that_there_are() -> None:
    found, problems = normalize_postal_address(
        {**BERLIN, "address_country": "CA", "postal_code": "K1A 0B1"}
    )

    allowed = describe_problems(found, problems)["allowed_address_region"].split(", ")

    assert {"ON", "QC"} <= set(allowed)


def test_a_format_tells_the_parts_of_a_country_s_addresses() -> None:
    format = address_format("us")

    assert format is not None
    assert format.required == (
        "address_locality",
        "address_region",
        "postal_code",
        "street_address",
    )
    assert ("CA", "California") in format.regions
    assert format.order.index("address_locality") < format.order.index("postal_code")
    assert address_format("XX") is None


@pytest.mark.parametrize(
    ("country", "region", "locality", "postal_code"),
    [
        ("JP", "東京", "千代田区", "100-0001"),
        ("JP", "京都", "京都市", "600-0000"),
        ("JP", "Tokyo-to", "Chiyoda", "100-0001"),
        ("CN", "北京市", "北京市", "100000"),
        ("CN", "Beijing", "Beijing", "100000"),
        ("CN", "广东", "广州市", "510000"),
        ("HK", "Kowloon", "Kowloon", ""),
        ("TW", "台北市", "台北市", "100"),
        ("KR", "Seoul", "Jongno-gu", "03187"),
    ],
)
def test_people_write_regions_without_their_kind_and_cities_as_they_call_them(
    country: str, region: str, locality: str, postal_code: str
) -> None:
    typed = {
        "street_address": "1-1",
        "address_region": region,
        "address_locality": locality,
        "postal_code": postal_code,
        "address_country": country,
    }

    found, problems = normalize_postal_address(typed)

    assert not problems
    assert found == {**dict.fromkeys(FIELDS, ""), **typed}


def test_a_region_that_no_name_fits_is_refused() -> None:
    typed = {**BERLIN, "address_country": "JP", "postal_code": "100-0001"}

    for region in ("東", "Atlantis"):
        _, problems = normalize_postal_address({**typed, "address_region": region})
        assert problems == {"address_region": "invalid"}
