"""Orders that staff place for buyers, and draft orders that buyers pay by a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import an_address
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World, total_of
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import draft_orders_pb2 as drafts_pb
from sojourn.checkout.v1 import draft_orders_pb2_grpc
from sojourn.checkout.v1.draft_order_events_pb2 import DraftOrderSent

pytestmark = pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,offline"}], indirect=True
)
STAFF_ID = uuid7()


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


async def begin_checkout(
    world: World, owner_id: UUID, *, via: str = "pos", **more: str
) -> pb.Checkout:
    """Returns a checkout that staff began, complete but for a payment that `more` may name."""
    request = pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id), email="ada@example.org", delivery_address=an_address(),
        delivery_option_id="standard", **more,
    )  # fmt: skip
    return await world.ask(
        world.checkouts.CreateCheckout, request, delegated(world, owner_id, via), key=str(uuid7())
    )


def delegated(world: World, owner_id: UUID, via: str = "pos") -> str:
    return world.tokens.delegated(owner_id, staff_id=STAFF_ID, via=via)


def staff(world: World) -> str:
    return world.tokens.staff("orders.place")


async def save(world: World, checkout: pb.Checkout, owner_id: UUID) -> drafts_pb.DraftOrder:
    stub = world.peer.stub(draft_orders_pb2_grpc.DraftOrderServiceStub)
    request = drafts_pb.SaveDraftOrderRequest(checkout_id=checkout.id, name="Kitchen")
    return await world.ask(stub.SaveDraftOrder, request, delegated(world, owner_id))


async def send(world: World, draft: drafts_pb.DraftOrder) -> str:
    """Sends a draft order; returns the token of its link."""
    stub = world.peer.stub(draft_orders_pb2_grpc.DraftOrderServiceStub)
    request = drafts_pb.SendDraftOrderRequest(draft_order_id=draft.id)
    await world.ask(stub.SendDraftOrder, request, staff(world), key=str(uuid7()))
    return (await world.events(DraftOrderSent))[-1].token


async def open_link(world: World, token: str) -> pb.Checkout:
    stub = world.peer.stub(draft_orders_pb2_grpc.DraftOrderLinkServiceStub)
    return await world.ask(
        stub.GetLinkedCheckout, drafts_pb.GetLinkedCheckoutRequest(token=token), ""
    )


async def pay(world: World, token: str, checkout: pb.Checkout, *, key: str = "") -> pb.Order:
    stub = world.peer.stub(draft_orders_pb2_grpc.DraftOrderLinkServiceStub)
    request = drafts_pb.CompleteLinkedCheckoutRequest(
        token=token,
        payment_method_id="card",
        payment_token="pm_card_ok",
        expected_total=total_of(checkout),
    )
    return await world.ask(stub.CompleteLinkedCheckout, request, "", key=key or str(uuid7()))


async def test_staff_take_cash_at_the_till_and_the_order_says_who_placed_it(world: World) -> None:
    await world.offer("till_cash", provider="offline", provider_method="till_cash")
    owner_id = uuid7()
    checkout = await begin_checkout(world, owner_id, payment_method_id="till_cash")

    order = await world.ask(
        world.checkouts.CompleteCheckout,
        pb.CompleteCheckoutRequest(checkout_id=checkout.id, expected_total=total_of(checkout)),
        delegated(world, owner_id),
        key=str(uuid7()),
    )

    [payment] = order.payments
    assert (order.status, payment.status) == (
        pb.ORDER_STATUS_PLACED,
        pb.PAYMENT_STATUS_CAPTURED,
    )
    assert payment.captured == total_of(checkout)
    assert order.placed_via == pb.ORDER_CONTACT_POINT_POS
    placed_by = await world.scalar("SELECT placed_by FROM orders WHERE id = %s", [order.id])
    audited = await world.scalar(
        "SELECT actor_id FROM audit WHERE action = 'order.place' AND subject = %s",
        [f"order:{order.id}"],
    )
    assert (placed_by, audited) == (STAFF_ID, STAFF_ID)


async def test_every_write_in_the_place_of_a_shopper_names_the_member_of_the_staff(
    world: World,
) -> None:
    owner_id = uuid7()

    await begin_checkout(world, owner_id)

    row = await world.scalar(
        "SELECT actor_id FROM audit WHERE action = 'act_for_shopper' AND subject = %s",
        [f"guest:{owner_id}"],
    )
    assert row == STAFF_ID


async def test_a_buyer_pays_no_cash_by_themselves(world: World, refusal_of: Any) -> None:
    await world.offer("till_cash", provider="offline", provider_method="till_cash")
    owner_id = uuid7()
    request = pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id), email="ada@example.org", payment_method_id="till_cash"
    )

    asked = world.ask(
        world.checkouts.CreateCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )

    assert await refusal_of(asked) == "UNKNOWN_PAYMENT_METHOD"


async def test_a_buyer_pays_a_draft_order_by_its_link_once(world: World) -> None:
    owner_id = uuid7()
    draft = await save(world, await begin_checkout(world, owner_id, via="call_center"), owner_id)
    token, key = await send(world, draft), str(uuid7())

    checkout = await open_link(world, token)
    order = await pay(world, token, checkout, key=key)
    again = await pay(world, token, checkout, key=key)

    assert total_of(checkout) == draft.total
    assert order.status == pb.ORDER_STATUS_PLACED
    assert order.placed_via == pb.ORDER_CONTACT_POINT_CALL_CENTER
    assert again.id == order.id
    assert (await open_link(world, token)).order_id == order.id


async def test_a_link_that_was_replaced_opens_nothing(world: World, refusal_of: Any) -> None:
    owner_id = uuid7()
    draft = await save(world, await begin_checkout(world, owner_id), owner_id)
    first = await send(world, draft)
    second = await send(world, draft)

    assert await refusal_of(open_link(world, first)) == "DRAFT_ORDER_NOT_FOUND"
    assert (await open_link(world, second)).id == draft.checkout_id


async def test_staff_list_read_and_delete_draft_orders(world: World, refusal_of: Any) -> None:
    stub = world.peer.stub(draft_orders_pb2_grpc.DraftOrderServiceStub)
    owner_id = uuid7()
    draft = await save(world, await begin_checkout(world, owner_id), owner_id)
    get = drafts_pb.GetDraftOrderRequest(draft_order_id=draft.id)

    listed = await world.ask(stub.ListDraftOrders, drafts_pb.ListDraftOrdersRequest(), staff(world))
    found = await world.ask(stub.GetDraftOrder, get, staff(world))
    await world.ask(
        stub.DeleteDraftOrder,
        drafts_pb.DeleteDraftOrderRequest(draft_order_id=draft.id),
        staff(world),
    )

    assert [each.name for each in listed.draft_orders] == ["Kitchen"]
    assert len(found.checkout.lines) == 1
    gone = world.ask(stub.GetDraftOrder, get, staff(world))
    assert await refusal_of(gone) == "DRAFT_ORDER_NOT_FOUND"
    status = await world.scalar("SELECT status FROM checkout WHERE id = %s", [draft.checkout_id])
    assert status == "canceled"


async def test_a_buyer_saves_no_draft_order(world: World, refusal_of: Any) -> None:
    stub = world.peer.stub(draft_orders_pb2_grpc.DraftOrderServiceStub)
    owner_id = uuid7()
    checkout = await begin_checkout(world, owner_id)
    request = drafts_pb.SaveDraftOrderRequest(checkout_id=checkout.id, name="Mine")

    asked = world.ask(stub.SaveDraftOrder, request, world.shopper(owner_id))

    assert await refusal_of(asked) == "DENIED"
