"""Packing slips: the goods and quantities of a parcel, for who packs it and who gets it.

They are not stored: a slip is what its order is now.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from chassis.data.tx import Read
from checkout.documents import texts
from checkout.documents.content import Party
from checkout.documents.parties import receiver_of, seller_of
from checkout.documents.queries import find_seller
from checkout.errors.orders import OrderNotFound, ShipmentNotFound
from checkout.gift_messages.model import GiftMessage
from checkout.orders.model import Order
from checkout.orders.queries import load_views
from checkout.orders.view import OrderView
from checkout.shipments.model import Shipment
from checkout.texts import title_in


@dataclass(frozen=True, slots=True)
class PackedLine:
    """A quantity of an order line in a parcel, and what was ordered and not cancelled of it."""

    title: str
    options: str
    sku: str
    unit_code: str
    packed: Decimal
    ordered: Decimal


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """All that a slip says. `parcel` counts the shipments of the order from 1.

    `gift_messages` are with the title of their line, or an empty one for the whole order.
    """

    order_number: str
    ordered_on: date
    shipped_on: date
    language: str
    currency: str
    seller: Party
    legal_text: str
    parcel: int
    carrier: str
    tracking_number: str
    lines: tuple[PackedLine, ...]
    receiver: Party | None = field(default=None, repr=False)
    gift_messages: tuple[tuple[str, GiftMessage], ...] = field(default=(), repr=False)


async def read_packing_slip(read: Read, order_id: UUID, shipment_id: UUID) -> PackingSlip:
    """Returns the slip of a shipment in the language of the order's documents.

    Raises OrderNotFound, ShipmentNotFound, ChannelWithoutSeller.
    """
    order = await read.get(Order, order_id)
    if order is None:
        raise OrderNotFound
    [view] = await load_views(read, [order])
    found = [each for each in view.shipments if each.id == shipment_id]
    if not found:
        raise ShipmentNotFound
    entity = await find_seller(read, order.channel_id)
    [shipment], language = found, entity.language_for(order.locale)
    return PackingSlip(
        order_number=order.number or str(order.id),
        ordered_on=entity.day_of(order.placed_at or order.created_at),
        shipped_on=entity.day_of(shipment.shipped_at),
        language=language,
        currency=order.currency,
        seller=seller_of(entity, ""),
        legal_text=texts.legal_text(
            title_in(entity.legal_texts, language, otherwise=""), order, language
        ),
        parcel=view.shipments.index(shipment) + 1,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        lines=tuple(_packed_lines(view, shipment)),
        receiver=receiver_of(order),
        gift_messages=tuple(_gift_messages(view, shipment)),
    )


def _packed_lines(view: OrderView, shipment: Shipment) -> Iterator[PackedLine]:
    lines = {line.id: line for line in view.lines}
    for line_id, item in view.items_of(shipment).items():
        line = lines[line_id]
        ordered = line.quantity - line.cancelled_quantity
        yield PackedLine(
            title=line.title,
            options=line.options,
            sku=line.sku,
            unit_code=line.unit_code,
            packed=Decimal(item.quantity.steps).scaleb(-line.scale),
            ordered=Decimal(ordered).scaleb(-line.scale),
        )


def _gift_messages(view: OrderView, shipment: Shipment) -> Iterator[tuple[str, GiftMessage]]:
    """Yields the messages that a parcel brings: each comes with the first that has its goods.

    The whole order's comes with its first parcel.
    """
    titles = {str(line.id): line.title for line in view.lines}
    before = view.shipments[: view.shipments.index(shipment)]
    told = {str(line_id) for each in before for line_id in view.items_of(each)}
    here = {str(line_id) for line_id in view.items_of(shipment)} - told
    for each in view.order.gift_messages:
        if each.line_id in here or (not each.line_id and not before):
            yield titles.get(each.line_id, ""), each
