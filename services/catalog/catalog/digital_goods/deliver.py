"""Delivery of digital goods once their order is paid, and their taking back."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from catalog.digital_goods.actions import take_back
from catalog.digital_goods.bundled import digital_items_of
from catalog.digital_goods.events import digital_goods_delivered
from catalog.digital_goods.model import DigitalDelivery, DigitalGood
from catalog.digital_goods.queries import deliveries_of, list_delivered_goods
from catalog.media.model import signing_key
from chassis.data.tx import Tx
from chassis.rpc.ids import parse_id
from sojourn.checkout.v1 import checkout_pb2
from sojourn.common.v1 import line_item_pb2

_DELIVER_KEYS: Final = (
    "UPDATE licence_key SET status = 'delivered', delivered_at = %(now)s"
    " WHERE order_id = %(order_id)s AND variant_id = %(variant_id)s AND status = 'assigned'"
)


async def deliver_digital_goods(
    tx: Tx, order: checkout_pb2.Order, *, link_lifetime: timedelta
) -> None:
    """Gives a paid order its files and keys. Emits DigitalGoodsDelivered.

    Those of its bundles are among them. Ignores an order that is not paid, and goods that it has
    already. A good whose keys were taken back meanwhile brings nothing: its order is being
    cancelled.
    """
    if not is_paid(order):
        return
    items = await digital_items_of(tx, order)
    order_id, is_new = parse_id(order.id, "order_id"), False
    for item in items:
        is_new |= await _deliver(tx, order_id, item)
    if not is_new:
        return
    goods = await list_delivered_goods(tx, order_id)
    await tx.emit(
        digital_goods_delivered(
            order, goods, key=await signing_key(tx), expires_at=tx.now + link_lifetime
        ),
        key=order_id,
    )


async def take_back_digital_goods(tx: Tx, order_id: UUID) -> None:
    """Revokes the keys and the downloads of an order. A repeat changes nothing."""
    found = await deliveries_of(tx, order_id)
    if found:
        await take_back(tx, order_id, [each.variant_id for each in found])


def is_paid(order: checkout_pb2.Order) -> bool:
    """Returns whether the whole amount of each payment of an order was taken."""
    return all(
        payment.captured.amount_minor >= payment.amount.amount_minor for payment in order.payments
    )


def is_refunded(order: checkout_pb2.Order) -> bool:
    """Returns whether all that was taken for an order is given back."""
    captured = sum(payment.captured.amount_minor for payment in order.payments)
    refunded = sum(payment.refunded.amount_minor for payment in order.payments)
    return 0 < captured <= refunded


async def _deliver(tx: Tx, order_id: UUID, item: line_item_pb2.LineItem) -> bool:
    """Delivers a digital good. Returns whether it was not delivered before."""
    variant_id = parse_id(item.variant_id, "variant_id")
    good = await tx.get(DigitalGood, variant_id)
    keys = {"order_id": order_id, "variant_id": variant_id, "now": tx.now}
    delivered = await tx.run(_DELIVER_KEYS, keys)
    if good is not None and good.needs_keys and not delivered:
        return False
    days = good.download_days if good else 0
    return await tx.insert_new(
        DigitalDelivery(
            order_id=order_id,
            variant_id=variant_id,
            sku=item.sku,
            title=item.title,
            options=item.options,
            delivered_at=tx.now,
            downloads_end_at=tx.now + timedelta(days=days) if days else None,
        )
    )
