"""Staff's changes of price lists and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlmodel import col, select

from catalog import events
from catalog.bundles.prices import reprice_bundles
from catalog.channels.model import Channel, Channels
from catalog.errors import (
    InvalidPrice,
    InvalidPriceList,
    PriceListExists,
    PriceListInUse,
    PriceListNotFound,
    UnknownSku,
    UnsupportedCurrency,
)
from catalog.listings.publish import publish_changed
from catalog.prices.model import Price, PriceList, PriceTier
from catalog.products.model import Variant
from catalog.products.own_data import with_own_data
from catalog.stock.changed_levels import CatalogContext
from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.money import Money, require_bounded
from chassis.rpc.errors import VersionMismatch

# Republishes what a list prices, when it begins or ends to count.
EFFECT: Final = "price_list_effect"
_AT_ONCE: Final = 250
_VARIANTS: Final = prepare(select(Variant).where(one_of(Variant.sku, "skus")))
_DROP_PRICES: Final = prepare(
    delete(Price).where(
        col(Price.price_list) == bindparam("code"),
        one_of(Price.variant_id, "variant_ids"),
        col(Price.currency) == bindparam("currency"),
    )
)
_DROP_TIERS: Final = prepare(
    delete(PriceTier).where(
        col(PriceTier.price_list) == bindparam("code"),
        one_of(PriceTier.variant_id, "variant_ids"),
        col(PriceTier.currency) == bindparam("currency"),
    )
)
_DROP_ALL: Final = (
    prepare(delete(PriceTier).where(col(PriceTier.price_list) == bindparam("code"))),
    prepare(delete(Price).where(col(Price.price_list) == bindparam("code"))),
)
_OWN: Final = prepare(
    select(Channel.code).where(col(Channel.price_list) == bindparam("code")).limit(1)
)
_PRICED: Final = prepare(
    select(Variant.product_id)
    .distinct()
    .join(Price, col(Price.variant_id) == col(Variant.id))
    .where(col(Price.price_list) == bindparam("code"), col(Variant.product_id) > bindparam("last"))
    .order_by(col(Variant.product_id))
    .limit(_AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price of a SKU to set or to remove. `tiers` are pairs of a quantity and a price."""

    sku: str
    price: Money
    compare_at: Money | None
    tiers: Sequence[tuple[int, Money]]
    is_removed: bool
    path: str


async def create_price_list(
    tx: Tx, channels: Channels, price_list: PriceList, *, actor_id: UUID | None = None
) -> PriceList:
    """Creates a list; its prices have tax in them where those of the channel's own list have.

    Raises UnknownChannel, InvalidPriceList, UnsupportedCurrency, PriceListExists.
    """
    channel = channels.channel(price_list.channel)
    own = await tx.get(PriceList, channel.price_list)
    price_list.channel = channel.code
    price_list.tax_included = own.tax_included if own else True
    if price_list.currency and price_list.currency not in channel.currencies:
        raise UnsupportedCurrency(path="currency", currency=price_list.currency)
    if price_list.organization_id is not None and price_list.customer_group:
        raise InvalidPriceList("is for an organization or a group", path="customer_group")
    _require_schedule(price_list)
    with_own_data({"own_data": price_list.own_data}, {}, InvalidPriceList)
    if not await tx.insert_new(price_list):
        raise PriceListExists(price_list=price_list.code)
    await _announce_list(tx, price_list)
    record_audit(
        tx, actor_id, "create_price_list", f"price_list:{price_list.code}", after=_facts(price_list)
    )
    return price_list


async def update_price_list(
    tx: Tx,
    code: str,
    changes: Mapping[str, Any],
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> PriceList:
    """Changes the named fields; `metadata` merges into `own_data`.

    Pages follow by a timer, offers at once.

    Raises PriceListNotFound, InvalidPriceList, VersionMismatch.
    """
    before = await _lock(tx, code, expected_version)
    if before is None:
        raise PriceListNotFound(price_list=code[:40])
    after = before.copy_row(**with_own_data(changes, before.own_data, InvalidPriceList))
    _require_schedule(after)
    if after == before:
        return after
    if await tx.one(_OWN, code=code) is not None and changes.keys() - {
        "name",
        "metadata",
        "own_data",
    }:
        raise InvalidPriceList("a channel's own list always counts, as the last", path="code")
    await tx.update(after)
    await _announce_list(tx, after)
    record_audit(
        tx,
        actor_id,
        "update_price_list",
        f"price_list:{code}",
        before=_facts(before),
        after=_facts(after),
    )
    return after


async def delete_price_list(
    tx: Tx,
    context: CatalogContext,
    code: str,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> None:
    """Deletes a list and its prices; an unknown one is passed over.

    Raises PriceListInUse, VersionMismatch, InvalidPriceList (too many prices: end the list first).
    """
    price_list = await _lock(tx, code, expected_version)
    if price_list is None:
        return
    if (channel := await tx.one(_OWN, code=code)) is not None:
        raise PriceListInUse("it is a channel's own", channel=channel)
    priced = await tx.all(_PRICED, code=code, last=UUID(int=0))
    is_in_effect = price_list.is_active and price_list.is_valid_at(tx.now)
    if is_in_effect and len(priced) == _AT_ONCE:
        raise PriceListInUse("make it inactive first", active=True)
    for statement in _DROP_ALL:
        await tx.execute(statement, code=code)
    await tx.delete(price_list)
    await timers.cancel(tx, EFFECT, code)
    if is_in_effect:
        await _republish(tx, context, priced)
    await tx.emit(events.price_list_deleted(code), key=f"price_list:{code}")
    record_audit(
        tx,
        actor_id,
        "delete_price_list",
        f"price_list:{code}",
        before=_facts(price_list),
        after=None,
    )


async def set_prices(
    tx: Tx,
    context: CatalogContext,
    code: str,
    changes: Sequence[PriceChange],
    *,
    actor_id: UUID | None = None,
) -> None:
    """Sets and removes prices of a list, all or none, and publishes the products.

    Raises PriceListNotFound, UnknownSku, UnsupportedCurrency, InvalidPrice, AmountTooLarge, each
    with the `path` of its line.
    """
    price_list = await _lock(tx, code, 0)
    if price_list is None:
        raise PriceListNotFound(price_list=code[:40])
    currencies = _currencies(context.channels, price_list)
    for change in changes:
        _require_price(change, currencies)
    variants = await _variants(tx, changes)
    seen: set[tuple[UUID, str]] = set()
    for change in changes:
        place = (variants[change.sku].id, change.price.currency)
        if place in seen:
            raise InvalidPrice("names a SKU in a currency once", path=change.path)
        seen.add(place)
    for currency in sorted({currency for _, currency in seen}):
        of_currency = [variant_id for variant_id, each in seen if each == currency]
        for statement in (_DROP_TIERS, _DROP_PRICES):
            await tx.execute(statement, code=code, variant_ids=of_currency, currency=currency)
    kept = [change for change in changes if not change.is_removed]
    await tx.upsert_many(Price, [_price(change, variants, code) for change in kept])
    await tx.upsert_many(
        PriceTier, [tier for change in kept for tier in _tiers(change, variants, code)]
    )
    bundled = await reprice_bundles(tx, [variant_id for variant_id, _ in seen])
    priced = {variants[change.sku].product_id for change in changes}
    await _republish(tx, context, sorted({*priced, *bundled}))
    await tx.update(price_list)
    await tx.emit(events.price_list_changed(price_list), key=f"price_list:{code}")
    record_audit(
        tx,
        actor_id,
        "set_prices",
        f"price_list:{code}",
        after={"set": len(kept), "removed": len(changes) - len(kept)},
    )


async def apply_price_list(
    tx: Tx, context: CatalogContext, code: str, *, last: UUID, since: datetime
) -> bool:
    """Publishes the next products that a list prices, after `last`, as they are priced now.

    Sets the timer for the next ones, or for when the list begins or ends to count after `since`,
    the time of the first part: what was published before such a time is published again. Returns
    whether there were any.
    """
    # Locked, so that a change of the list that comes meanwhile sets the timer after this does.
    price_list = await tx.lock(PriceList, code)
    if price_list is None:
        return False
    product_ids = await tx.all(_PRICED, code=code, last=last)
    if product_ids:
        await _republish(tx, context, product_ids)
        payload = {"last": str(product_ids[-1]), "since": since.isoformat()}
        await timers.schedule(tx, EFFECT, code, tx.now, payload)
        return True
    if boundary := price_list.next_boundary(since):
        await timers.schedule(tx, EFFECT, code, boundary)
    return False


async def _announce_list(tx: Tx, price_list: PriceList) -> None:
    await timers.schedule(tx, EFFECT, price_list.code, tx.now)
    await tx.emit(events.price_list_changed(price_list), key=f"price_list:{price_list.code}")


async def _lock(tx: Tx, code: str, expected_version: int) -> PriceList | None:
    price_list = await tx.lock(PriceList, code) if code.isprintable() else None
    if price_list is not None and expected_version not in (0, price_list.version):
        raise VersionMismatch("the price list changed meanwhile", version=price_list.version)
    return price_list


async def _republish(tx: Tx, context: CatalogContext, product_ids: Sequence[UUID]) -> None:
    if product_ids:
        await publish_changed(tx, context.channels, context.tree, product_ids)


def _require_schedule(price_list: PriceList) -> None:
    begins, ends = price_list.valid_from, price_list.valid_to
    if begins is not None and ends is not None and ends <= begins:
        raise InvalidPriceList("ends after it begins", path="valid_to")


def _currencies(channels: Channels, price_list: PriceList) -> set[str]:
    if price_list.currency:
        return {price_list.currency}
    users = [
        channel
        for channel in channels.all
        if price_list.code == channel.price_list or price_list.channel == channel.code
    ]
    return {currency for channel in users for currency in channel.currencies}


def _require_price(change: PriceChange, currencies: set[str]) -> None:
    currency, path = change.price.currency, change.path
    if currency not in currencies:
        raise UnsupportedCurrency(
            "the list has no prices in it", path=f"{path}.price.currency", currency=currency
        )
    if change.is_removed:
        return
    _require_amount(change.price, currency, f"{path}.price")
    before = change.compare_at
    if before is not None:
        _require_amount(before, currency, f"{path}.compare_at")
        if before.amount_minor <= change.price.amount_minor:
            raise InvalidPrice("is above the price", path=f"{path}.compare_at.amount_minor")
    quantities: set[int] = set()
    for number, (least, amount) in enumerate(change.tiers):
        if least in quantities:
            raise InvalidPrice("names a quantity once", path=f"{path}.tiers[{number}].min_quantity")
        quantities.add(least)
        _require_amount(amount, currency, f"{path}.tiers[{number}].price")


def _require_amount(amount: Money, currency: str, path: str) -> None:
    if amount.currency != currency:
        raise InvalidPrice("has the currency of the price", path=f"{path}.currency")
    if amount.amount_minor < 0:
        raise InvalidPrice("is not below zero", path=f"{path}.amount_minor")
    require_bounded(amount.amount_minor, path=f"{path}.amount_minor")


async def _variants(tx: Tx, changes: Sequence[PriceChange]) -> dict[str, Variant]:
    asked = [change.sku for change in changes if change.sku.isprintable()]
    found = {variant.sku: variant for variant in await tx.all(_VARIANTS, skus=asked)}
    for change in changes:
        if change.sku not in found:
            raise UnknownSku(path=f"{change.path}.sku", sku=change.sku[:80])
    return found


def _price(change: PriceChange, variants: Mapping[str, Variant], code: str) -> Price:
    return Price(
        variant_id=variants[change.sku].id,
        price_list=code,
        currency=change.price.currency,
        amount_minor=change.price.amount_minor,
        compare_at_minor=change.compare_at.amount_minor if change.compare_at else None,
    )


def _tiers(change: PriceChange, variants: Mapping[str, Variant], code: str) -> list[PriceTier]:
    return [
        PriceTier(
            variant_id=variants[change.sku].id,
            price_list=code,
            currency=change.price.currency,
            min_quantity=least,
            amount_minor=amount.amount_minor,
        )
        for least, amount in change.tiers
    ]


def _facts(price_list: PriceList) -> dict[str, Any]:
    begins, ends = price_list.valid_from, price_list.valid_to
    return {
        "channel": price_list.channel,
        "name": price_list.name,
        "metadata": price_list.own_data,
        "organization_id": str(price_list.organization_id or "") or None,
        "customer_group": price_list.customer_group,
        "currency": price_list.currency,
        "priority": price_list.priority,
        "is_active": price_list.is_active,
        "valid_from": begins.isoformat() if begins else None,
        "valid_to": ends.isoformat() if ends else None,
    }
