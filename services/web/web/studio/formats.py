"""Numbers, rates and times as people read them."""

from datetime import UTC, datetime

from chassis.money import UnknownCurrency, exponent


def number(value: float) -> str:
    """Returns a count with separators of thousands."""
    return f"{value:,.0f}"


def percent(rate: float) -> str:
    """Returns a rate as a percentage, with a decimal where it is small."""
    return f"{rate * 100:.1f} %" if 0 < rate < 0.1 else f"{rate * 100:.0f} %"


def duration(seconds: float) -> str:
    """Returns a time in the unit that people would use."""
    units = ((1, "ms", 0.001), (120, "s", 1), (7_200, "min", 60), (172_800, "h", 3_600))
    for limit, unit, size in units:
        if seconds < limit:
            value = seconds / size
            is_short = value < 10 and unit != "ms" and value != int(value)
            return f"{value:.1f} {unit}" if is_short else f"{value:.0f} {unit}"
    return f"{seconds / 86_400:.1f} days"


def milliseconds(value: float) -> str:
    """Returns a time to answer."""
    return f"{value:.0f} ms" if value < 1_000 else f"{value / 1_000:.1f} s"


def moment(at: datetime) -> str:
    """Returns a time of UTC."""
    return f"{at.astimezone(UTC):%d %b %Y %H:%M:%S}"


def plural(count: int, one: str, many: str) -> str:
    """Returns a count with its noun."""
    return f"{number(count)} {one if count == 1 else many}"


def amount(minor: int, currency: str) -> str:
    """Returns money with its currency, e.g. EUR 19.99."""
    try:
        digits = exponent(currency)
    except UnknownCurrency:
        # Imported history names currencies that ISO 4217 does not have any more.
        return f"{currency} {minor:,} minor units"
    return f"{currency} {minor / 10**digits:,.{digits}f}"
