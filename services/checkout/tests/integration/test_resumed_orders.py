"""Orders whose process died at a boundary of a step, and the processes that resume them."""

import asyncio
import contextlib
import hashlib
from uuid import UUID

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.checkouts.model import Checkout
from checkout.checkouts.review import review_checkout
from checkout.errors.payments import PaymentDeclined
from checkout.gift_cards.queries import find_applied_gift_cards
from checkout.gift_cards.shares import NO_GIFT_CARDS
from checkout.idempotency import IdempotencyKey
from checkout.orders.model import StepName
from checkout.payment_methods.offers import PaymentMethodTable
from checkout.placing.model import Expectation, OrderTerms, PlaceOrder
from checkout.placing.place_order import (
    complete_checkout,
    decide_refusal,
    place_order,
    record_reservation,
)
from checkout.placing.steps import STEPS
from services.checkout.tests.checkout_world import total_of
from sojourn.cart.v1.cart_pb2 import CART_STATUS_OPEN
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc
from sojourn.checkout.v1.fraud_pb2 import FRAUD_ACTION_REVIEW


async def _begin(world, owner_id, checkout):
    """Returns an order as its call leaves it if the process dies at once."""
    cart = await world.components.participants.carts.get_cart_for_order(
        UUID(checkout.cart_id),
        owner_id=owner_id,
        access_token=world.access_token(owner_id),
        email="",
    )
    async with world.database.tx() as tx:
        row = await tx.get(Checkout, UUID(checkout.id))
        cards = await find_applied_gift_cards(tx, row.gift_card_ids, row.channel_id)
        review = _review(world, row, cart, tx.now, cards)
        key = IdempotencyKey(f"guest:{owner_id}", str(uuid7()), hashlib.sha256(b"").digest())
        return await complete_checkout(
            tx,
            PlaceOrder(
                key,
                row.id,
                row.version,
                review,
                Expectation(version=row.version),
                OrderTerms(900, 15),
            ),
        )


def _review(world, row, cart, now, cards=NO_GIFT_CARDS):
    return review_checkout(
        row,
        cart,
        channel=world.components.settings.channel("default"),
        now=now,
        offers=PaymentMethodTable().offers(
            world.components.participants.providers, is_synthetic=False
        ),
        gift_cards=cards,
    )


async def _die_after(world, attempt, steps):
    """Runs the first `steps` of the saga with its commits, as a process that dies after them."""
    for step in STEPS[:steps]:
        await step.run(world.components.participants, attempt)
        if step.name is StepName.RESERVE:
            async with world.database.tx() as tx:
                await record_reservation(tx, attempt)


async def _settles(world, checkout, status):
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: _status_is(world, checkout, status))


async def _status_is(world, checkout, status):
    return (await world.order_of(checkout.id)).status == status


@pytest.mark.parametrize("steps", range(6))
async def test_an_order_that_died_after_any_step_is_placed(world, steps):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    attempt = await _begin(world, owner_id, checkout)

    await _die_after(world, attempt, steps)
    await _settles(world, checkout, "placed")

    sums = await world.provider.sums(str(attempt.order.id))
    assert (sums["payment_count"], sums["net_captured_minor"]) == (1, 29_90)
    assert world.stock.on_hand[str(world.variant_id)] == 9
    assert (await world.outbox()).count("OrderPlaced") == 1


@pytest.mark.parametrize("steps", [0, 2, 3])
async def test_an_order_that_died_before_its_decision_is_placed_under_review(world, steps):
    await world.set_fraud(elevated_risk=FRAUD_ACTION_REVIEW)
    owner_id = uuid7()
    checkout = await world.ready(owner_id, payment_token="pm_card_elevated_risk")
    attempt = await _begin(world, owner_id, checkout)
    await _die_after(world, attempt, steps)

    sagas = [world.rewire().saga for _ in range(3)]
    await asyncio.gather(*(saga.advance(attempt.order.id) for saga in sagas))

    assert (await world.order_of(checkout.id)).status == "placed"
    sums = await world.provider.sums(str(attempt.order.id))
    assert (sums["payment_count"], sums["holding_minor"]) == (1, 29_90)
    assert (await world.outbox()).count("OrderPlaced") == 1
    assert (await world.outbox()).count("OrderHeld") == 1


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("steps", [0, 3, 5])
async def test_a_gift_card_of_an_order_that_died_pays_once_or_keeps_its_money(
    world, steps, is_late
):
    owner_id, issued = uuid7(), await world.issue_card(10_00)
    checkout = await world.apply_card(await world.ready(owner_id), owner_id, issued.code)
    attempt = await _begin(world, owner_id, checkout)
    held = await world.card(issued.gift_card.id)
    await _die_after(world, attempt, steps)
    if is_late:
        world.clock.shift_to(20 * 60)
    # What is captured and confirmed in time is placed, however late.
    is_placed = not is_late or steps == 5
    await _settles(world, checkout, "placed" if is_placed else "refused")

    card = await world.card(issued.gift_card.id)
    assert (held.balance.amount_minor, held.reserved.amount_minor) == (10_00, 10_00)
    assert card.reserved.amount_minor == 0
    assert card.balance.amount_minor == (0 if is_placed else 10_00)
    sums = await world.provider.sums(str(attempt.order.id))
    assert sums["net_captured_minor"] == (19_90 if is_placed else 0)
    assert sums["holding_minor"] == 0


@pytest.mark.parametrize("steps", range(6))
async def test_an_order_that_died_and_is_resumed_too_late_agrees_with_the_ledger(world, steps):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    attempt = await _begin(world, owner_id, checkout)
    await _die_after(world, attempt, steps)

    world.clock.shift_to(20 * 60)
    # What was captured and confirmed in time is placed; anything less is undone.
    await _settles(world, checkout, "placed" if steps == 5 else "refused")

    sums = await world.provider.sums(str(attempt.order.id))
    assert sums["holding_minor"] == 0
    assert sums["net_captured_minor"] == (29_90 if steps == 5 else 0)
    assert world.stock.on_hand[str(world.variant_id)] == (9 if steps == 5 else 10)


@pytest.mark.parametrize("undone", range(4))
async def test_an_order_that_died_while_it_was_undone_is_refused(world, undone):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    attempt = await _begin(world, owner_id, checkout)
    await _die_after(world, attempt, 4)
    async with world.database.tx() as tx:
        await decide_refusal(tx, attempt, PaymentDeclined(decline_code="fraud"))
    for step in list(reversed(STEPS))[: undone + 1]:
        await step.undo(world.components.participants, attempt)

    await _settles(world, checkout, "refused")

    assert (await world.provider.sums(str(attempt.order.id)))["net_captured_minor"] == 0
    assert world.stock.reserved[str(world.variant_id)] == 0
    assert world.carts.carts[checkout.cart_id].cart.status == CART_STATUS_OPEN


async def test_two_processes_that_advance_one_order_place_it_once(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    attempt = await _begin(world, owner_id, checkout)

    sagas = [world.rewire().saga for _ in range(4)]
    await asyncio.gather(*(saga.advance(attempt.order.id) for saga in sagas))

    assert (await world.order_of(checkout.id)).status == "placed"
    assert (await world.provider.sums(str(attempt.order.id)))["payment_count"] == 1
    assert (await world.outbox()).count("OrderPlaced") == 1


async def test_a_transaction_that_rolls_back_leaves_no_order_and_no_event(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    before = await world.outbox()

    async def place_and_fail():
        cart = await world.components.participants.carts.get_cart_for_order(
            UUID(checkout.cart_id),
            owner_id=owner_id,
            access_token=world.access_token(owner_id),
            email="",
        )
        async with world.database.tx() as tx:
            row = await tx.get(Checkout, UUID(checkout.id))
            review = _review(world, row, cart, tx.now)
            key = IdempotencyKey("guest", "key", b"")
            attempt = await complete_checkout(
                tx,
                PlaceOrder(
                    key,
                    row.id,
                    row.version,
                    review,
                    Expectation(version=row.version),
                    OrderTerms(900, 15),
                ),
            )
            await tx.flush()
            await place_order(tx, attempt)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await place_and_fail()

    assert await world.outbox() == before
    assert await world.scalar("SELECT count(*) FROM orders") == 0


@pytest.mark.parametrize("point", ["after:authorize:do", "before:confirm:commit"])
async def test_a_process_that_is_killed_and_started_again_places_the_order(world, tmp_path, point):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    marker = tmp_path / "crashed"

    async with world.process(
        CRASH_AT=point, CRASH_MARKER=str(marker), RESUME_AFTER_SECONDS="1"
    ) as first:
        stub = first.peer.stub(pb_grpc.CheckoutServiceStub)
        request = pb.CompleteCheckoutRequest(
            checkout_id=checkout.id, expected_total=total_of(checkout)
        )
        key, token = str(uuid7()), world.tokens.guest(owner_id)
        completing = asyncio.ensure_future(
            first.peer.ask(stub.CompleteCheckout, request, authorization=token, key=key, timeout=5)
        )
        assert await first.ended(within=10) == -9
        with contextlib.suppress(Exception):
            await completing
        assert marker.exists()
    async with world.process(CRASH_AT=point, CRASH_MARKER=str(marker), RESUME_AFTER_SECONDS="1"):
        await eventually(lambda: _status_is(world, checkout, "placed"), within=10)

    order = await world.order_of(checkout.id)
    sums = await world.provider.sums(str(order.id))
    assert (sums["payment_count"], sums["net_captured_minor"]) == (1, 29_90)
