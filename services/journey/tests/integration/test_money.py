"""Money on journeys: of purchases, of stages, and against the ledger."""

from __future__ import annotations

import json
import random
from collections import defaultdict

from google.protobuf.message import Message

from chassis.testing import eur
from journey.funnels.model import MapQuestion, StageRevenue
from journey.funnels.queries import get_map_numbers
from journey.funnels.reconcile import OrderMoney, describe, read_lines, reconcile
from journey.maps.model import Stage
from journey.maps.rules import rules_of
from journey.store.postgres import PostgresStore
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import World, a_touchpoint, an_id, kinds, order_placed
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.catalog.v1 import events_pb2 as catalog
from sojourn.checkout.v1 import events_pb2 as checkout
from sojourn.checkout.v1.checkout_pb2 import Order
from sojourn.common.v1 import money_pb2
from sojourn.common.v1.money_pb2 import Money

CART, CHECKOUT = str(an_id("K")), str(an_id("H"))


def an_order_of(checkout_id: str = CHECKOUT, order: str = "O", owner: str = "C") -> Order:
    placed = order_placed(order=order, owner=owner).order
    placed.checkout_id = checkout_id
    return placed


def refunded(order: Order, minor: int) -> checkout.OrderRefunded:
    return checkout.OrderRefunded(
        order_id=order.id,
        owner_id=order.owner_id,
        amount=Money(amount_minor=minor, currency="EUR"),
        order=order,
    )


async def test_the_touchpoints_of_a_purchase_are_joined_and_have_their_money(world: World) -> None:
    order = an_order_of()
    events: list[Message] = [
        cart.CartLineAdded(cart_id=CART, version=2, owner_id=order.owner_id),
        checkout.CheckoutStarted(checkout_id=CHECKOUT, owner_id=order.owner_id, cart_id=CART),
        checkout.OrderPlaced(order=order, cart_id=CART),
        checkout.OrderShipped(order=order),
        refunded(order, 5_00),
        checkout.OrderCancelled(order=order, cart_id=CART),
    ]

    for second, event in enumerate(events):
        await world.hear(event, seconds=second, visitor="V", consent="granted")

    rows = await world.rows()
    chain = [
        {
            name: value
            for name, value in json.loads(json.dumps(row.properties)).items()
            if name in ("cart_id", "checkout_id", "order_id")
        }
        for row in rows
    ]
    whole = {"cart_id": CART, "checkout_id": CHECKOUT, "order_id": order.id}
    of_order = {"checkout_id": CHECKOUT, "order_id": order.id}
    assert chain == [
        {"cart_id": CART},
        {"cart_id": CART, "checkout_id": CHECKOUT},
        whole,
        of_order,
        of_order,
        whole,
    ]
    assert [(row.kind, row.amount_minor, row.currency) for row in rows] == [
        ("cart.line_added", None, ""),
        ("checkout.started", None, ""),
        ("order.placed", 55_00, "EUR"),
        ("order.shipped", None, ""),
        ("order.refunded", 5_00, "EUR"),
        ("order.cancelled", 55_00, "EUR"),
    ]


async def test_a_funnel_tells_the_money_of_its_stages(world: World) -> None:
    first, second = an_order_of(order="O1"), an_order_of(order="O2")
    second.totals[0].amount.CopyFrom(eur(10_01))
    for at, event in enumerate(
        [
            checkout.OrderPlaced(order=first, cart_id=CART),
            refunded(first, 5_00),
            refunded(first, 1_00),
            checkout.OrderPlaced(order=second, cart_id=CART),
        ]
    ):
        await world.hear(event, seconds=at, visitor="V", consent="granted")

    funnel = await world.funnel(with_revenue=True)

    assert [
        (one.stage, one.currency, one.orders, one.gross_minor, one.refunded_minor, one.net_minor)
        for one in funnel.revenue
    ] == [
        ("acquisition", "EUR", 1, 55_00, 6_00, 49_00),
        ("retention", "EUR", 1, 10_01, 0, 10_01),
    ]
    assert [one.average_order_minor for one in funnel.revenue] == [55_00, 10_01]
    assert not (await world.funnel()).revenue


async def test_the_money_of_stages_is_what_a_plain_recomputation_says(world: World) -> None:
    draw = random.Random(7)
    stages = [
        Stage("first", {"en": "First"}, rules_of([kinds("order.placed", occurrence="first")], "$")),
        Stage(
            "dear",
            {"en": "Dear"},
            rules_of([{"when": [{"field": "amount", "at_least": 50}]}], "$"),
        ),
        Stage("again", {"en": "Again"}, rules_of([kinds("order.placed", after=["a"])], "$")),
    ]
    rows: list[Touchpoint] = []
    for number in range(120):
        who, minor = f"V{draw.randrange(9)}", draw.randrange(100)
        currency = draw.choice(["EUR", "SEK"])
        placed = a_touchpoint(
            "order.placed", visitor=who, seconds=draw.randrange(50), source="event"
        )
        rows.append(placed._replace(subject=f"O{number}", amount_minor=minor, currency=currency))
        for _ in range(draw.choice([0, 0, 1, 2])):
            refund = a_touchpoint("order.refunded", visitor=who, seconds=60, source="event")
            part = draw.randrange(minor + 1) // 2
            rows.append(refund._replace(subject=f"O{number}", amount_minor=part, currency=currency))
        rows.append(a_touchpoint("a", visitor=who, seconds=draw.randrange(50)))
    await world.record_touchpoints(*rows)

    asked = MapQuestion(with_revenue=True)
    found = await get_map_numbers(PostgresStore(world.database), stages, asked)

    assert found.revenue == recomputed(rows)


def recomputed(rows: list[Touchpoint]) -> list[StageRevenue]:
    given_back: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.kind == "order.refunded":
            given_back[row.subject] += row.amount_minor or 0
    members: dict[tuple[int, str], list[Touchpoint]] = defaultdict(list)
    seen: set[tuple[object, str]] = set()
    for row in sorted(rows, key=lambda row: (row.occurred_at, row.sequence, row.id)):
        if row.kind == "order.placed":
            if (row.visitor_id, row.kind) not in seen:
                members[0, row.currency].append(row)
            elif (row.amount_minor or 0) >= 50:
                members[1, row.currency].append(row)
            elif (row.visitor_id, "a") in seen:
                members[2, row.currency].append(row)
        seen.add((row.visitor_id, row.kind))
    return [
        StageRevenue(
            stage,
            currency,
            len(orders),
            sum(row.amount_minor or 0 for row in orders),
            sum(given_back[row.subject] for row in orders),
        )
        for (stage, currency), orders in sorted(members.items())
    ]


async def test_the_money_on_journeys_is_the_ledger_s_to_the_cent(world: World) -> None:
    orders = [an_order_of(order=f"O{number}", owner=f"C{number}") for number in range(4)]
    for number, order in enumerate(orders[:3]):
        await world.hear(
            checkout.OrderPlaced(order=order, cart_id=CART),
            seconds=number,
            visitor=f"V{number}",
            consent="granted",
        )
    await world.hear(refunded(orders[1], 5_01), seconds=10)
    await world.hear(refunded(orders[1], 49_99), seconds=11)
    # The buyer of the last one did not consent: it is on no journey, and no difference.
    await world.hear(checkout.OrderPlaced(order=orders[3], cart_id=CART), seconds=12)
    header = "order_id,currency,captured_minor,refunded_minor\n"
    ledger = [
        header,
        f"{orders[0].id},EUR,5500,0\n",
        f"{orders[1].id},EUR,5500,5500\n",
        f"{orders[2].id},EUR,5500,0\n",
        f"{orders[3].id},EUR,5500,0\n",
    ]

    equal = await reconcile(world.database, read_lines(ledger))
    ledger[3] = ledger[3].replace(",0", ",1")
    different = await reconcile(world.database, read_lines(ledger[:2] + ledger[3:]))

    assert equal.is_equal
    assert describe(equal) == [
        "4 orders in the ledger, 3 on journeys, 0 on journeys only, 0 different",
        "EUR: net 11000 in the ledger, 11000 on journeys",
    ]
    assert not different.is_equal
    assert different.not_in_ledger == 1
    assert different.differences == [
        (
            OrderMoney(orders[2].id, "EUR", 55_00, 1),
            OrderMoney(orders[2].id, "EUR", 55_00, 0),
        )
    ]


def an_order_with_costs(order: str, *, tax_is_included: bool = True, known: str = "A") -> Order:
    """Returns an order of 1.5 kg of A and 2 pieces of a variant, for 55 EUR with 9.00 of tax."""
    placed = an_order_of(order=order)
    del placed.lines[:]
    for variant, steps, scale, tax in (("A", 15, 1, 6_00), (known, 2, 0, 3_00)):
        line = placed.lines.add(tax=eur(tax))
        line.item.variant_id = str(an_id(variant))
        line.item.quantity.steps, line.item.quantity.scale = steps, scale
    del placed.totals[:]
    for kind, minor in (
        (money_pb2.TOTAL_TYPE_SUBTOTAL, 60_00),
        (money_pb2.TOTAL_TYPE_DISCOUNT, -9_99),
        (money_pb2.TOTAL_TYPE_FULFILLMENT, 4_99),
        (money_pb2.TOTAL_TYPE_TOTAL, 55_00),
    ):
        placed.totals.add(type=kind, amount=eur(minor))
    placed.tax_lines.add(title="VAT", rate="0.19", amount=eur(9_00), included=tax_is_included)
    return placed


async def margins_of(world: World) -> list[str]:
    rows = [row for row in await world.rows() if row.kind == "order.placed"]
    return [dict(row.properties).get("margin_minor", "") for row in rows]


async def hear_order(world: World, order: Order, seconds: int) -> None:
    event = checkout.OrderPlaced(order=order, cart_id=CART)
    await world.hear(event, seconds=seconds, visitor="V", consent="granted")


async def hear_cost(world: World, minor: int | None, *, currency: str = "EUR", at: int) -> None:
    event = catalog.VariantCostChanged(variant_id=str(an_id("A")))
    if minor is not None:
        event.unit_cost.CopyFrom(Money(amount_minor=minor, currency=currency))
    await world.hear(event, seconds=at)


async def test_an_order_has_the_margin_of_its_goods_where_all_costs_are_known(
    world: World,
) -> None:
    await hear_order(world, an_order_with_costs("O1"), 1)
    await hear_cost(world, 8_33, at=2)
    await hear_order(world, an_order_with_costs("O2"), 3)
    await hear_order(world, an_order_with_costs("O3", tax_is_included=False), 4)
    await hear_order(world, an_order_with_costs("O4", known="B"), 5)

    # 60.00 - 9.99, less 9.00 of tax where it is in the prices, less 3.5 times 8.33: the half of a
    # cent is rounded to the even one.
    assert await margins_of(world) == ["", "1186", "2086", ""]


async def test_the_latest_cost_counts_whatever_the_order_of_events(world: World) -> None:
    await hear_cost(world, 10_00, at=9)
    await hear_cost(world, 1_00, at=2)
    await hear_order(world, an_order_with_costs("O1"), 10)
    await hear_cost(world, 10_00, currency="USD", at=11)
    await hear_order(world, an_order_with_costs("O2"), 12)
    await hear_cost(world, None, at=13)
    await hear_order(world, an_order_with_costs("O3"), 14)

    assert await margins_of(world) == [str(50_01 - 9_00 - 35_00), "", ""]
