"""Carriers of parcels: shipments refer to them, and buyers follow a parcel at their address."""

from __future__ import annotations

from typing import Any

from chassis.runtime.clock import uuid7
from services.checkout.tests.checkout_world import World
from services.checkout.tests.integration.test_delivery_settings import (
    a_carrier,
    a_method,
    a_rate,
    ask,
    put,
)
from sojourn.checkout.v1 import bulk_shipments_pb2 as bulk_pb
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import delivery_pb2


async def ship(world: World, order: pb.Order, **given: Any) -> pb.Shipment:
    request = pb.CreateShipmentRequest(order_id=order.id, **given)
    token = world.tokens.staff("orders.write")
    shipped = await world.ask(world.orders.CreateShipment, request, token, key=str(uuid7()))
    return shipped.shipments[-1]


async def standard_by(world: World, carrier_code: str) -> None:
    """Has the carrier bring the parcels of standard delivery."""
    standard = await ask(world, "GetDeliveryMethod", code="standard")
    standard.carrier_code = carrier_code
    await put(world, standard)


async def test_a_shipment_of_a_carrier_has_its_name_and_the_address_of_its_template(
    world: World,
) -> None:
    await put(world, a_carrier())
    _, order = await world.buy(quantity=4)
    line = {"order_line_id": order.lines[0].id, "quantity": 1}

    named = await ship(world, order, carrier="ACME", tracking_number="1 Z/9", lines=[line])
    own = await ship(
        world, order, carrier="acme", tracking_number="2", tracking_url="https://a.example/",
        lines=[line],
    )  # fmt: skip
    silent = await ship(world, order, carrier="acme", lines=[line])
    free = await ship(world, order, carrier="Uncle Bob", tracking_number="3", lines=[line])

    assert (named.carrier, named.carrier_code) == ("Acme Pakete", "acme")
    zip_code = order.delivery_address.postal_code
    assert named.tracking_url == f"https://acme.example/de/t?n=1%20Z%2F9&zip={zip_code}"
    assert (own.tracking_url, silent.tracking_url) == ("https://a.example/", "")
    assert (free.carrier, free.carrier_code, free.tracking_url) == ("Uncle Bob", "", "")


async def test_without_a_carrier_that_of_the_delivery_method_brings_it(
    world: World, refusal_of: Any
) -> None:
    await world.components.delivery.seed()
    await put(world, a_carrier())
    _, order = await world.buy()

    assert await refusal_of(ship(world, order)) == "CARRIER_NEEDED"
    await standard_by(world, "acme")
    shipped = await ship(world, order, tracking_number="1Z")

    assert (shipped.carrier_code, shipped.carrier) == ("acme", "Acme Pakete")


async def test_a_disabled_carrier_and_one_of_other_channels_take_nothing(
    world: World, refusal_of: Any
) -> None:
    await world.components.delivery.seed()
    _, order = await world.buy()
    await put(world, a_carrier())
    await put(world, a_method(carrier_code="acme"))
    await put(world, a_rate())

    for limits in ({"disabled": True}, {"channels": ["pos"]}):
        await put(world, a_carrier(**limits))
        assert await refusal_of(ship(world, order, carrier="acme")) == "CARRIER_NOT_OFFERED"
        preview = await ask(world, "PreviewDelivery", country="DE", postal_code="10115")
        refusals = {each.method: each.refusal for each in preview.methods}
        wanted = (
            delivery_pb2.DELIVERY_REFUSAL_DISABLED
            if "disabled" in limits
            else delivery_pb2.DELIVERY_REFUSAL_OTHER_CHANNEL
        )
        assert (refusals["ferry"], refusals["standard"]) == (wanted, 0)
    in_use = ask(world, "DeleteDeliveryCarrier", code="acme")
    assert await refusal_of(in_use) == "DELIVERY_SETTING_IN_USE"


async def test_a_bulk_row_that_names_a_carrier_by_its_code_ships_once(world: World) -> None:
    await put(world, a_carrier())
    _, order = await world.buy()
    row = bulk_pb.BulkShipmentRow(order_number=order.number, carrier="Acme", tracking_number="7")
    token = world.tokens.staff("orders.write")

    answers = [
        await world.ask(
            world.bulk.ShipOrders, bulk_pb.ShipOrdersRequest(rows=[row]), token, key=str(uuid7())
        )
        for _ in range(2)
    ]

    assert [answer.shipped for answer in answers] == [1, 0]
    assert answers[1].shipped_before == 1
