"""Contacts of a buyer: addresses, and the digest of the e-mail address."""

import hashlib
from collections.abc import Collection, Mapping

from chassis.postal_addresses import describe_problems, normalize_postal_address
from checkout.errors.checkouts import InvalidAddress


def digest_email(address: str) -> str:
    """Returns the hex SHA-256 of an address in lower case; empty for the empty address."""
    return hashlib.sha256(address.lower().encode()).hexdigest() if address else ""


def normalize_delivery_address(
    typed: Mapping[str, str], *, countries: Collection[str]
) -> dict[str, str]:
    """Returns the address in its normal form, with the keys `postal_addresses.FIELDS`.

    Raises InvalidAddress with the facts of `describe_problems`; the error repeats no value.
    """
    return _normalize_address(typed, "delivery_address", countries=countries)


def normalize_billing_address(
    typed: Mapping[str, str], *, countries: Collection[str] | None = None
) -> dict[str, str]:
    """Returns the address in its normal form; `countries` are None where any will do.

    Raises InvalidAddress as `normalize_delivery_address` does.
    """
    return _normalize_address(typed, "billing_address", countries=countries)


def _normalize_address(
    typed: Mapping[str, str], path: str, *, countries: Collection[str] | None
) -> dict[str, str]:
    address, problems = normalize_postal_address(typed)
    if not (address["first_name"] or address["last_name"] or address["organization"]):
        problems.setdefault("last_name", "required")
    if (
        countries is not None
        and address["address_country"]
        and "address_country" not in problems
        and address["address_country"] not in countries
    ):
        # Other problems depend on the rules of a country that is not served.
        problems = {"address_country": "not_served"}
    if problems:
        facts = describe_problems(address, problems)
        if countries is not None and "address_country" in problems:
            facts["allowed_address_country"] = ", ".join(countries)
        raise InvalidAddress(path=path, **facts)
    return address
