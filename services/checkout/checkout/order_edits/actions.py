"""Changes of placed orders by staff."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from checkout.checkouts.contacts import normalize_delivery_address
from checkout.checkouts.totals import taxes_of
from checkout.delivery.table import Goods
from checkout.desk import events
from checkout.errors.after_sale import AddressForgotten
from checkout.errors.delivery import PickedUpInStore
from checkout.errors.orders import AddressChangesTaxes, AddressOutOfZone, SyntheticOrder
from checkout.exchanges.model import ExchangeTerms
from checkout.exchanges.pricing import place_of, tax_rule_at
from checkout.orders.access import audit_order
from checkout.orders.model import Order, OrderStatus
from checkout.orders.queries import find_order_lines
from checkout.orders.store import lock_order, save_order

_SET_ADDRESS: Final = prepare(
    update(Order)
    .where(col(Order.id) == bindparam("order_id"))
    .values(delivery_address=bindparam("new_address"))
)


async def change_delivery_address(
    tx: Tx,
    order_id: UUID,
    typed: Mapping[str, str],
    terms: ExchangeTerms,
    *,
    caller: Caller,
    expected_version: int = 0,
) -> Order:
    """Sends what has not shipped of an order to another address in the same country.

    A repeat changes nothing. Emits OrderAddressChanged. Raises OrderNotFound, SyntheticOrder,
    PickedUpInStore, WrongOrderStatus, AddressForgotten, InvalidAddress, AddressOutOfZone,
    AddressChangesTaxes, VersionMismatch.
    """
    order = await lock_order(tx, order_id)
    if expected_version not in (0, order.version):
        raise VersionMismatch("the order changed: read it again", version=order.version)
    if order.is_synthetic:
        raise SyntheticOrder(order_id=order_id)
    if order.pickup is not None:
        raise PickedUpInStore(order_id=order_id)
    order.require(OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)
    before = order.delivery_address
    if not order.email or not before:
        raise AddressForgotten(order_id=order_id)
    address = normalize_delivery_address(typed, countries=[before["address_country"]])
    if address == before:
        return order
    if _zone_of(order, address, terms) != _zone_of(order, before, terms):
        raise AddressOutOfZone(order_id=order_id)
    if await _taxes_at(tx, order, address, terms) != await _taxes_at(tx, order, before, terms):
        raise AddressChangesTaxes(order_id=order_id)
    order.delivery_address = address
    await save_order(tx, order)
    await tx.execute(_SET_ADDRESS, order_id=order_id, new_address=address)
    # Addresses are personal: the order alone has them.
    audit_order(
        tx, caller, "order.change_address", order, before={}, after={"version": order.version}
    )
    await tx.emit(events.order_address_changed(order), key=order_id)
    return order


def _zone_of(order: Order, address: Mapping[str, str], terms: ExchangeTerms) -> str:
    """Returns the code of the delivery zone of an address; empty without one."""
    goods = Goods(
        country=address["address_country"],
        origin=terms.channel.origin_country,
        weight_grams=0,
        subtotal_minor=0,
        currency=order.currency,
        region=address["address_region"],
        postal_code=address["postal_code"],
        channel=order.channel_id,
    )
    found = terms.tables.delivery.zone_of(goods)
    return found.code if found else ""


async def _taxes_at(
    tx: Tx, order: Order, address: Mapping[str, str], terms: ExchangeTerms
) -> list[tuple[object, ...]]:
    """Returns the taxes that the goods of an order would have at an address today."""
    lines = await find_order_lines(tx, [order.id])
    taxes = taxes_of(
        [line.item(order.currency) for line in lines],
        fulfillment_minor=order.delivery_option.price_minor,
        currency=order.currency,
        rule=tax_rule_at(order, place_of(address), terms, tx.now),
        calculate=terms.tables.calculate,
    )
    return [(each.rate, each.category, each.amount_minor) for each in taxes.tax_lines]
