"""Payment methods that customers save at the simulator, and orders that are paid with them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID

from catalog.testing import ReservationExpired
from chassis.rpc.auth import audience_of
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur, eventually
from checkout import handlers
from checkout.saved_payments.model import END_SET_UP
from services.checkout.tests.checkout_world import World, total_of
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import quick_orders_pb2 as quick_pb
from sojourn.checkout.v1 import saved_payment_methods_pb2 as pb
from sojourn.checkout.v1 import saved_payment_methods_pb2_grpc as pb_grpc
from sojourn.identity.v1 import identity_pb2
from sojourn.identity.v1.events_pb2 import CustomerErased

ACTIVE = pb.SAVED_PAYMENT_METHOD_STATUS_ACTIVE


def customer(world: World, customer_id: UUID, **claims: Any) -> str:
    return "Bearer " + world.tokens.create("customer", customer_id, **claims)


async def set_up(
    world: World, customer_id: UUID, token: str = "pm_card_ok", *, key: str = ""
) -> pb.SavedPaymentMethod:
    request = pb.SetUpPaymentMethodRequest(payment_token=token)
    return await world.ask(
        world.saved.SetUpPaymentMethod,
        request,
        customer(world, customer_id),
        key=key or str(uuid7()),
    )


async def saved(world: World, customer_id: UUID) -> list[pb.SavedPaymentMethod]:
    request = pb.ListSavedPaymentMethodsRequest()
    reply = await world.ask(
        world.saved.ListSavedPaymentMethods, request, customer(world, customer_id)
    )
    return list(reply.saved_payment_methods)


async def begun(world: World, owner_id: UUID, token: str, **fields: Any) -> orders_pb.Checkout:
    request = orders_pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id),
        email="ada@example.org",
        delivery_address=an_address(),
        delivery_option_id="standard",
        **fields,
    )
    return await world.ask(world.checkouts.CreateCheckout, request, token, key=str(uuid7()))


async def completed(
    world: World, checkout: orders_pb.Checkout, token: str, *, key: str = ""
) -> orders_pb.Order:
    request = orders_pb.CompleteCheckoutRequest(
        checkout_id=checkout.id, expected_total=total_of(checkout)
    )
    return await world.ask(
        world.checkouts.CompleteCheckout, request, token, key=key or str(uuid7())
    )


async def kept_at_provider(world: World, customer_id: UUID) -> list[str]:
    reference = await world.scalar(
        "SELECT reference FROM payment_customer WHERE customer_id = %s", [customer_id]
    )
    found = await world.provider.http.get(f"/v1/customers/{reference}/payment-methods")
    return [each["id"] for each in found.json().get("payment_methods", [])]


async def test_a_card_is_saved_with_consent_on_paying_and_pays_by_default(world: World) -> None:
    owner_id = uuid7()
    me = customer(world, owner_id)
    first = await begun(world, owner_id, me, payment_token="pm_card_ok", save_payment_method=True)
    await completed(world, first, me)
    [kept] = await saved(world, owner_id)

    second = await begun(world, owner_id, me)
    order = await completed(world, second, me)

    assert (kept.status, kept.brand, kept.last_four, kept.default) == (ACTIVE, "visa", "4242", True)
    assert (kept.expires_month, kept.expires_year, kept.expired) == (12, 2034, False)
    assert second.saved_payment_method_id == kept.id
    assert order.status == orders_pb.ORDER_STATUS_PLACED
    sums = await world.provider.sums(order.id)
    assert (sums["payment_count"], sums["captured_minor"]) == (
        1,
        order.payments[0].amount.amount_minor,
    )
    assert len(await saved(world, owner_id)) == 1


async def test_without_consent_nothing_is_saved(world: World) -> None:
    owner_id = uuid7()
    me = customer(world, owner_id)

    await completed(world, await begun(world, owner_id, me, payment_token="pm_card_ok"), me)

    assert await saved(world, owner_id) == []
    assert await world.scalar("SELECT count(*) FROM payment_customer") == 0


async def test_a_guest_saves_nothing(world: World, refusal_of: Any) -> None:
    guest_id = uuid7()
    guest = world.shopper(guest_id)
    request = pb.SetUpPaymentMethodRequest(payment_token="pm_card_ok")

    checkout = begun(world, guest_id, guest, payment_token="pm_card_ok", save_payment_method=True)
    assert await refusal_of(checkout) == "PAYMENT_METHOD_NOT_SAVABLE"
    call = world.ask(world.saved.SetUpPaymentMethod, request, guest, key=str(uuid7()))
    assert await refusal_of(call) == "PAYMENT_METHOD_NOT_SAVABLE"


async def test_an_order_in_one_call_pays_with_the_default_or_the_named_method(
    world: World,
) -> None:
    owner_id = UUID(world.identity.add_customer("ada@example.org").id)
    world.identity.addresses[str(owner_id)] = [
        identity_pb2.CustomerAddress(id=str(uuid7()), address=an_address(), is_default=True)
    ]
    me = customer(world, owner_id)
    one, other = await set_up(world, owner_id), await set_up(world, owner_id, "pm_card_known")

    async def ordered(**fields: Any) -> str:
        request = quick_pb.PlaceQuickOrderRequest(
            cart_id=world.cart(owner_id), expected_total=eur(29_90), **fields
        )
        order = await world.ask(world.quick.PlaceQuickOrder, request, me, key=str(uuid7()))
        assert order.status == orders_pb.ORDER_STATUS_PLACED
        query = "SELECT saved_payment_method_id FROM payment WHERE order_id = %s"
        return str(await world.scalar(query, [order.id]))

    assert await ordered() == one.id
    assert await ordered(saved_payment_method_id=other.id) == other.id
    assert await ordered(payment_token="pm_card_ok") == "None"


async def test_a_repeat_of_a_set_up_saves_one_method(world: World, refusal_of: Any) -> None:
    owner_id, key = uuid7(), str(uuid7())

    first, again = (
        await set_up(world, owner_id, key=key),
        await set_up(world, owner_id, key=key),
    )

    assert first.id == again.id
    assert len(await saved(world, owner_id)) == len(await kept_at_provider(world, owner_id)) == 1
    other = set_up(world, owner_id, "pm_card_known", key=key)
    assert await refusal_of(other) == "KEY_REUSED"


async def test_a_challenge_is_passed_before_a_card_is_saved(world: World) -> None:
    owner_id = uuid7()
    waiting = await set_up(world, owner_id, "pm_card_3ds")
    await world.provider.answer_challenge(waiting.action_url, "pass")

    request = pb.ConfirmPaymentMethodRequest(saved_payment_method_id=waiting.id)
    done = await world.ask(world.saved.ConfirmPaymentMethod, request, customer(world, owner_id))

    assert waiting.status == pb.SAVED_PAYMENT_METHOD_STATUS_PENDING
    assert waiting.action_url
    assert waiting.client_secret
    assert (done.status, done.client_secret, done.action_url) == (ACTIVE, "", "")
    assert (await saved(world, owner_id))[0].last_four == "4242"


async def test_a_declined_card_is_not_saved(world: World, refusal_of: Any) -> None:
    owner_id, key = uuid7(), str(uuid7())

    for _ in range(2):
        declined = set_up(world, owner_id, "pm_card_declined", key=key)
        assert await refusal_of(declined) == "PAYMENT_DECLINED"

    assert await saved(world, owner_id) == []
    assert await refusal_of(set_up(world, owner_id, "4242424242424242")) == "CARD_DATA_REFUSED"


async def test_a_script_in_the_browser_makes_the_instrument(world: World) -> None:
    owner_id = uuid7()
    waiting = await set_up(world, owner_id, "")
    set_up_id = await world.scalar(
        "SELECT set_up_id FROM saved_payment_method WHERE id = %s", [waiting.id]
    )
    made = await world.provider.http.post(
        f"/v1/set-ups/{set_up_id}/confirm", json={"payment_method": "pm_card_ok"}
    )
    made.raise_for_status()

    request = pb.ConfirmPaymentMethodRequest(saved_payment_method_id=waiting.id)
    done = await world.ask(world.saved.ConfirmPaymentMethod, request, customer(world, owner_id))

    assert waiting.client_secret
    assert done.status == ACTIVE


async def test_the_named_default_comes_first_and_pays(world: World) -> None:
    owner_id = uuid7()
    me = customer(world, owner_id)
    one, other = await set_up(world, owner_id), await set_up(world, owner_id, "pm_card_known")

    request = pb.SetDefaultPaymentMethodRequest(saved_payment_method_id=other.id)
    await world.ask(world.saved.SetDefaultPaymentMethod, request, me)

    listed = await saved(world, owner_id)
    assert [(each.id, each.default) for each in listed] == [(other.id, True), (one.id, False)]
    assert (await begun(world, owner_id, me)).saved_payment_method_id == other.id


async def test_a_deleted_method_pays_nothing_and_leaves_the_provider(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    me = customer(world, owner_id)
    kept = await set_up(world, owner_id)
    checkout = await begun(world, owner_id, me)
    request = pb.DeleteSavedPaymentMethodRequest(saved_payment_method_id=kept.id)

    for _ in range(2):
        await world.ask(world.saved.DeleteSavedPaymentMethod, request, me)

    assert await saved(world, owner_id) == []
    assert await refusal_of(completed(world, checkout, me)) == "SAVED_PAYMENT_METHOD_NOT_FOUND"
    async with world.working():

        async def is_gone() -> bool:
            return await world.scalar("SELECT count(*) FROM saved_payment_method") == 0

        await eventually(is_gone)
    assert await kept_at_provider(world, owner_id) == []


async def test_nobody_pays_with_a_method_of_another(world: World, refusal_of: Any) -> None:
    kept, stranger_id = await set_up(world, uuid7()), uuid7()
    stranger = customer(world, stranger_id)

    paid = begun(world, stranger_id, stranger, saved_payment_method_id=kept.id)
    assert await refusal_of(paid) == "SAVED_PAYMENT_METHOD_NOT_FOUND"
    request = pb.SetDefaultPaymentMethodRequest(saved_payment_method_id=kept.id)
    wanted = world.ask(world.saved.SetDefaultPaymentMethod, request, stranger)
    assert await refusal_of(wanted) == "SAVED_PAYMENT_METHOD_NOT_FOUND"
    await world.ask(
        world.saved.DeleteSavedPaymentMethod,
        pb.DeleteSavedPaymentMethodRequest(saved_payment_method_id=kept.id),
        stranger,
    )
    assert await world.scalar("SELECT status FROM saved_payment_method") == "active"


async def test_a_token_beside_a_saved_method_is_refused(world: World, refusal_of: Any) -> None:
    owner_id = uuid7()
    kept = await set_up(world, owner_id)

    both = begun(
        world,
        owner_id,
        customer(world, owner_id),
        saved_payment_method_id=kept.id,
        payment_token="pm_card_ok",
    )

    assert await refusal_of(both) == "TWO_PAYMENT_MEANS"


async def test_on_session_a_saved_card_may_be_challenged_and_off_session_it_is_declined(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    me = customer(world, owner_id)
    waiting = await set_up(world, owner_id, "pm_card_3ds")
    await world.provider.answer_challenge(waiting.action_url, "pass")
    confirm = pb.ConfirmPaymentMethodRequest(saved_payment_method_id=waiting.id)
    await world.ask(world.saved.ConfirmPaymentMethod, confirm, me)
    act = {"sub": str(uuid7()), "via": "call_center"}
    staff = customer(world, owner_id, act=act, aud=[audience_of("tests")])

    order = await completed(world, await begun(world, owner_id, me), me)
    by_staff = await begun(world, owner_id, staff, saved_payment_method_id=waiting.id)

    assert order.status == orders_pb.ORDER_STATUS_ACTION_REQUIRED
    assert order.payments[0].action_url
    assert await refusal_of(completed(world, by_staff, staff)) == "PAYMENT_DECLINED"
    refused = await world.order_of(by_staff.id)
    assert refused.refusal_metadata == {"decline_code": "authentication_required"}


async def test_a_refused_order_keeps_no_card_at_the_provider(world: World, refusal_of: Any) -> None:
    owner_id = uuid7()
    me = customer(world, owner_id)
    checkout = await begun(
        world, owner_id, me, payment_token="pm_card_ok", save_payment_method=True
    )
    world.calls.fail_before["ConfirmReservation"] = [ReservationExpired()]

    assert await refusal_of(completed(world, checkout, me)) == "ORDER_EXPIRED"

    assert await saved(world, owner_id) == []
    assert await kept_at_provider(world, owner_id) == []


async def test_erasure_has_the_provider_forget_the_customer(world: World) -> None:
    owner_id = uuid7()
    await set_up(world, owner_id)
    reference = await world.scalar("SELECT reference FROM payment_customer")
    erased = handlers.events(world.components.settings)[CustomerErased]
    event = CustomerErased(customer_id=str(owner_id))

    async with world.database.tx() as tx:
        await erased(tx, event, None)  # type: ignore[arg-type]  # the envelope is not read
    async with world.working():

        async def is_forgotten() -> bool:
            return await world.scalar("SELECT count(*) FROM payment_customer") == 0

        await eventually(is_forgotten)

    assert await world.scalar("SELECT count(*) FROM saved_payment_method") == 0
    gone = await world.provider.http.get(f"/v1/customers/{reference}/payment-methods")
    assert gone.status_code == 404


async def test_a_set_up_that_nobody_finished_is_given_up(world: World) -> None:
    owner_id = uuid7()
    waiting = await set_up(world, owner_id, "")
    async with world.database.tx() as tx:
        await tx.run("UPDATE timer SET due_at = %s WHERE kind = %s", [tx.now, END_SET_UP])

    async with world.working():

        async def is_gone() -> bool:
            return await saved(world, owner_id) == []

        await eventually(is_gone)

    assert waiting.status == pb.SAVED_PAYMENT_METHOD_STATUS_PENDING


async def test_a_process_that_dies_while_it_saves_leaves_one_method(
    world: World, tmp_path: Path
) -> None:
    owner_id, key = uuid7(), str(uuid7())
    request = pb.SetUpPaymentMethodRequest(payment_token="pm_card_ok")
    crash = {"CRASH_AT": "after:begin_set_up:commit", "CRASH_MARKER": str(tmp_path / "crashed")}
    async with world.process(**crash) as dying:
        stub = dying.peer.stub(pb_grpc.SavedPaymentMethodServiceStub)
        with contextlib.suppress(Exception):
            await dying.peer.ask(
                stub.SetUpPaymentMethod,
                request,
                authorization=customer(world, owner_id),
                key=key,
                timeout=5,
            )
        assert await dying.ended(within=10) == -9

    again = await set_up(world, owner_id, key=key)

    assert again.status == ACTIVE
    assert len(await kept_at_provider(world, owner_id)) == 1
