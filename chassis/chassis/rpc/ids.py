"""Ids in messages: UUIDs as text."""

from uuid import UUID

from chassis.rpc.errors import DomainError, Invalid


class InvalidId(Invalid):
    """Not a UUID; `field` says which."""


def parse_id(text: str, field: str = "") -> UUID:
    """Returns the UUID that a text is.

    Raises InvalidId, which names the field where it is given.
    """
    try:
        return UUID(text)
    except ValueError:
        raise InvalidId("not a UUID", **({"field": field} if field else {})) from None


def parse_optional_id(text: str, field: str = "") -> UUID | None:
    """Returns None for the empty text, else as `parse_id`."""
    return parse_id(text, field) if text else None


def parse_id_or(text: str, refusal: DomainError) -> UUID:
    """Returns the UUID that a text is.

    Raises `refusal` for what is none: there is no such thing.
    """
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None
