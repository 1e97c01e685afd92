"""Money in integer minor units, with the exponent that ISO 4217 gives its currency."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from chassis.rpc.errors import Invalid
from sojourn.common.v1 import money_pb2 as pb

# ISO 4217 list one, active codes with a minor unit; those with another exponent than 2 stand in
# _EXPONENTS.
CURRENCIES: Final = frozenset(
    re.findall(
        "[A-Z]{3}",
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
        BZD CAD CDF CHF CLP CNY COP CRC
        CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
        HTG HUF IDR ILS INR IQD IRR ISK
        JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
        MNT MOP MRU MUR MVR MWK MXN MYR
        MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
        SDG SEK SGD SHP SLE SOS SRD SSP
        STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST
        XAF XCD XOF XPF YER ZAR ZMW ZWG
        """,
    )
)
_EXPONENTS: Final = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


# The most that any amount may be, and the least below zero: 10^12 minor units, ten billion euros.
# Every border refuses more, so that no sum of a cart's or an order's lines comes near 2^63.
MOST_MINOR: Final = 10**12


class UnknownCurrency(Invalid):
    """Not an active ISO 4217 code."""


class CurrencyMismatch(Invalid):
    """Amounts of two currencies cannot be added or compared."""


class AmountTooLarge(Invalid):
    """An amount of money is beyond 10^12 minor units."""


def require_bounded(amount_minor: int, *, path: str = "") -> int:
    """Returns the amount.

    Raises AmountTooLarge, with the field that holds it, where it is beyond 10^12 minor units.
    """
    if -MOST_MINOR <= amount_minor <= MOST_MINOR:
        return amount_minor
    raise AmountTooLarge(
        "an amount of money has at most 10^12 minor units",
        most_minor=MOST_MINOR,
        **({"path": path} if path else {}),
    )


def exponent(currency: str) -> int:
    """Decimal digits of a currency's minor unit. Raises UnknownCurrency."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(currency=currency[:8])
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in integer minor units of an ISO 4217 currency; may be negative."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(require_bounded(self.amount_minor + self._same(other)), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(require_bounded(self.amount_minor - self._same(other)), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def times(self, quantity: int) -> "Money":
        """`quantity` of these. Raises AmountTooLarge."""
        return Money(require_bounded(self.amount_minor * quantity), self.currency)

    def at_rate(self, rate: Decimal) -> "Money":
        """The share `rate` of the amount, rounded half to even on the minor unit."""
        return Money(
            int((self.amount_minor * rate).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)),
            self.currency,
        )

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.amount_minor

    def to_proto(self) -> pb.Money:
        return pb.Money(amount_minor=self.amount_minor, currency=self.currency)

    @classmethod
    def from_proto(cls, message: pb.Money) -> "Money":
        """Raises AmountTooLarge."""
        return cls(require_bounded(message.amount_minor), message.currency)

    @classmethod
    def from_decimal(cls, amount: str | Decimal, currency: str) -> "Money":
        """The amount written in major units, e.g.

        "12.50". Raises Invalid if it is finer than the minor unit, AmountTooLarge.
        """
        minor = Decimal(amount).scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise Invalid("amount is finer than the currency's minor unit", currency=currency)
        return cls(require_bounded(int(minor)), currency)

    def __str__(self) -> str:
        digits = exponent(self.currency)
        return f"{Decimal(self.amount_minor).scaleb(-digits):.{digits}f} {self.currency}"


def allocate(total: Money, weights: Sequence[int]) -> list[Money]:
    """Splits `total` in proportion to `weights`, losing no minor unit.

    Largest-remainder method; ties go to the earlier weight. Negative totals mirror positive ones.
    Raises Invalid if a weight is negative or all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise Invalid("weights must be positive")
    sign = -1 if total.amount_minor < 0 else 1
    amount = abs(total.amount_minor)
    shares = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in by_remainder[: amount - sum(shares)]:
        shares[i] += 1
    return [Money(sign * share, total.currency) for share in shares]
