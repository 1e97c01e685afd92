"""Channels: create, change and delete them. Stored pages follow by a job of their own."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from catalog import events
from catalog.channels.model import (
    LOCALE,
    Channel,
    Channels,
    ContributionApproval,
    GuestPolicy,
    TaxDisplay,
    lock_channels,
)
from catalog.content_pages.model import Page
from catalog.errors import (
    ChannelExists,
    ChannelInUse,
    ChannelNotFound,
    InvalidChannel,
)
from catalog.listings.republishing import begin_republishing
from catalog.prices.model import Price, PriceList, PriceTier, price_lists
from catalog.products.own_data import with_own_data
from catalog.products.plain_text import line_of
from catalog.reservations.model import Reservation, ReservationStatus
from catalog.warehouses.model import keep_warehouses
from chassis.data.audit import record_audit
from chassis.data.statements import one_of
from chassis.data.tx import Tx
from chassis.money import CURRENCIES
from chassis.postal_addresses import is_country
from chassis.rpc.errors import VersionMismatch

MOST_CHANNELS: Final = 100
FIELDS: Final = (
    "name", "is_default", "locales", "currencies", "countries", "tax_display", "warehouses",
    "hosts", "price_list", "guest_policy", "contribution_approval", "metadata",
)  # fmt: skip
# Those that stored pages are made from.
_PUBLISHED: Final = frozenset({"locales", "currencies", "warehouses", "price_list"})
# What a channel has of content beside pages, which must go first.
_CONTENT: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM menu WHERE channel = %s",
    "DELETE FROM storefront WHERE channel = %s",
    "DELETE FROM share_link WHERE channel = %s",
)
_HOST: Final = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9-]{1,63})*")
_PRICE_LIST: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


async def create_channel(
    tx: Tx,
    code: str,
    values: Mapping[str, Any],
    *,
    prices_include_tax: bool,
    actor_id: UUID | None = None,
) -> Channel:
    """Creates a channel, and its price list where none has the code.

    Raises InvalidChannel, ChannelExists.
    """
    if not code:
        _refuse("code", "must not be empty")
    channels = await lock_channels(tx)
    if await tx.get(Channel, code) is not None:
        raise ChannelExists(code=code)
    if len(channels.all) >= MOST_CHANNELS:
        raise InvalidChannel(
            f"there are at most {MOST_CHANNELS}", path="settings.code", most=MOST_CHANNELS
        )
    channel = Channel(
        code=code,
        name=line_of(values.get("name") or code),
        is_default=False,
        locales=list(values.get("locales", ())),
        currencies=list(values.get("currencies", ())),
        countries=list(values.get("countries", ())),
        tax_display=values.get("tax_display") or TaxDisplay.GROSS,
        warehouses=list(values.get("warehouses", ())),
        hosts=[host.lower() for host in values.get("hosts", ())],
        price_list=values.get("price_list") or code,
        guest_policy=values.get("guest_policy") or GuestPolicy.BUY,
        contribution_approval=values.get("contribution_approval") or ContributionApproval.BY_HAND,
        own_data=_with_own_data(values, {}).get("own_data", {}),
    )
    lists = await price_lists(tx)
    if channel.price_list not in lists and not _PRICE_LIST.fullmatch(channel.price_list):
        _refuse("price_list", "is lower-case letters, digits, hyphens and underscores")
    await _require_usable(tx, channels, channel)
    if values.get("is_default"):
        await _make_default(tx, channel)
    await tx.insert(channel)
    if channel.price_list not in lists:
        await tx.insert(
            PriceList(code=channel.price_list, channel=code, tax_included=prices_include_tax)
        )
    await begin_republishing(tx)
    await tx.emit(events.channel_changed(channel), key=code)
    record_audit(tx, actor_id, "create_channel", subject_of(code), after=_told(channel, FIELDS))
    return channel


async def update_channel(
    tx: Tx,
    code: str,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> Channel:
    """Changes fields of a channel. What is the same already keeps its version.

    `metadata` merges into its `own_data`.

    Raises ChannelNotFound, InvalidChannel, VersionMismatch.
    """
    channels = await lock_channels(tx)
    before = await _lock(tx, code, expected_version)
    if before.is_default and values.get("is_default", True) is False:
        _refuse("is_default", "make another channel the default one")
    given = _with_own_data(values, before.own_data)
    given.pop("is_default", None)
    if "tax_display" in given and not given["tax_display"]:
        _refuse("tax_display", "must not be empty")
    if "guest_policy" in given:
        given["guest_policy"] = given["guest_policy"] or GuestPolicy.BUY
    if "contribution_approval" in given:
        given["contribution_approval"] = (
            given["contribution_approval"] or ContributionApproval.BY_HAND
        )
    if "name" in given:
        given["name"] = line_of(given["name"]) or _refuse("name", "must not be empty")
    if "hosts" in given:
        given["hosts"] = [host.lower() for host in given["hosts"]]
    channel = before.copy_row(**given)
    if channel.price_list not in await price_lists(tx):
        _refuse("price_list", "no price list has this code")
    await _require_usable(tx, channels, channel)
    if values.get("is_default") and not before.is_default:
        await _make_default(tx, channel)
    changed = [name for name in FIELDS if _value(channel, name) != _value(before, name)]
    if not changed:
        return before
    await tx.update(channel)
    if _PUBLISHED.intersection(changed):
        await begin_republishing(tx)
    await tx.emit(events.channel_changed(channel), key=code)
    record_audit(
        tx,
        actor_id,
        "update_channel",
        subject_of(code),
        before=_told(before, changed),
        after={**_told(channel, changed), "version": channel.version},
    )
    return channel


async def delete_channel(
    tx: Tx, code: str, *, expected_version: int = 0, actor_id: UUID | None = None
) -> None:
    """Deletes a channel with its own price lists.

    Raises ChannelNotFound, ChannelInUse, VersionMismatch.
    """
    channels = await lock_channels(tx)
    channel = await _lock(tx, code, expected_version)
    if channel.is_default:
        raise ChannelInUse("it is the default channel", by="default")
    lists = [each.code for each in (await price_lists(tx)).values() if each.channel == code]
    for other in channels.all:
        if other.code != code and other.price_list in lists:
            raise ChannelInUse(f"channel {other.code} reads its price list", by="price_list")
    held = select(func.count()).select_from(Reservation)
    held = held.where(
        col(Reservation.channel) == code,
        col(Reservation.status) == ReservationStatus.HELD.value,
    )
    if count := await tx.one(held):
        raise ChannelInUse("orders of it are being placed", by="reservations", count=count)
    pages = select(func.count()).select_from(Page).where(col(Page.channel) == code)
    if count := await tx.one(pages):
        raise ChannelInUse("it has landing pages", by="pages", count=count)
    await tx.execute(delete(PriceTier).where(one_of(PriceTier.price_list, lists)))
    await tx.execute(delete(Price).where(one_of(Price.price_list, lists)))
    # Channel and list name each other: that of the channel is looked at when all of it is done.
    await tx.execute(delete(PriceList).where(one_of(PriceList.code, lists)))
    for table in _CONTENT:
        await tx.run(table, [channel.code])
    await tx.delete(channel)
    await begin_republishing(tx)
    await tx.emit(events.channel_deleted(code), key=code)
    before = _told(channel, FIELDS)
    record_audit(tx, actor_id, "delete_channel", subject_of(code), before=before, after=None)


def subject_of(code: str) -> str:
    """Returns the name of a channel in audit rows."""
    return f"channel:{code}"


async def _lock(tx: Tx, code: str, expected_version: int) -> Channel:
    channel = await tx.lock(Channel, code)
    if channel is None:
        raise ChannelNotFound(code=code[:64])
    if expected_version not in (0, channel.version):
        raise VersionMismatch("the channel changed meanwhile", version=channel.version)
    return channel


async def _make_default(tx: Tx, channel: Channel) -> None:
    others = update(Channel).where(col(Channel.is_default), col(Channel.code) != channel.code)
    await tx.execute(others.values(is_default=False, version=Channel.version + 1))
    channel.is_default = True


async def _require_usable(tx: Tx, channels: Channels, channel: Channel) -> None:
    """Raises InvalidChannel for a value that makes no sense."""
    _require_all("locales", channel.locales, is_needed=True)
    for number, locale in enumerate(channel.locales):
        if not LOCALE.fullmatch(locale) or len(locale) > 35:
            _refuse(f"locales[{number}]", "is not a BCP 47 language tag")
    _require_all("currencies", channel.currencies, is_needed=True)
    for number, currency in enumerate(channel.currencies):
        if currency not in CURRENCIES:
            _refuse(f"currencies[{number}]", "is not an active ISO 4217 code")
    _require_all("countries", channel.countries, is_needed=True)
    for number, country in enumerate(channel.countries):
        if not is_country(country):
            _refuse(f"countries[{number}]", "is not an ISO 3166-1 alpha-2 code")
    _require_all("warehouses", channel.warehouses, is_needed=True)
    # Nobody deletes one of them until the commit.
    known = await keep_warehouses(tx, channel.warehouses)
    for number, warehouse in enumerate(channel.warehouses):
        if warehouse not in known:
            _refuse(f"warehouses[{number}]", "no warehouse has this code")
    _require_hosts(channels, channel)


def _require_hosts(channels: Channels, channel: Channel) -> None:
    _require_all("hosts", channel.hosts, is_needed=False)
    taken = {
        host: other.code
        for other in channels.all
        if other.code != channel.code
        for host in other.hosts
    }
    for number, host in enumerate(channel.hosts):
        if not _HOST.fullmatch(host):
            _refuse(f"hosts[{number}]", "is a host's name, e.g. shop.example")
        if host in taken:
            _refuse(f"hosts[{number}]", f"channel {taken[host]} has it")


def _require_all(field: str, values: Sequence[str], *, is_needed: bool) -> None:
    if is_needed and not values:
        _refuse(field, "must have at least one")
    if len({value.lower() for value in values}) < len(values):
        _refuse(field, "one is there twice")


def _refuse(path: str, why: str) -> Any:
    raise InvalidChannel(f"{path}: {why}", path=f"settings.{path}", why=why)


def _told(channel: Channel, names: Sequence[str]) -> dict[str, Any]:
    return {name: _value(channel, name) for name in names}


def _value(channel: Channel, name: str) -> Any:
    return channel.own_data if name == "metadata" else getattr(channel, name)


def _with_own_data(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    return with_own_data(values, before, InvalidChannel, path="settings.metadata")
