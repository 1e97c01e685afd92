"""Channels: shop fronts or markets with languages, currencies, countries and warehouses."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import JsonValue
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text, update
from sqlmodel import col, select

from catalog.errors import UnknownChannel, UnsupportedCurrency
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, counter, document, states
from chassis.data.rows import code as code_column
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.money import CURRENCIES
from chassis.rpc.errors import Unavailable

LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# A view that was asked for is remembered where its names are short; there are few channels, locales
# and currencies.
_MOST_VIEWS: Final = 1_000
_MOST_VIEW_CHARACTERS: Final = 64
_LOOP: Final = Loop("channels")


class TaxDisplay(StrEnum):
    GROSS = "gross"
    NET = "net"


class GuestPolicy(StrEnum):
    """Rights of shoppers who are not logged in.

    They buy, or look at products with their prices, or see products without prices.
    """

    BUY = "buy"
    LOOK = "look"
    NO_PRICES = "no_prices"


class ContributionApproval(StrEnum):
    """Rules by which reviews, questions and answers of customers are approved."""

    BY_HAND = "by_hand"
    BUYERS = "buyers"


class Channel(Row, table=True):
    """A shop front.

    The first locale and the first currency are its defaults; warehouses serve it in their order.
    """

    __tablename__ = "channel"
    __table_args__ = (
        CheckConstraint("jsonb_array_length(locales) > 0"),
        CheckConstraint("jsonb_array_length(currencies) > 0"),
        states("tax_display", TaxDisplay),
        states("guest_policy", GuestPolicy),
        states("contribution_approval", ContributionApproval),
        CheckConstraint("jsonb_array_length(warehouses) > 0"),
        # A channel and its price list name each other.
        ForeignKeyConstraint(
            ["price_list"],
            ["price_list.code"],
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        Index("channel_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )

    code: str = Field(primary_key=True)
    name: str
    is_default: bool
    locales: list[str] = document(list[str])
    currencies: list[str] = document(list[str])
    countries: list[str] = document(list[str])
    tax_display: TaxDisplay = code_column(TaxDisplay)
    warehouses: list[str] = document(list[str])
    hosts: list[str] = document(list[str])
    price_list: str
    version: int = counter(default=1)
    guest_policy: GuestPolicy = code_column(
        GuestPolicy, default=GuestPolicy.BUY, server_default="'buy'"
    )
    contribution_approval: ContributionApproval = code_column(
        ContributionApproval, default=ContributionApproval.BY_HAND, server_default="'by_hand'"
    )
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )

    @property
    def hides_prices(self) -> bool:
        """Returns whether guests see no prices."""
        return self.guest_policy is GuestPolicy.NO_PRICES

    def require_usable(self) -> None:
        """Raises ValueError for an invalid language tag or ISO 4217 code, or for a duplicate."""
        if not self.locales or not all(map(LOCALE.fullmatch, self.locales)):
            raise ValueError("a locale is no BCP 47 language tag")
        if not self.currencies or not CURRENCIES.issuperset(self.currencies):
            raise ValueError("a currency is no active ISO 4217 code")
        if len({locale.lower() for locale in self.locales}) < len(self.locales) or len(
            {*self.currencies}
        ) < len(self.currencies):
            raise ValueError("a locale or a currency is there twice")


class ChannelSet(Row, table=True):
    """The one row whose version rises with every change of channels.

    Who publishes holds its lock in common with others, so that a channel changes between two
    publications and never during one.
    """

    __tablename__ = "channel_set"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(default=True, primary_key=True)
    version: int = counter(default=1)


_VERSION: Final = prepare(select(ChannelSet.version))
_SHARE: Final = prepare(select(ChannelSet.version).with_for_update(read=True))
_RAISE: Final = prepare(update(ChannelSet).values(version=ChannelSet.version + 1))


@dataclass(frozen=True, slots=True)
class View:
    """In which shop, language and currency to answer: always a combination that the channel has."""

    channel: str
    locale: str
    currency: str


class Channels:
    """All channels at one version; what a request asks for is resolved here."""

    def __init__(self, channels: Iterable[Channel], version: int = 0) -> None:
        self.all, self.version = tuple(channels), version
        self.by_code = {channel.code: channel for channel in self.all}
        self._default = next((channel for channel in self.all if channel.is_default), None)
        self._views: dict[tuple[str, ...], View] = {}

    @property
    def default(self) -> Channel:
        """Raises Unavailable if the default channel is unreadable: another has other prices."""
        if self._default is None:
            raise Unavailable("the default channel cannot be read", retry_after_seconds=30)
        return self._default

    def channel(self, code: str) -> Channel:
        """The channel of a code; the default one for the empty code. Raises UnknownChannel."""
        if not code:
            return self.default
        channel = self.by_code.get(code)
        if channel is None:
            raise UnknownChannel(channel=code[:40])
        return channel

    def view(self, channel: str, locale: str, currency: str, accepted: Sequence[str] = ()) -> View:
        """The view that a request asks for. Raises UnknownChannel, UnsupportedCurrency.

        A locale that the channel lacks falls back to its language, then to the first of `accepted`
        that the channel has, then to the channel's first.
        """
        asked = (channel, locale, currency, *accepted)
        known = self._views.get(asked)
        if known is not None:
            return known
        found = self.channel(channel)
        if currency and currency not in found.currencies:
            raise UnsupportedCurrency(currency=currency[:8], channel=found.code)
        negotiated = _negotiate([locale, *accepted], found.locales)
        view = View(found.code, negotiated, currency or found.currencies[0])
        if len(self._views) < _MOST_VIEWS and sum(map(len, asked)) <= _MOST_VIEW_CHARACTERS:
            self._views[asked] = view
        return view

    @property
    def locales(self) -> tuple[str, ...]:
        """Every locale of any channel. Two channels' spellings of one tag are one locale."""
        return tuple(
            {
                locale.lower(): locale
                for channel in reversed(self.all)
                for locale in reversed(channel.locales)
            }.values()
        )[::-1]

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency of any channel."""
        return tuple(
            dict.fromkeys(currency for channel in self.all for currency in channel.currencies)
        )


def _negotiate(accepted: Sequence[str], offered: list[str]) -> str:
    """Returns the first offered locale that is accepted, as a tag or as a language (RFC 4647)."""
    by_tag = {locale.lower(): locale for locale in reversed(offered)}
    by_language = {locale.split("-")[0].lower(): locale for locale in reversed(offered)}
    for wanted in accepted:
        tag = wanted.lower().replace("_", "-")
        if found := by_tag.get(tag) or by_language.get(tag.split("-")[0]):
            return found
    return offered[0]


def localized(texts: dict[str, str], locale: str, fallback: str) -> str:
    """The text in `locale`, else in its language, else in `fallback`, else in any, else empty."""
    for tag in (locale, locale.split("-")[0], fallback, fallback.split("-")[0]):
        if text := texts.get(tag):
            return text
    return next((text for text in texts.values() if text), "")


async def all_channels(read: Read) -> Channels:
    """Every channel, by code. One that cannot be read is left out."""
    # The version first: what changes in between is loaded again.
    version = await channels_version(read)
    usable: list[Channel] = []
    for channel in await find_readable(
        read, Channel, select(Channel).order_by(col(Channel.code)), loop=_LOOP
    ):
        try:
            channel.require_usable()
        except ValueError as error:
            _LOOP.skip(channel.code, error)
        else:
            usable.append(channel)
    return Channels(usable, version)


async def channels_version(read: Read) -> int:
    """The version of the set of channels."""
    return await read.one(_VERSION) or 0


async def share_channels(tx: Tx, known: Channels) -> Channels:
    """Returns the channels as they are until the end of the transaction: `known` if it is they.

    Call it with the products locked that are published for them.
    """
    return known if await tx.one(_SHARE) == known.version else await all_channels(tx)


async def lock_channels(tx: Tx) -> Channels:
    """Keeps all others from changing channels or publishing for them until the transaction ends.

    Raises the version, and returns the channels.
    """
    await tx.execute(_RAISE)
    return await all_channels(tx)
