"""Payment methods as rows: by whom they are run, and for which orders they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from sqlalchemy import CheckConstraint

from chassis.data.rows import Code, Field, Row, column, counter, document, minor, states
from checkout.payments.model import CapturePoint

# Of all methods, above which each checkout would feel them.
MOST_METHODS: Final = 500
_WHOLE: Final = Fraction(1)


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Properties of an order by which methods are offered. The amount is its total."""

    channel: str
    country: str
    currency: str
    amount_minor: int
    customer_group: str = ""


class PaymentMethod(Row, table=True):
    """A way to pay, as staff keep it.

    An empty list of channels, countries, currencies or customer groups is no limit. Amounts are
    minor units of the one currency; an `amount_to_minor` of 0 is no limit. Texts are by language;
    without a title that of the provider is shown. The buyer pays `fees` on top, in minor units by
    currency, and `fee_rate`, a share of what is paid so as a decimal number.
    """

    __tablename__ = "payment_method"
    __table_args__ = (
        states("capture_at", CapturePoint),
        CheckConstraint("amount_from_minor >= 0"),
        CheckConstraint("amount_to_minor = 0 OR amount_to_minor >= amount_from_minor"),
    )

    code: str = Field(primary_key=True)
    provider: str
    provider_method: str
    titles: dict[str, str] = document(dict[str, str])
    descriptions: dict[str, str] = document(dict[str, str])
    channels: list[str] = document(list[str])
    countries: list[str] = document(list[str])
    currencies: list[str] = document(list[str])
    customer_groups: list[str] = document(list[str])
    amount_from_minor: int = minor()
    amount_to_minor: int = minor()
    position: int
    is_preferred: bool
    is_enabled: bool
    capture_at: CapturePoint = column(
        Code(CapturePoint), default=CapturePoint.ORDER, server_default="'order'"
    )
    fees: dict[str, int] = document(dict[str, int], default_factory=dict, server_default="'{}'")
    fee_rate: str = Field(default="", sa_column_kwargs={"server_default": ""})
    version: int = counter(default=1)

    @property
    def precedence(self) -> tuple[bool, int, str]:
        """The least one is shown first: preferred, then by position and code."""
        return not self.is_preferred, self.position, self.code

    def fits(self, terms: PaymentTerms) -> bool:
        """Returns whether an order may be paid so."""
        return (
            self.is_enabled
            and _allows(self.channels, terms.channel)
            and _allows(self.countries, terms.country)
            and _allows(self.currencies, terms.currency)
            and _allows(self.customer_groups, terms.customer_group)
            and self.amount_from_minor <= terms.amount_minor
            and (not self.amount_to_minor or terms.amount_minor <= self.amount_to_minor)
        )

    def fits_all_of(self, channel: str, currency: str, customer_group: str) -> bool:
        """Returns whether every order of a channel, a currency and a group may be paid so."""
        return (
            self.is_enabled
            and not self.countries
            and not self.amount_from_minor
            and not self.amount_to_minor
            and _allows(self.channels, channel)
            and _allows(self.currencies, currency)
            and _allows(self.customer_groups, customer_group)
        )


def fee_of(
    method: PaymentMethod, amount_minor: int, currency: str, *, share: Fraction = _WHOLE
) -> int:
    """Returns the fee in minor units of paying an amount so; 0 where nothing is left to pay.

    `share` is what of a fixed fee is left where the buyer is relieved of its tax. Half a unit goes
    to the even neighbour.
    """
    if amount_minor <= 0:
        return 0
    rate = Fraction(method.fee_rate) if method.fee_rate else 0
    return round(method.fees.get(currency, 0) * share) + round(amount_minor * rate)


class PaymentMethodRevision(Row, table=True):
    """The number of the last change of payment methods, which every process follows."""

    __tablename__ = "payment_method_revision"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(primary_key=True)
    number: int = counter()
    changed_at: datetime


def text_in(texts: Mapping[str, str], locale: str) -> str:
    """Returns the text in the nearest language.

    That is the locale's, then its language's, then English, then the first; empty without texts.
    """
    tag = locale.replace("_", "-")
    by_tag = {name.lower(): text for name, text in texts.items()}
    for wanted in (tag.lower(), tag.partition("-")[0].lower(), "en"):
        if found := by_tag.get(wanted):
            return found
    return next(iter(texts.values()), "")


def _allows(listed: list[str], value: str) -> bool:
    return not listed or value in listed
