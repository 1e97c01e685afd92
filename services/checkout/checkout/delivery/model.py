"""Zones, calendars, carriers, methods and rates of delivery as rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from sqlalchemy import CheckConstraint, Integer, Text, UniqueConstraint

from chassis.data.rows import Field, Row, column, counter, document, minor, states
from chassis.data.rows import code as coded

# Of all settings of a kind, above which each checkout would feel them.
MOST_SETTINGS: Final = 20_000


class MethodKind(StrEnum):
    ADDRESS = "address"
    PICKUP = "pickup"


class Basis(StrEnum):
    """Measures that a price depends on.

    They are grams, minor units of the goods' price, pieces, or cubic centimetres.
    """

    WEIGHT = "weight"
    VALUE = "value"
    QUANTITY = "quantity"
    VOLUME = "volume"


class SplitRule(StrEnum):
    """Rules for orders of which some goods are not there yet: who has them sent in parts."""

    TOGETHER = "together"
    BUYER = "buyer"
    ALWAYS = "always"


class Refusal(StrEnum):
    """Reasons for which a method is not offered."""

    DISABLED = "disabled"
    OTHER_CHANNEL = "other_channel"
    OTHER_ZONE = "other_zone"
    NO_PICKUP = "no_pickup"
    NO_RATE = "no_rate"
    BELOW_LEAST = "below_least"
    ABOVE_MOST = "above_most"
    PRICE_TOO_HIGH = "price_too_high"


@dataclass(frozen=True, slots=True)
class ZonePlace:
    """A country, a region of it, or the beginning of its postal codes."""

    country: str
    region: str = ""
    postal_prefix: str = ""


@dataclass(frozen=True, slots=True)
class ServedZone:
    """A zone that a method serves, and its working days from leaving to arrival."""

    zone: str
    least_days: int
    most_days: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """A price from a least value on, and what each started step from there adds.

    Values and steps are of the basis, prices in minor units.
    """

    least: int
    price_minor: int
    step_minor: int = 0
    step: int = 0

    def price_of(self, value: int) -> int:
        """Returns the price in minor units of a value that is not below `least`."""
        return self.price_minor + self.step_minor * self._started(value)

    def range_of(self, value: int, below: int | None) -> tuple[int, int | None]:
        """Returns the first value with the same price, and the first one above with another.

        `below` is the first value that is not of the bracket; None is no limit.
        """
        if not self.step_minor:
            return self.least, below
        until = self.least + self._started(value) * self.step
        return until - self.step, until if below is None else min(until, below)

    def _started(self, value: int) -> int:
        return (value - self.least) // self.step + 1 if self.step else 0


class DeliveryZone(Row, table=True):
    """Places with the same methods and rates.

    `is_home`: the country that parcels are sent from is of it. `is_elsewhere`: all is of it that
    no other zone names. It is for parcels from `origins` only, if there are any.
    """

    __tablename__ = "delivery_zone"

    code: str = Field(primary_key=True)
    title: str
    places: list[ZonePlace] = document(list[ZonePlace])
    is_home: bool
    is_elsewhere: bool
    origins: list[str] = document(list[str])
    version: int = counter(default=1)


class DeliveryCalendar(Row, table=True):
    """The days on which parcels leave and arrive: weekdays of ISO 8601 without the holidays."""

    __tablename__ = "delivery_calendar"

    code: str = Field(primary_key=True)
    title: str
    weekdays: list[int] = document(list[int])
    holidays: list[date] = document(list[date])
    version: int = counter(default=1)


class DeliveryCarrier(Row, table=True):
    """A company that brings parcels.

    The template has {tracking_number} in it, or is empty. Without `channels` all send by it.
    `integration` is the name of a connection, or empty.
    """

    __tablename__ = "delivery_carrier"

    code: str = Field(primary_key=True)
    titles: dict[str, str] = document(dict[str, str])
    tracking_url_template: str
    phone_number: str
    email: str
    help_url: str
    channels: list[str] = document(list[str])
    is_disabled: bool
    integration: str = column(Text, default="", server_default="''")
    version: int = counter(default=1)

    def takes_from(self, channel: str) -> bool:
        """Returns whether it takes parcels of a channel now."""
        return not self.is_disabled and (not self.channels or channel in self.channels)

    def tracking_url(self, tracking_number: str, *, postal_code: str, language: str) -> str:
        """Returns where to follow a parcel; empty where it has no number or template."""
        if not tracking_number:
            return ""
        url = self.tracking_url_template
        for name, value in (
            ("tracking_number", tracking_number),
            ("postal_code", postal_code),
            ("language", language),
        ):
            url = url.replace("{" + name + "}", quote(value, safe=""))
        return url


class DeliveryMethod(Row, table=True):
    """A way of delivery that buyers choose.

    `cut_off` is a time of the day in `time_zone`, empty for the end of the day; an empty time zone
    is UTC. Without `channels` all offer it. `carrier` is a name where there is no `carrier_code`.
    """

    __tablename__ = "delivery_method"
    __table_args__ = (
        states("kind", MethodKind),
        states("split", SplitRule),
        CheckConstraint("grace_days >= 0"),
        CheckConstraint("pickup_days >= 0"),
        CheckConstraint("pickup_reminder_days >= 0"),
        CheckConstraint("pickup_cancel_days >= 0"),
    )

    code: str = Field(primary_key=True)
    kind: MethodKind = coded(MethodKind)
    titles: dict[str, str] = document(dict[str, str])
    carrier: str
    channels: list[str] = document(list[str])
    zones: list[ServedZone] = document(list[ServedZone])
    position: int
    is_disabled: bool
    cut_off: str
    time_zone: str
    calendar: str
    carrier_code: str = column(Text, default="", server_default="''")
    grace_days: int = column(Integer, default=0, server_default="0")
    # Of the kind pickup: how long a store keeps goods, and when it reminds; 0 is never.
    pickup_days: int = column(Integer, default=0, server_default="0")
    pickup_reminder_days: int = column(Integer, default=0, server_default="0")
    # Days after the end until an order is cancelled by itself; None is never.
    pickup_cancel_days: int | None = column(Integer, default=None, nullable=True)
    split: SplitRule = coded(SplitRule, default=SplitRule.TOGETHER, server_default="'together'")
    version: int = counter(default=1)

    def serves(self, zone: str) -> ServedZone | None:
        """Returns how it serves a zone."""
        return next((served for served in self.zones if served.zone == zone), None)


class DeliveryRate(Row, table=True):
    """The price of a method in a zone and a currency.

    Brackets rise by their least value; the method takes no more than `most`, if that is not 0.
    Delivery is free from a price of the goods of `free_from_minor`.
    """

    __tablename__ = "delivery_rate"
    __table_args__ = (
        states("basis", Basis),
        CheckConstraint("most >= 0"),
        CheckConstraint("free_from_minor >= 0"),
        UniqueConstraint("method", "zone", "currency"),
    )

    code: str = Field(primary_key=True)
    method: str
    zone: str
    currency: str
    basis: Basis = coded(Basis)
    brackets: list[Bracket] = document(list[Bracket])
    most: int = counter(default=0)
    free_from_minor: int | None = minor(default=None)
    version: int = counter(default=1)

    @property
    def key(self) -> tuple[str, str, str]:
        """The values that no two rates share."""
        return self.method, self.zone, self.currency


class DeliveryRevision(Row, table=True):
    """The number of the last change of these settings, which every process follows."""

    __tablename__ = "delivery_revision"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(primary_key=True)
    number: int = counter()
    changed_at: datetime
