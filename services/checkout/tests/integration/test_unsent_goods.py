"""Orders of digital goods: no address, no delivery, and delivered with the payment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cart.testing import a_cart, a_line
from chassis.line_item import ItemKind
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from sojourn.catalog.v1 import digital_goods_pb2 as catalog_pb
from sojourn.checkout.v1 import bank_transfers_pb2 as transfers
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import digital_goods_pb2 as goods_pb


async def begun(world: World, owner_id: UUID, cart_id: str, **fields: Any) -> pb.Checkout:
    given = {"payment_method_id": "card", "payment_token": "pm_card_ok", **fields}
    request = pb.CreateCheckoutRequest(cart_id=cart_id, email="ada@example.org", **given)
    return await world.ask(
        world.checkouts.CreateCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )


def mixed_cart(world: World, owner_id: UUID) -> str:
    ebook = uuid7()
    world.stock.on_hand[str(ebook)] = 10
    lines = (
        a_line(ebook, price_minor=9_00, kind=ItemKind.DIGITAL),
        a_line(world.variant_id, price_minor=25_00, mass_grams=200),
    )
    return world.carts.give_cart(
        a_cart(*lines, version=3), owner_id, locale="de-DE", tax_included=True
    )


async def test_an_order_of_digital_goods_needs_no_address_and_is_delivered_with_its_payment(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    checkout = await begun(world, owner_id, world.cart(owner_id, kind=ItemKind.DIGITAL))
    order = await world.complete(checkout, owner_id)
    world.downloads.delivered[order.id] = [catalog_pb.DeliveredGood(licence_keys=["K-1"])]
    ask = goods_pb.ListDigitalGoodsRequest(order_id=order.id)
    mine = await world.ask(world.goods.ListDigitalGoods, ask, world.shopper(owner_id))
    hidden = [
        await refusal_of(world.ask(world.goods.ListDigitalGoods, ask, token))
        for token in (world.shopper(uuid7()), world.tokens.staff("orders.write", "orders.read"))
    ]

    assert checkout.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
    assert [option.id for option in checkout.delivery_options] == ["digital"]
    assert order.status == pb.ORDER_STATUS_DELIVERED
    assert not order.HasField("delivery_address")
    assert order.delivery_option.price.amount_minor == 0
    assert [event.status for event in order.history][-2:] == [
        pb.ORDER_STATUS_PLACED, pb.ORDER_STATUS_DELIVERED,
    ]  # fmt: skip
    assert order.lines[0].shipped.steps == order.lines[0].item.quantity.steps
    assert list(mine.goods[0].licence_keys) == ["K-1"]
    assert hidden == ["ORDER_NOT_FOUND", "ORDER_NOT_FOUND"]


async def test_what_is_not_sent_is_taxed_where_it_is_billed(world: World, refusal_of: Any) -> None:
    owner_id = uuid7()
    cart_id = world.cart(owner_id, kind=ItemKind.DIGITAL)
    paris = an_address(address_country="FR", postal_code="75001", address_locality="Paris")

    checkout = await begun(world, owner_id, cart_id, billing_address=paris)
    order = await world.complete(checkout, owner_id)
    other_id, nowhere = uuid7(), an_address(address_country="KP")
    other_cart_id = world.cart(other_id, kind=ItemKind.DIGITAL)
    elsewhere = await refusal_of(begun(world, other_id, other_cart_id, billing_address=nowhere))

    assert checkout.billing_address.address_locality == "Paris"
    assert [line.rate for line in order.tax_lines] == ["0.2"]
    assert order.billing_address == checkout.billing_address
    assert not order.HasField("delivery_address")
    assert elsewhere == "INVALID_ADDRESS"


async def test_a_mixed_cart_needs_a_delivery_of_its_things_alone(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    checkout = await begun(world, owner_id, mixed_cart(world, owner_id))
    update = pb.UpdateCheckoutRequest(
        checkout_id=checkout.id, delivery_address=an_address(), delivery_option_id="standard"
    )
    ready = await world.ask(world.checkouts.UpdateCheckout, update, world.shopper(owner_id))
    order = await world.complete(ready, owner_id)
    ship = pb.CreateShipmentRequest(order_id=order.id, carrier="DHL")
    staff = world.tokens.staff("orders.write")
    shipped = await world.ask(world.orders.CreateShipment, ship, staff, key=str(uuid7()))

    assert [message.path for message in checkout.messages] == ["$.delivery_address"]
    assert order.status == pb.ORDER_STATUS_PLACED
    assert [line.shipped.steps for line in order.lines] == [1, 0]
    assert shipped.status == pb.ORDER_STATUS_SHIPPED
    assert [line.item.variant_id for line in shipped.shipments[0].lines] == [str(world.variant_id)]


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
async def test_digital_goods_by_transfer_are_delivered_once_it_came_and_none_are_paid_at_a_door(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)
    for method in ("bank_transfer", "cash_on_delivery"):
        await world.offer(method, provider="offline", provider_method=method)
    owner_id = uuid7()
    cart_id = world.cart(owner_id, kind=ItemKind.DIGITAL)
    checkout = await begun(
        world, owner_id, cart_id, payment_method_id="bank_transfer", payment_token=""
    )
    order = await world.complete(checkout, owner_id)
    total = order.payments[0].amount.amount_minor
    line = transfers.BankTransferLine(id="d-1", text=order.payments[0].reference, amount=eur(total))
    await world.ask(
        world.transfers.ImportBankTransfers,
        transfers.ImportBankTransfersRequest(lines=[line]),
        world.tokens.staff("payments.write"),
        key=str(uuid7()),
    )
    [paid] = await world.events(transfers.OrderPaid)

    assert "cash_on_delivery" not in {method.id for method in checkout.payment_methods}
    assert order.status == pb.ORDER_STATUS_PLACED
    assert paid.order.status == pb.ORDER_STATUS_DELIVERED
