"""Fees of payment methods: shown before the choice, paid with the order, given back."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import eur
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World, total_of
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_FEE, TOTAL_TYPE_TAX


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


async def choose(world: World, checkout: pb.Checkout, owner_id: Any, method: str) -> pb.Checkout:
    request = pb.UpdateCheckoutRequest(
        checkout_id=checkout.id, payment_method_id=method, payment_token="pm_card_ok"
    )
    found: pb.Checkout = await world.ask(
        world.checkouts.UpdateCheckout, request, world.shopper(owner_id)
    )
    return found


def entries(shown: pb.Checkout | pb.Order, kind: Any) -> list[tuple[str, int]]:
    return [(one.label, one.amount.amount_minor) for one in shown.totals if one.type == kind]


async def test_a_fee_is_shown_chosen_charged_and_given_back_with_the_order(world: World) -> None:
    titles = {"en": "Card with fee", "de": "Karte mit Gebühr"}
    await world.offer("dear", fees={"EUR": 490}, fee_rate="0.01", titles=titles)
    owner_id = uuid7()
    free = await world.ready(owner_id)
    before = total_of(free).amount_minor
    dear = await choose(world, free, owner_id, "dear")
    again = await choose(world, dear, owner_id, "card")
    dear = await choose(world, again, owner_id, "dear")
    order = await world.complete(dear, owner_id)
    fee = 490 + round(before * 0.01)
    cancel = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    await world.ask(world.orders.CancelOrder, cancel, world.shopper(owner_id), key=str(uuid7()))

    offered = {method.id: method for method in free.payment_methods}
    assert offered["dear"].fee == eur(fee)
    assert not offered["card"].HasField("fee")
    assert entries(free, TOTAL_TYPE_FEE) == entries(again, TOTAL_TYPE_FEE) == []
    assert entries(dear, TOTAL_TYPE_FEE) == [("Karte mit Gebühr", fee)]
    assert total_of(dear).amount_minor == before + fee
    assert total_of(again).amount_minor == before
    [(_, tax)], [(_, tax_before)] = entries(dear, TOTAL_TYPE_TAX), entries(free, TOTAL_TYPE_TAX)
    assert tax - tax_before == pytest.approx(fee * 19 / 119, abs=1)
    assert entries(order, TOTAL_TYPE_FEE) == entries(dear, TOTAL_TYPE_FEE)
    assert [payment.amount for payment in order.payments] == [eur(before + fee)]
    sums = await world.provider.sums(order.id)
    assert sums["captured_minor"] == sums["refunded_minor"] == before + fee


async def test_nothing_is_charged_for_a_method_that_pays_nothing(world: World) -> None:
    await world.offer("dear", fees={"EUR": 490})
    owner_id = uuid7()
    checkout = await choose(world, await world.ready(owner_id), owner_id, "dear")
    issued = await world.issue_card(500_00)
    paid = await world.apply_card(checkout, owner_id, issued.code)

    assert entries(checkout, TOTAL_TYPE_FEE) == [("Kredit- oder Debitkarte", 490)]
    assert (entries(paid, TOTAL_TYPE_FEE), paid.due.amount_minor) == ([], 0)


async def test_a_fee_that_changed_is_not_charged_unseen(world: World, refusal_of: Any) -> None:
    await world.offer("dear", fees={"EUR": 490})
    owner_id = uuid7()
    checkout = await choose(world, await world.ready(owner_id), owner_id, "dear")
    await world.offer("dear", fees={"EUR": 990})

    assert await refusal_of(world.complete(checkout, owner_id)) == "PRICE_CHANGED"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"fees": {"XXX": 1}}, "payment_method.fees[XXX]"),
        ({"fees": {"EUR": -1}}, "payment_method.fees"),
        ({"fee_rate": "0.21"}, "payment_method.fee_rate"),
        ({"fee_rate": "1.5"}, "payment_method.fee_rate"),
        ({"fee_rate": "1e-2"}, "payment_method.fee_rate"),
    ],
)
async def test_a_wrong_fee_is_refused_with_its_place(
    world: World, wrong: dict[str, Any], place: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await world.offer("dear", **wrong)

    assert place in str(refused.value.metadata)
