"""Channels: shop fronts or markets, with their languages, currencies, countries and warehouses."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalog.errors import UnknownChannel, UnsupportedCurrency
from chassis.db import Read
from chassis.rows import Row


class TaxDisplay(StrEnum):
    GROSS = "gross"
    NET = "net"


@dataclass(kw_only=True)
class Channel(Row, table="channel", key=("code",)):
    """A shop front. The first locale and the first currency are its defaults; warehouses serve it in their order."""

    code: str
    name: str
    is_default: bool
    locales: list[str]
    currencies: list[str]
    countries: list[str]
    tax_display: TaxDisplay
    warehouses: list[str]
    hosts: list[str]
    price_list: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class View:
    """In which shop, language and currency to answer: always a combination that the channel has."""

    channel: str
    locale: str
    currency: str


class Channels:
    """All channels; what a request asks for is resolved here."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self.all = tuple(channels)
        self.by_code = {channel.code: channel for channel in self.all}
        self.default = next(channel for channel in self.all if channel.is_default)
        self._views: dict[tuple[str, str, str], View] = {}

    def channel(self, code: str) -> Channel:
        """The channel of a code; the default one for the empty code. Raises UnknownChannel."""
        if not code:
            return self.default
        channel = self.by_code.get(code)
        if channel is None:
            raise UnknownChannel(channel=code[:40])
        return channel

    def view(self, channel: str, locale: str, currency: str) -> View:
        """The view that a request asks for. Raises UnknownChannel, UnsupportedCurrency.

        A locale that the channel lacks falls back to its language, then to the channel's first.
        """
        asked = (channel, locale, currency)
        known = self._views.get(asked)
        if known is not None:
            return known
        found = self.channel(channel)
        if currency and currency not in found.currencies:
            raise UnsupportedCurrency(currency=currency[:8], channel=found.code)
        view = View(found.code, _locale(locale, found.locales), currency or found.currencies[0])
        if len(self._views) < 1_000:
            self._views[asked] = view
        return view

    @property
    def locales(self) -> tuple[str, ...]:
        """Every locale of any channel."""
        return tuple(dict.fromkeys(locale for channel in self.all for locale in channel.locales))

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency of any channel."""
        return tuple(dict.fromkeys(currency for channel in self.all for currency in channel.currencies))


def _locale(asked: str, offered: list[str]) -> str:
    by_tag = {locale.lower(): locale for locale in reversed(offered)}
    by_language = {locale.split("-")[0].lower(): locale for locale in reversed(offered)}
    tag = asked.lower().replace("_", "-")
    return by_tag.get(tag) or by_language.get(tag.split("-")[0]) or offered[0]


def localized(texts: dict[str, str], locale: str, fallback: str) -> str:
    """The text in `locale`, else in its language, else in `fallback`, else in any, else empty."""
    for tag in (locale, locale.split("-")[0], fallback, fallback.split("-")[0]):
        if text := texts.get(tag):
            return text
    return next((text for text in texts.values() if text), "")


async def all_channels(read: Read) -> Channels:
    """Every channel, by code."""
    return Channels(await read.find(Channel, "ORDER BY code"))
