"""Contacts of a buyer: the e-mail address and the delivery address."""

import hashlib
from collections.abc import Collection, Mapping

from chassis.email_addresses import normalize_email
from chassis.postal_addresses import normalize_postal_address
from checkout.errors import InvalidAddress


def email(text: str, *, allows_test_domains: bool) -> str:
    """The address in its normal form. Raises InvalidEmail."""
    return normalize_email(text, allows_test_domains=allows_test_domains)


def email_digest(address: str) -> str:
    """Hex SHA-256 of the lower-case form, for counts of orders."""
    return hashlib.sha256(address.lower().encode()).hexdigest() if address else ""


def address(given: Mapping[str, str], *, countries: Collection[str]) -> dict[str, str]:
    """Returns the address in its normal form, with the keys FIELDS.

    Raises InvalidAddress with `fields`, e.g. "postal_code:invalid,address_locality:required"; no value is told.
    """
    clean, problems = normalize_postal_address(given)
    if not (clean["first_name"] or clean["last_name"] or clean["organization"]):
        problems.setdefault("last_name", "required")
    if clean["address_country"] and "address_country" not in problems and clean["address_country"] not in countries:
        # What else is wrong follows from a country that is not served anyway.
        problems = {"address_country": "not_served"}
    if problems:
        raise InvalidAddress(fields=",".join(f"{name}:{problem}" for name, problem in sorted(problems.items())))
    return clean
