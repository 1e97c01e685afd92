"""Tells of alerts that came true, each once a cause: state and event change together."""

from typing import Final
from uuid import UUID

from catalog.channels.model import Channel, View
from catalog.listings.offers import Offer, offers_of
from catalog.reservations.actions import CatalogContext
from catalog.subscriptions.causes import TELL
from catalog.subscriptions.events import alert_triggered
from catalog.subscriptions.model import Alert, AlertKind
from chassis.data import timers
from chassis.data.rows import columns_of
from chassis.data.tx import Tx

_BATCH: Final = 200
_GROUPS: Final = (
    "SELECT DISTINCT kind, channel, locale, currency, variant_id FROM alert"
    " WHERE product_id = %s AND is_active ORDER BY 1, 2, 3, 4, 5"
)
_COLUMNS: Final = ", ".join(f'"{name}"' for name in columns_of(Alert))
_WHERE: Final = (
    " FROM alert WHERE product_id = %(product_id)s AND is_active AND kind = %(kind)s"
    " AND channel = %(channel)s AND locale = %(locale)s AND currency = %(currency)s"
    " AND variant_id = %(variant_id)s"
)
_PRICED: Final = " AND baseline_minor > %(price)s AND (most_minor = 0 OR most_minor >= %(price)s)"
# Guests who see no prices are told of none.
_OF_CUSTOMERS: Final = " AND customer_id IS NOT NULL"
_ORDER: Final = " ORDER BY id LIMIT %(size)s FOR UPDATE"


async def tell_alerts(tx: Tx, context: CatalogContext, product_id: UUID) -> None:
    """Tells the alerts of a product that are true now, a batch at a time.

    One of stock is over then, and its address forgotten; one of a price waits for a lower one.
    """
    left = _BATCH
    for kind, channel, locale, currency, variant_id in await tx.fetch(_GROUPS, [product_id]):
        view = View(channel, locale, currency)
        found = context.channels.by_code.get(channel)
        if found is None or not left:
            continue
        for offer in await offers_of(tx, found, view, [variant_id]):
            left -= await _tell(tx, AlertKind(kind), found, view, offer, left)
    if not left:
        await timers.schedule(tx, TELL, str(product_id), tx.now)


async def _tell(
    tx: Tx, kind: AlertKind, channel: Channel, view: View, offer: Offer, size: int
) -> int:
    is_stock = kind is AlertKind.BACK_IN_STOCK
    if is_stock and offer.available + offer.promised <= 0:
        return 0
    records = await tx.fetch(
        "SELECT "
        + _COLUMNS
        + _WHERE
        + ("" if is_stock else _PRICED)
        + (_OF_CUSTOMERS if channel.hides_prices and not is_stock else "")
        + _ORDER,
        {
            "product_id": offer.product_id,
            "kind": kind.value,
            "channel": view.channel,
            "locale": view.locale,
            "currency": view.currency,
            "variant_id": offer.variant_id,
            **({} if is_stock else {"price": offer.amount_minor}),
            "size": size,
        },
    )
    for alert in map(Alert.load, records):
        before, alert.baseline_minor = alert.baseline_minor, offer.amount_minor
        if is_stock:
            await tx.delete(alert)
            alert.version += 1
        else:
            await tx.update(alert)
        event = alert_triggered(alert, offer, 0 if is_stock else before)
        if channel.hides_prices and alert.customer_id is None:
            event.ClearField("price")
        await tx.emit(event, key=alert.id)
    return len(records)
