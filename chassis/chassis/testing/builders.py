"""Builders of the values that all services' contracts share, with defaults. A service's own messages are built in its `testing`."""

from chassis.runtime.clock import uuid7
from sojourn.common.v1.money_pb2 import Address, Money


def eur(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="EUR")


def an_email(domain: str = "example.com") -> str:
    """A new e-mail address."""
    return f"ana-{uuid7().hex}@{domain}"


def an_address(**changes: str) -> Address:
    """A postal address in Berlin, valid in every service."""
    defaults = {
        "first_name": "Ana", "last_name": "Roth", "street_address": "Unter den Linden 1", "address_locality": "Berlin",
        "postal_code": "10117", "address_country": "DE",
    }  # fmt: skip
    return Address(**{**defaults, **changes})
