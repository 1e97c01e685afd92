"""Tax rates as rows, and how a channel uses them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP
from enum import StrEnum
from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Integer, Text, UniqueConstraint

from chassis.data.rows import Field, Row, code, column, counter, document, states

MILLION: Final = 1_000_000
# Of all rates, above which each checkout would feel them.
MOST_RATES: Final = 100_000


class Rounding(StrEnum):
    ORDER = "order"
    LINE = "line"


class HalfRounding(StrEnum):
    EVEN = "even"
    UP = "up"

    @property
    def of_decimal(self) -> str:
        """The rounding of `decimal` that it is."""
        return ROUND_HALF_EVEN if self is HalfRounding.EVEN else ROUND_HALF_UP


class DeliveryTaxRule(StrEnum):
    """The rates of delivery that has no class of its own."""

    PROPORTIONAL = "proportional"
    MAIN = "main"
    HIGHEST = "highest"


class UnconfirmedVatIds(StrEnum):
    """Whether a VAT id that no authority has confirmed relieves from tax."""

    REFUSE = "refuse"
    ACCEPT = "accept"


class ProviderFallback(StrEnum):
    """The choice where a tax provider does not answer: the own rates count, or no order does."""

    TABLES = "tables"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Place:
    """A place that taxes an order, as far as it is known: country, region code, postal code."""

    country: str
    region: str = ""
    postal_code: str = ""


class TaxRate(Row, table=True):
    """A tax of a place, for a class of goods, from a day on.

    `rate_ppm` is in millionths. Titles are by language. Dates without a bound are None: the last
    day is not of it. Rates of several levels add up; a compound one is on those below it too.
    """

    __tablename__ = "tax_rate"
    __table_args__ = (
        CheckConstraint("rate_ppm BETWEEN 0 AND 2000000"),
        CheckConstraint("valid_to > valid_from"),
        UniqueConstraint(
            "country", "region", "postal_prefix", "tax_class", "level", "valid_from",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    code: str = Field(primary_key=True)
    country: str
    region: str
    postal_prefix: str
    tax_class: str
    titles: dict[str, str] = document(dict[str, str])
    rate_ppm: int = column(Integer)
    level: int
    is_compound: bool
    valid_from: date | None = None
    valid_to: date | None = None
    source: str
    source_date: date | None = None
    version: int = counter(default=1)

    @property
    def key(self) -> tuple[str, str, str, str, int, date | None]:
        """The values that no two rates share."""
        return (
            self.country, self.region, self.postal_prefix, self.tax_class, self.level,
            self.valid_from,
        )  # fmt: skip

    def holds(self, place: Place, day: date) -> bool:
        """Returns whether it is a rate of a place on a day."""
        return (
            self.region in ("", place.region)
            and postal_key(place.postal_code).startswith(self.postal_prefix)
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day < self.valid_to)
        )

    @property
    def precedence(self) -> tuple[int, bool, date]:
        """The greatest one counts: the most specific place, then what began last."""
        return len(self.postal_prefix), bool(self.region), self.valid_from or date.min


# Directive 2006/112/EC, article 369l.
IOSS_LIMITS: Final = {"EUR": 150_00}


class TaxSettings(Row, table=True):
    """Rules by which a channel's taxes are computed.

    The row of the empty channel is for the channels that have none.
    """

    __tablename__ = "tax_settings"
    __table_args__ = (
        states("rounding", Rounding),
        states("half_rounding", HalfRounding),
        states("delivery_tax_rule", DeliveryTaxRule),
        states("unconfirmed_vat_ids", UnconfirmedVatIds),
        states("provider_fallback", ProviderFallback),
    )

    channel: str = Field(primary_key=True)
    rounding: Rounding = code(Rounding, default=Rounding.ORDER)
    half_rounding: HalfRounding = code(HalfRounding, default=HalfRounding.EVEN)
    # Empty: delivery is taxed by `delivery_tax_rule`.
    delivery_tax_class: str = column(Text, default="", server_default="''")
    collects_in: list[str] = document(list[str])
    has_one_stop_shop: bool = column(Boolean, default=False, server_default="FALSE")
    version: int = counter(default=1)
    delivery_tax_rule: DeliveryTaxRule = code(
        DeliveryTaxRule, default=DeliveryTaxRule.PROPORTIONAL, server_default="'proportional'"
    )
    seller_vat_id: str = column(Text, default="", server_default="''")
    unconfirmed_vat_ids: UnconfirmedVatIds = code(
        UnconfirmedVatIds, default=UnconfirmedVatIds.REFUSE, server_default="'refuse'"
    )
    deducts_on_export: bool = column(Boolean, default=False, server_default="FALSE")
    # Name of the tax provider; empty for the own rates.
    provider: str = column(Text, default="", server_default="''")
    provider_fallback: ProviderFallback = code(
        ProviderFallback, default=ProviderFallback.TABLES, server_default="'tables'"
    )
    # The number of the EU's import scheme, and by currency the value of goods up to which it is.
    ioss_number: str = column(Text, default="", server_default="''")
    ioss_limits: dict[str, int] = document(
        dict[str, int], default_factory=dict, server_default="'{}'"
    )

    def ioss_limit(self, currency: str) -> int:
        """Returns the value in minor units; 0 where the scheme is not used."""
        if not self.ioss_number:
            return 0
        return (self.ioss_limits or IOSS_LIMITS).get(currency, 0)


class TaxRevision(Row, table=True):
    """The number of the last change of rates or settings, which every process follows."""

    __tablename__ = "tax_revision"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(primary_key=True)
    number: int = counter()
    changed_at: datetime


def postal_key(postal_code: str) -> str:
    """Returns a postal code without spaces, in upper case."""
    return "".join(postal_code.split()).upper()
