"""Postal addresses of customers, by the one rule of all services."""

from dataclasses import asdict, dataclass

from chassis.postal_addresses import normalize_postal_address
from identity.errors import InvalidAddress


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
    """Returns the address in its normal form. Raises InvalidAddress with `fields` and why each of them is wrong."""
    found, problems = normalize_postal_address(asdict(address))
    if problems:
        raise InvalidAddress("the address is wrong for its country", fields=",".join(sorted(problems)), **problems)
    return PostalAddress(**found)
