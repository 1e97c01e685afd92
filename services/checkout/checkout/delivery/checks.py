"""Checks of delivery settings that several kinds share."""

from collections.abc import Sequence

from chassis.postal_addresses import is_country
from checkout.errors.delivery import InvalidDeliverySetting


def require(value: str, path: str) -> None:
    """Raises InvalidDeliverySetting for an empty value."""
    if not value:
        raise InvalidDeliverySetting(path=path, problem="it is needed")


def require_country(code: str, path: str) -> None:
    """Raises InvalidDeliverySetting for a code that no country has."""
    if not is_country(code):
        raise InvalidDeliverySetting(path=path, problem="no ISO 3166-1 code of a country")


def first_repeated(values: Sequence[object]) -> int | None:
    """Returns the index of the first value that was there before."""
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            return index
        seen.add(value)
    return None
