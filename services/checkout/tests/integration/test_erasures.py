"""Buyers whose accounts were erased: what is forgotten at once, and what the law has kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg.sql import SQL, Identifier

from chassis.runtime.clock import uuid7
from checkout import handlers
from checkout.documents.actions import issue_documents
from checkout.erasures.actions import FORGET_BUYER, forget_due_orders, forget_late
from checkout.settings import CheckoutSettings
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import documents_pb2 as documents_pb
from sojourn.checkout.v1 import return_pb2, returns_pb2
from sojourn.identity.v1.events_pb2 import CustomerErased, CustomerRegistered

EMAIL = "ada@example.org"
# Events that wait, and the list of tables that were made.
_LEFT_OUT = {"outbox", "alembic_version"}


async def places_of(world: World, *texts: str) -> set[str]:
    """Returns the tables of which a row, as text, holds one of the texts."""
    found = set()
    async with world.database.read() as read:
        tables = await read.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        for (table,) in tables:
            query = SQL("SELECT t.*::text FROM {} AS t").format(Identifier(table))
            rows = await (await (await read.connected()).execute(query)).fetchall()
            if any(text in str(row) for row in rows for text in texts):
                found.add(str(table))
    return found - _LEFT_OUT


async def erased(world: World, customer_id: UUID, *, years: int = 10, email: str = "") -> None:
    settings: CheckoutSettings = world.components.settings.model_copy(
        update={"order_retention_years": years}
    )
    event = CustomerErased(customer_id=str(customer_id), email=email)
    for _ in range(2):
        async with world.database.tx() as tx:
            await handlers.events(settings)[CustomerErased](tx, event, None)  # type: ignore[arg-type]  # the envelope is not read


async def forgotten(world: World, now: datetime) -> int:
    async with world.database.tx() as tx:
        return await forget_due_orders(tx, now, at_most=10)


async def _send_back(world: World, buyer_id: UUID, order: pb.Order) -> None:
    """Ships an order, and accepts a return of it."""
    staff = world.tokens.staff("orders.read", "orders.write")
    ship = pb.CreateShipmentRequest(order_id=order.id, carrier="DHL", tracking_number="TRACK1")
    shipped = await world.ask(world.orders.CreateShipment, ship, staff, key="ship")
    arrived = pb.MarkDeliveredRequest(order_id=order.id, shipment_id=shipped.shipments[0].id)
    await world.ask(world.orders.MarkDelivered, arrived, staff)
    line = returns_pb2.ReturnLineInput(
        order_line_id=order.lines[0].id, quantity=1, reason="damaged"
    )
    made = await world.ask(
        world.returns.RequestReturn,
        returns_pb2.RequestReturnRequest(
            order_id=order.id, lines=[line], note="She lives in Bonn."
        ),
        world.shopper(buyer_id),
        key="back",
    )
    label = return_pb2.ReturnLabel(carrier="DHL", tracking_number="TRACK2")
    accept = returns_pb2.AcceptReturnRequest(return_id=made.id, label=label)
    await world.ask(world.returns.AcceptReturn, accept, staff)


async def test_a_placed_order_keeps_its_addresses_for_as_long_as_its_documents(
    world: World,
) -> None:
    (guest_id, order), customer_id = await world.buy(), uuid7()
    await _send_back(world, guest_id, order)
    await world.ready(guest_id)
    event = CustomerRegistered(guest_id=str(guest_id), customer_id=str(customer_id))
    async with world.database.tx() as tx:
        await handlers.CONVERSIONS[CustomerRegistered](tx, event, None)  # type: ignore[arg-type]  # the envelope is not read

    await erased(world, customer_id)

    assert await places_of(world, EMAIL, "Lovelace", "lives in") == {"orders"}
    assert await places_of(world, "TRACK") == {"shipment", "order_return"}
    status = await world.scalar("SELECT status FROM checkout WHERE order_id IS NULL")
    assert status == "canceled"
    due_at = datetime(order.placed_at.ToDatetime().year + 11, 1, 1, tzinfo=UTC)
    assert await world.scalar("SELECT forget_at FROM orders") == due_at
    assert await forgotten(world, due_at.replace(year=due_at.year - 1)) == 0
    assert await forgotten(world, due_at) == 1
    assert await places_of(world, EMAIL, "Lovelace", "TRACK") == set()
    staff = world.tokens.staff("orders.read")
    shown = await world.ask(world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), staff)
    assert (shown.email, shown.delivery_address.address_country) == ("", "DE")
    assert [line.item for line in shown.lines] == [line.item for line in order.lines]


async def test_without_retention_an_order_is_forgotten_at_once_a_guest_s_too(
    world: World,
) -> None:
    customer_id = uuid7()
    guest_id, order = await world.buy()

    await erased(world, customer_id, years=0)
    kept = await places_of(world, EMAIL)
    await erased(world, customer_id, years=0, email=EMAIL)
    while_unsent = await forgotten(world, world.clock.now())
    await _send_back(world, guest_id, order)
    await forgotten(world, world.clock.now())

    assert kept >= {"orders", "checkout"}
    assert while_unsent == 0
    assert await places_of(world, EMAIL, "Lovelace") == set()


async def test_an_order_that_is_never_sent_is_forgotten_after_a_year(world: World) -> None:
    await world.buy()
    await erased(world, uuid7(), years=0, email=EMAIL)

    later = world.clock.now() + timedelta(days=367)

    assert await forgotten(world, world.clock.now()) == 0
    assert await forgotten(world, later) == 1


async def test_documents_forget_their_buyer_with_their_order(world: World) -> None:
    customer_id = uuid7()
    _, order = await world.buy(customer_id)
    await world.ship(order)
    async with world.database.tx() as tx:
        await issue_documents(tx, UUID(order.id))
    was = await world.scalar("SELECT sha256 FROM document_file")

    await erased(world, customer_id)
    kept = await places_of(world, EMAIL, "Lovelace")
    await forgotten(world, datetime(order.placed_at.ToDatetime().year + 11, 1, 1, tzinfo=UTC))

    assert "order_document" in kept
    assert await places_of(world, EMAIL, "Lovelace") == set()
    assert await world.scalar("SELECT count(*) FROM document_file") == 0
    staff = world.tokens.staff("documents.read")
    asked = documents_pb.ListDocumentsRequest(order_id=order.id)
    [document] = (await world.ask(world.documents.ListDocuments, asked, staff)).documents
    request = documents_pb.ReadDocumentRequest(
        document_id=document.id, format=documents_pb.DOCUMENT_FORMAT_XML
    )
    file = await world.ask(world.documents.ReadDocument, request, staff)
    assert b"Lovelace" not in file.content
    assert document.number.encode() in file.content
    assert file.sha256 != was.hex()


async def test_an_order_in_flight_keeps_what_it_needs_until_it_is_settled(world: World) -> None:
    customer_id = uuid7()
    checkout = await world.ready(customer_id, payment_token="pm_card_3ds")
    order = await world.complete(checkout, customer_id)
    assert order.status == pb.ORDER_STATUS_ACTION_REQUIRED

    await erased(world, customer_id, years=0)
    blanked = await forgotten(world, world.clock.now())
    await world.provider.answer_challenge(order.payments[0].action_url, "pass")
    placed = await world.ask(
        world.orders.ContinuePayment,
        pb.ContinuePaymentRequest(order_id=order.id),
        world.shopper(customer_id),
    )
    timer = await world.scalar("SELECT key FROM timer WHERE kind = %s", [FORGET_BUYER])
    async with world.database.tx() as tx:
        await forget_late(tx, customer_id, retention_years=0)

    assert (blanked, placed.status) == (0, pb.ORDER_STATUS_PLACED)
    assert timer == str(customer_id)
    await world.ship(placed)
    assert await forgotten(world, world.clock.now()) == 1
    assert await places_of(world, EMAIL, "Lovelace") == set()
