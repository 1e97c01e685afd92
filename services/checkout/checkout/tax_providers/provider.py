"""Port to tax providers.

A merchant's package adds one through the entry point group `sojourn.tax_providers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from typing import Final, Protocol

from checkout.errors.remote import RemoteUnavailable
from checkout.taxes.calculation import TaxedLine, Taxes, TaxRule
from checkout.taxes.model import Place

GROUP: Final = "sojourn.tax_providers"


@dataclass(frozen=True, slots=True)
class TaxRequest:
    """An order to tax: lines after discounts and their delivery, in minor units of `currency`.

    It is taxed at `place` on `day`; `origin` is the country that it is sent from, `locale` the
    language of the titles. With `is_included` the amounts include their tax.
    """

    lines: tuple[TaxedLine, ...]
    delivery_minor: int
    currency: str
    place: Place
    origin: str
    day: date
    is_included: bool
    locale: str


class TaxProvider(Protocol):
    """Computes taxes. A repeat of a request has the same answer and no effect."""

    @property
    def name(self) -> str: ...

    async def calculate(self, request: TaxRequest) -> Taxes:
        """Returns the taxes of a request.

        Taxes of lines and delivery sum up to the tax lines. Raises RemoteUnavailable.
        """
        ...

    async def close(self) -> None: ...


def request_of(
    lines: Sequence[TaxedLine], *, delivery_minor: int, currency: str, rule: TaxRule
) -> TaxRequest:
    """Returns the request of a calculation, in the form of `tax_order`."""
    return TaxRequest(
        tuple(lines),
        delivery_minor,
        currency,
        rule.place,
        rule.origin_country,
        rule.day,
        rule.is_included,
        rule.locale,
    )


def require_consistent(taxes: Taxes, request: TaxRequest) -> None:
    """Raises RemoteUnavailable for an answer that contradicts itself or its request."""
    parts = (*taxes.of_lines_minor, taxes.of_delivery_minor)
    is_good = (
        len(taxes.of_lines_minor) == len(request.lines)
        and sum(parts) == taxes.total_minor
        and all(part >= 0 for part in parts)
        and all(line.is_included is request.is_included for line in taxes.tax_lines)
    )
    if not is_good:
        raise RemoteUnavailable("the taxes of the provider do not add up", retry_after_seconds=1)


def connect_tax_providers(names: str, *, timeout_seconds: float) -> tuple[TaxProvider, ...]:
    """Connects the providers of names that are separated by commas; none for an empty text.

    Raises LookupError for a name that is not installed.
    """
    return tuple(
        _connect(name.strip(), timeout_seconds) for name in names.split(",") if name.strip()
    )


def _connect(name: str, timeout_seconds: float) -> TaxProvider:
    for point in entry_points(group=GROUP, name=name):
        factory: Callable[[float], TaxProvider] = point.load()
        return factory(timeout_seconds)
    raise LookupError(f"no tax provider {name!r} is installed")
