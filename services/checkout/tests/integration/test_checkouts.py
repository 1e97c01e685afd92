"""Checkouts: creation, changes, cancellation and expiry."""

import asyncio
from uuid import UUID

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eur, eventually
from sojourn.cart.v1.cart_pb2 import CART_STATUS_ORDERED
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1.gift_message_pb2 import GiftMessage, GiftMessages
from sojourn.common.v1.address_pb2 import Address
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_OUT_OF_STOCK
from sojourn.common.v1.message_pb2 import (
    MESSAGE_CODE_COUPON_NOT_VALID,
    MESSAGE_CODE_MISSING_DELIVERY_ADDRESS,
    MESSAGE_CODE_MISSING_DELIVERY_OPTION,
    MESSAGE_CODE_MISSING_EMAIL,
    MESSAGE_CODE_MISSING_PAYMENT_METHOD,
    MESSAGE_CODE_OUT_OF_STOCK,
    MESSAGE_SEVERITY_REQUIRES_BUYER_INPUT,
    MESSAGE_SEVERITY_REQUIRES_BUYER_REVIEW,
    MESSAGE_TYPE_ERROR,
    MESSAGE_TYPE_WARNING,
)
from sojourn.common.v1.money_pb2 import (
    TOTAL_TYPE_DISCOUNT,
    TOTAL_TYPE_FULFILLMENT,
    TOTAL_TYPE_SUBTOTAL,
    TOTAL_TYPE_TAX,
    TOTAL_TYPE_TOTAL,
)
from sojourn.common.v1.quantity_pb2 import Quantity


async def _create(world, token, owner_id, *, key="", email="", **cart):
    request = pb.CreateCheckoutRequest(cart_id=world.cart(owner_id, **cart), email=email)
    return await world.ask(world.checkouts.CreateCheckout, request, token, key=key or str(uuid7()))


async def _update(world, token, checkout, **changes):
    request = pb.UpdateCheckoutRequest(checkout_id=checkout.id, **changes)
    return await world.ask(world.checkouts.UpdateCheckout, request, token)


def _codes(checkout):
    return [message.code for message in checkout.messages]


def _totals(checkout):
    return {total.type: total.amount.amount_minor for total in checkout.totals}


async def test_an_incomplete_checkout_lists_what_is_missing(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)

    checkout = await _create(world, token, owner_id)
    assert (checkout.status, _codes(checkout)) == (
        pb.CHECKOUT_STATUS_INCOMPLETE,
        [
            MESSAGE_CODE_MISSING_EMAIL,
            MESSAGE_CODE_MISSING_DELIVERY_ADDRESS,
            MESSAGE_CODE_MISSING_PAYMENT_METHOD,
        ],
    )
    assert [message.path for message in checkout.messages] == [
        "$.email",
        "$.delivery_address",
        "$.payment_method_id",
    ]
    assert [(message.type, message.severity) for message in checkout.messages] == [
        (MESSAGE_TYPE_ERROR, MESSAGE_SEVERITY_REQUIRES_BUYER_INPUT)
    ] * 3
    assert [method.id for method in checkout.payment_methods] == ["card"]
    checkout = await _update(
        world, token, checkout, email=" ada@example.org ", delivery_address=an_address()
    )
    assert _codes(checkout) == [
        MESSAGE_CODE_MISSING_DELIVERY_OPTION,
        MESSAGE_CODE_MISSING_PAYMENT_METHOD,
    ]
    assert [option.id for option in checkout.delivery_options] == ["pickup", "standard", "express"]
    checkout = await _update(
        world, token, checkout, delivery_option_id="express", payment_token="pm_card_ok"
    )

    assert (checkout.status, _codes(checkout), checkout.email) == (
        pb.CHECKOUT_STATUS_READY_FOR_COMPLETE,
        [],
        "ada@example.org",
    )
    assert (checkout.delivery_option_id, checkout.payment_method_id) == ("express", "card")
    assert _totals(checkout) == {
        TOTAL_TYPE_SUBTOTAL: 25_00,
        TOTAL_TYPE_FULFILLMENT: 12_90,
        TOTAL_TYPE_TAX: 6_05,
        TOTAL_TYPE_TOTAL: 37_90,
    }
    assert [(line.title, line.rate, line.included) for line in checkout.tax_lines] == [
        ("MwSt. 19 %", "0.19", True)
    ]
    [line] = checkout.lines
    assert (line.item.variant_id, line.item.mass_grams) == (str(world.variant_id), 200)
    assert (line.item.unit_price, line.item.subtotal, line.item.discount, line.item.total) == (
        eur(25_00),
        eur(25_00),
        eur(0),
        eur(25_00),
    )
    assert line.item.quantity == Quantity(steps=1, increment=1, unit_code="C62")
    assert line.shipped == Quantity(steps=0, increment=1, unit_code="C62")
    assert line.tax == eur(3_99)
    assert "pm_card_ok" not in str(checkout)


async def test_a_checkout_created_with_all_fields_is_ready(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    said = {
        "email": "ada@example.org",
        "delivery_address": an_address(),
        "delivery_option_id": "express",
        "payment_method_id": "card",
        "payment_token": "pm_card_ok",
    }

    request = pb.CreateCheckoutRequest(cart_id=world.cart(owner_id), **said)
    checkout = await world.ask(world.checkouts.CreateCheckout, request, token, key=str(uuid7()))

    assert (checkout.status, _codes(checkout), checkout.email) == (
        pb.CHECKOUT_STATUS_READY_FOR_COMPLETE,
        [],
        "ada@example.org",
    )
    assert _totals(checkout) == {
        TOTAL_TYPE_SUBTOTAL: 25_00,
        TOTAL_TYPE_FULFILLMENT: 12_90,
        TOTAL_TYPE_TAX: 6_05,
        TOTAL_TYPE_TOTAL: 37_90,
    }


async def test_a_checkout_created_with_an_unknown_choice_is_refused(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    cart_id = world.cart(owner_id)

    for wrong, reason in (
        ({"delivery_option_id": "drone"}, "UNKNOWN_DELIVERY_OPTION"),
        ({"payment_method_id": "shells"}, "UNKNOWN_PAYMENT_METHOD"),
    ):
        request = pb.CreateCheckoutRequest(cart_id=cart_id, delivery_address=an_address(), **wrong)
        with pytest.raises(DomainError) as refused:
            await world.ask(world.checkouts.CreateCheckout, request, token, key=str(uuid7()))
        assert refused.value.reason == reason


async def test_tax_is_added_where_prices_are_net(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    checkout = await _create(
        world, token, owner_id, tax_included=False, quantity=2, discount_minor=-5_00
    )

    address = an_address(
        address_country="US",
        address_region="California",
        address_locality="San Jose",
        postal_code="95110",
    )
    checkout = await _update(
        world, token, checkout, delivery_address=address, delivery_option_id="standard"
    )

    assert checkout.delivery_address.address_region == "CA"
    assert [(line.title, line.included) for line in checkout.tax_lines] == [
        ("Verkaufssteuer 7,25 %", False)
    ]
    assert _totals(checkout) == {
        TOTAL_TYPE_SUBTOTAL: 50_00,
        TOTAL_TYPE_DISCOUNT: -5_00,
        TOTAL_TYPE_FULFILLMENT: 19_90,
        TOTAL_TYPE_TAX: 4_71,
        TOTAL_TYPE_TOTAL: 69_61,
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": "ada"}, "INVALID_EMAIL"),
        ({"delivery_address": an_address(postal_code="1")}, "INVALID_ADDRESS"),
        ({"delivery_address": an_address(address_country="KP")}, "INVALID_ADDRESS"),
        ({"delivery_address": an_address(address_country="")}, "INVALID_ADDRESS"),
        ({"delivery_option_id": "drone"}, "UNKNOWN_DELIVERY_OPTION"),
        ({"payment_method_id": "cash"}, "UNKNOWN_PAYMENT_METHOD"),
        ({"payment_token": "a b"}, "INVALID_PAYMENT_TOKEN"),
        ({"email": f"{'a' * 320}@example.org"}, "INVALID_FIELD"),
        ({"delivery_address": an_address(address_country="DEU")}, "INVALID_FIELD"),
        ({"delivery_address": an_address(first_name="x" * 121)}, "INVALID_FIELD"),
        ({"delivery_option_id": "x" * 65}, "INVALID_FIELD"),
        ({"payment_token": "x" * 201}, "INVALID_FIELD"),
        ({"expected_version": -1}, "INVALID_FIELD"),
        ({"payment_token": "4242424242424242"}, "CARD_DATA_REFUSED"),
        ({"expected_version": 99}, "VERSION_MISMATCH"),
    ],
)
async def test_an_invalid_change_of_a_checkout_is_refused_and_changes_nothing(
    world, refusal_of, changes, reason
):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    token = world.tokens.guest(owner_id)

    assert await refusal_of(_update(world, token, checkout, **changes)) == reason

    assert (
        await world.ask(
            world.checkouts.GetCheckout, pb.GetCheckoutRequest(checkout_id=checkout.id), token
        )
        == checkout
    )


async def test_an_address_without_the_chosen_option_asks_for_another_option(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    checkout = await _create(world, token, owner_id)
    await _update(
        world, token, checkout, delivery_address=an_address(), delivery_option_id="pickup"
    )

    address = an_address(address_country="AT", address_locality="Wien", postal_code="1010")
    checkout = await _update(world, token, checkout, delivery_address=address)

    assert checkout.delivery_option_id == ""
    assert MESSAGE_CODE_MISSING_DELIVERY_OPTION in _codes(checkout)
    assert checkout.tax_lines[0].title == "MwSt. 20 %"


async def test_a_changed_price_shows_in_the_checkout(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    item = world.carts.carts[checkout.cart_id].cart.lines[0].item
    for amount in (item.unit_price, item.subtotal, item.total):
        amount.amount_minor = 30_00

    shown = await world.ask(
        world.checkouts.GetCheckout,
        pb.GetCheckoutRequest(checkout_id=checkout.id),
        world.tokens.guest(owner_id),
    )

    assert _totals(shown)[TOTAL_TYPE_SUBTOTAL] == 30_00


async def test_a_sold_out_line_blocks_the_checkout(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    world.carts.carts[checkout.cart_id].cart.lines[0].availability = AVAILABILITY_OUT_OF_STOCK

    shown = await world.ask(
        world.checkouts.GetCheckout,
        pb.GetCheckoutRequest(checkout_id=checkout.id),
        world.tokens.guest(owner_id),
    )

    assert (shown.status, _codes(shown)) == (
        pb.CHECKOUT_STATUS_INCOMPLETE,
        [MESSAGE_CODE_OUT_OF_STOCK],
    )
    assert shown.messages[0].path == "$.lines[0]"
    with pytest.raises(DomainError) as refused:
        await world.complete(checkout, owner_id)
    assert (refused.value.reason, refused.value.metadata) == (
        "OUT_OF_STOCK",
        {"variant_id": str(world.variant_id)},
    )


async def test_a_checkout_that_is_not_ready_is_refused_with_all_that_is_missing(world):
    owner_id = uuid7()
    checkout = await _create(world, world.tokens.guest(owner_id), owner_id, email="ada@example.org")

    with pytest.raises(DomainError) as refused:
        await world.complete(checkout, owner_id)

    assert (refused.value.reason, refused.value.metadata) == (
        "CHECKOUT_NOT_READY",
        {
            "code": "missing_delivery_address",
            "path": "$.delivery_address",
            "missing": "missing_delivery_address,missing_payment_method",
        },
    )


async def test_messages_of_the_cart_point_into_the_checkout_and_have_a_severity(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    world.carts.carts[checkout.cart_id].cart.messages.add(
        type=MESSAGE_TYPE_WARNING, code=MESSAGE_CODE_COUPON_NOT_VALID, path="$.coupon_codes[0]"
    )

    shown = await world.ask(
        world.checkouts.GetCheckout,
        pb.GetCheckoutRequest(checkout_id=checkout.id),
        world.tokens.guest(owner_id),
    )

    assert [(message.path, message.severity) for message in shown.messages] == [
        ("$.cart_id", MESSAGE_SEVERITY_REQUIRES_BUYER_REVIEW)
    ]


async def test_a_checkout_of_a_customer_has_the_email_of_the_profile(world):
    owner_id = uuid7()
    world.identity.add_customer("profile@example.org", owner_id)

    assert (
        await _create(world, world.tokens.customer(owner_id), owner_id)
    ).email == "profile@example.org"
    assert (
        await _create(world, world.tokens.customer(owner_id), owner_id, email="other@example.org")
    ).email == "other@example.org"


async def test_a_repeated_creation_with_the_key_returns_the_checkout(world, refusal_of):
    owner_id, key = uuid7(), str(uuid7())
    token, cart_id = world.tokens.guest(owner_id), world.cart(owner_id)
    request = pb.CreateCheckoutRequest(cart_id=cart_id)

    made = await asyncio.gather(
        *(world.ask(world.checkouts.CreateCheckout, request, token, key=key) for _ in range(5))
    )

    assert len({each.id for each in made}) == 1
    assert await world.outbox() == ["CheckoutStarted"]
    request.cart_id = str(uuid7())
    assert (
        await refusal_of(world.ask(world.checkouts.CreateCheckout, request, token, key=key))
        == "CART_NOT_FOUND"
    )


async def test_a_checkout_of_an_empty_ordered_or_foreign_cart_is_refused(world, refusal_of):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    empty, ordered, foreign = world.cart(owner_id), world.cart(owner_id), world.cart(uuid7())
    del world.carts.carts[empty].cart.lines[:]
    world.carts.carts[ordered].cart.status = CART_STATUS_ORDERED

    for cart_id, reason in (
        (empty, "CART_EMPTY"),
        (ordered, "CART_NOT_OPEN"),
        (foreign, "CART_NOT_FOUND"),
        ("x", "INVALID_ID"),
    ):
        request = pb.CreateCheckoutRequest(cart_id=cart_id)
        assert (
            await refusal_of(
                world.ask(world.checkouts.CreateCheckout, request, token, key=str(uuid7()))
            )
            == reason
        )


async def test_a_canceled_checkout_stays_canceled(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    token = world.tokens.guest(owner_id)

    for _ in range(2):
        cancelled = await world.ask(
            world.checkouts.CancelCheckout, pb.CancelCheckoutRequest(checkout_id=checkout.id), token
        )
        assert cancelled.status == pb.CHECKOUT_STATUS_CANCELED

    assert (
        await refusal_of(_update(world, token, checkout, email="b@example.org"))
        == "CHECKOUT_NOT_OPEN"
    )
    assert await refusal_of(world.complete(checkout, owner_id)) == "CHECKOUT_NOT_OPEN"
    assert await world.scalar("SELECT payment_token FROM checkout") == ""


async def test_a_checkout_whose_order_is_placed_is_not_canceled(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    await world.complete(checkout, owner_id)
    request = pb.CancelCheckoutRequest(checkout_id=checkout.id)

    assert (
        await refusal_of(
            world.ask(world.checkouts.CancelCheckout, request, world.tokens.guest(owner_id))
        )
        == "CHECKOUT_NOT_OPEN"
    )


async def test_a_checkout_expires(world, refusal_of):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    world.clock.shift_to(7 * 3600)
    assert await refusal_of(world.complete(checkout, owner_id)) == "CHECKOUT_NOT_OPEN"
    async with world.working():
        await eventually(lambda: _is_canceled(world, checkout))


async def test_a_completed_checkout_shows_what_was_bought(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    order = await world.complete(checkout, owner_id)

    shown = await world.ask(
        world.checkouts.GetCheckout,
        pb.GetCheckoutRequest(checkout_id=checkout.id),
        world.tokens.guest(owner_id),
    )

    assert (shown.status, shown.order_id) == (pb.CHECKOUT_STATUS_COMPLETED, order.id)
    assert _totals(shown) == _totals(checkout)


async def test_delivery_is_estimated_without_a_token(world):
    request = pb.EstimateDeliveryRequest(country="FR", mass_grams=500, subtotal=eur(10_00))

    estimate = await world.ask(world.checkouts.EstimateDelivery, request, "")

    assert [option.id for option in estimate.options] == ["standard", "express"]
    assert estimate.options[0].price.amount_minor == 9_90
    assert estimate.options[0].earliest_on <= estimate.options[0].latest_on


async def _is_canceled(world, checkout):
    return (
        await world.scalar("SELECT status FROM checkout WHERE id = %s", [UUID(checkout.id)])
        == "canceled"
    )


async def test_a_change_of_the_cart_shows_in_the_checkout_with_the_version_of_the_cart(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    world.carts.carts[checkout.cart_id].cart.version += 1

    shown = await world.ask(
        world.checkouts.GetCheckout,
        pb.GetCheckoutRequest(checkout_id=checkout.id),
        world.tokens.guest(owner_id),
    )

    assert (shown.version, shown.cart_version) == (checkout.version, checkout.cart_version + 1)


async def test_a_bill_goes_to_another_address_until_it_is_cleared(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    checkout = await world.ready(owner_id)

    billed = await _update(
        world,
        token,
        checkout,
        billing_address=an_address(address_country="FR", postal_code="75001"),
    )
    cleared = await _update(world, token, billed, billing_address=Address())

    assert billed.billing_address.address_country == "FR"
    assert billed.delivery_address == checkout.delivery_address
    assert billed.totals == checkout.totals
    assert not cleared.HasField("billing_address")


async def test_an_order_has_the_gift_messages_of_its_checkout(world, refusal_of):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)
    checkout = await world.ready(owner_id)
    of_line = GiftMessage(line_id=checkout.lines[0].id, message="Run well!", sender_name="Ada")
    of_other = GiftMessage(line_id=str(uuid7()), message="Run well!")

    refused = await refusal_of(
        _update(world, token, checkout, gift_messages=GiftMessages(messages=[of_other]))
    )
    shown = await _update(
        world,
        token,
        checkout,
        gift_messages=GiftMessages(messages=[of_line, GiftMessage(message="All the best!")]),
    )
    order = await world.complete(shown, owner_id)

    assert refused == "INVALID_GIFT_MESSAGE"
    assert next(iter(shown.gift_messages)) == of_line
    assert [(each.line_id, each.message) for each in order.gift_messages] == [
        ("", "All the best!"),
        (order.lines[0].id, "Run well!"),
    ]


async def test_empty_values_clear_what_the_buyer_said(world):
    owner_id = uuid7()
    checkout = await world.ready(owner_id)

    cleared = await _update(
        world,
        world.tokens.guest(owner_id),
        checkout,
        email="",
        delivery_address=Address(),
        payment_method_id="",
    )

    assert (cleared.email, cleared.payment_method_id, cleared.delivery_option_id) == ("", "", "")
    assert not cleared.HasField("delivery_address")
    assert _codes(cleared) == [
        MESSAGE_CODE_MISSING_EMAIL,
        MESSAGE_CODE_MISSING_DELIVERY_ADDRESS,
        MESSAGE_CODE_MISSING_PAYMENT_METHOD,
    ]


async def test_a_german_cart_has_german_titles_and_messages(world):
    owner_id = uuid7()
    token = world.tokens.guest(owner_id)

    checkout = await _create(world, token, owner_id, email="ada@example.org")
    shown = await _update(world, token, checkout, delivery_address=an_address())

    assert shown.locale == "de-DE"
    assert [option.title for option in shown.delivery_options][-1] == "Expressversand"
    assert [method.title for method in shown.payment_methods] == ["Kredit- oder Debitkarte"]
    assert [line.title for line in shown.tax_lines] == ["MwSt. 19 %"]
    assert [total.label for total in shown.totals if total.type == TOTAL_TYPE_TAX] == [
        "MwSt. 19 % enthalten"
    ]
    assert [message.content for message in shown.messages] == [
        "Wählen Sie eine Versandart.",
        "Wählen Sie eine Zahlungsart.",
    ]
