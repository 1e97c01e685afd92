"""Lines of an old order in a cart of today."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from cart.carts.model import MOST_LINES, Cart, Line
from cart.carts.offers import CatalogContext, Offer, Offers
from cart.errors import LoginRequired, OrderLineNotFound
from cart.reorders.model import (
    OrderedLine,
    OrderedLines,
    ReorderedLine,
    ReorderOutcome,
    add_ordered_lines,
    lines_of,
)
from cart.reorders.wire import reordered_line_to_proto
from chassis.line_item import ItemKind
from chassis.runtime.clock import uuid7
from chassis.testing import an_item, eur
from sojourn.cart.v1 import reorders_pb2 as pb

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def an_offer(price_minor: int = 10_00, *, available: int | None = 100, increment: int = 1) -> Offer:
    return Offer(
        variant_id=uuid7(),
        product_id=uuid7(),
        price_minor=price_minor,
        currency="EUR",
        available=available,
        increment=increment,
    )


def ordered(
    offer: Offer,
    quantity: int = 1,
    *,
    price_minor: int = 10_00,
    kind: ItemKind = ItemKind.PHYSICAL,
) -> OrderedLine:
    item = an_item(offer.variant_id, quantity=quantity, price_minor=price_minor)
    return OrderedLine(uuid7(), replace(item, kind=kind))


def an_order(*lines: OrderedLine) -> OrderedLines:
    return OrderedLines("default", "EUR", "en", lines)


def a_cart(*lines: Line) -> Cart:
    cart = Cart.new(uuid7(), CatalogContext("default", "en", "EUR"), NOW)
    cart.lines = list(lines)
    return cart


def today(*offers: Offer, gone: UUID | None = None) -> Offers:
    asked = [*(offer.variant_id for offer in offers), *([gone] if gone else [])]
    return Offers.answered("EUR", asked, offers)


def outcomes(reordered: list[ReorderedLine]) -> list[tuple[ReorderOutcome, int]]:
    return [(each.outcome, each.added) for each in reordered]


def test_a_line_that_is_sold_as_before_is_added_whole() -> None:
    cart, tea = a_cart(), an_offer()

    reordered = add_ordered_lines(cart, an_order(ordered(tea, 3)), (), today(tea))

    assert outcomes(reordered) == [(ReorderOutcome.ADDED, 3)]
    assert [(line.variant_id, line.quantity) for line in cart.lines] == [(tea.variant_id, 3)]
    assert not reordered[0].has_new_price
    assert lines_of(reordered) == cart.lines


def test_less_stock_adds_what_there_is_beside_what_the_cart_holds() -> None:
    tea = an_offer(available=5)
    cart = a_cart(Line(uuid7(), tea.variant_id, 2, tea))

    reordered = add_ordered_lines(cart, an_order(ordered(tea, 4)), (), today(tea))

    assert outcomes(reordered) == [(ReorderOutcome.FEWER_ADDED, 3)]
    assert cart.lines[0].quantity == 5


def test_what_is_gone_or_out_of_stock_stops_no_other_line() -> None:
    gone, empty, tea = an_offer(), an_offer(available=0), an_offer()
    order = an_order(ordered(gone), ordered(empty), ordered(tea))
    cart = a_cart()

    reordered = add_ordered_lines(cart, order, (), today(empty, tea, gone=gone.variant_id))

    assert outcomes(reordered) == [
        (ReorderOutcome.NOT_SOLD, 0),
        (ReorderOutcome.OUT_OF_STOCK, 0),
        (ReorderOutcome.ADDED, 1),
    ]
    assert len(cart.lines) == 1


def test_a_quantity_follows_an_increment_that_is_another_now() -> None:
    tea, cart = an_offer(increment=2), a_cart()

    reordered = add_ordered_lines(cart, an_order(ordered(tea, 5)), (), today(tea))

    assert outcomes(reordered) == [(ReorderOutcome.FEWER_ADDED, 4)]


def test_a_line_in_another_measure_is_not_sold() -> None:
    tea, cart = an_offer(), a_cart()
    by_weight = replace(tea, scale=3, unit_code="KGM")

    reordered = add_ordered_lines(cart, an_order(ordered(tea)), (), today(by_weight))

    assert outcomes(reordered) == [(ReorderOutcome.NOT_SOLD, 0)]


def test_gift_cards_and_digital_goods_are_added_where_they_are_named() -> None:
    tea, card, book = an_offer(), an_offer(), an_offer()
    lines = (
        ordered(tea),
        ordered(card, kind=ItemKind.GIFT_CARD),
        ordered(book, kind=ItemKind.DIGITAL),
    )
    offers = today(tea, card, book)

    usual = add_ordered_lines(a_cart(), an_order(*lines), (), offers)
    named = add_ordered_lines(a_cart(), an_order(*lines), [lines[1].id], offers)

    assert outcomes(usual) == [
        (ReorderOutcome.ADDED, 1),
        (ReorderOutcome.NOT_NAMED, 0),
        (ReorderOutcome.NOT_NAMED, 0),
    ]
    assert [each.ordered.item.kind for each in usual[1:]] == [ItemKind.GIFT_CARD, ItemKind.DIGITAL]
    assert outcomes(named) == [(ReorderOutcome.ADDED, 1)]


def test_a_line_of_another_order_cannot_be_named() -> None:
    tea = an_offer()

    with pytest.raises(OrderLineNotFound):
        add_ordered_lines(a_cart(), an_order(ordered(tea)), [uuid7()], today(tea))


def test_a_full_cart_has_no_room_but_for_the_lines_that_it_has() -> None:
    tea, cup = an_offer(), an_offer()
    others = [Line(uuid7(), each.variant_id, 1, each) for each in map(an_offer, range(1, 100))]
    cart = a_cart(Line(uuid7(), tea.variant_id, 1, tea), *others)
    assert len(cart.lines) == MOST_LINES

    reordered = add_ordered_lines(cart, an_order(ordered(cup), ordered(tea)), (), today(tea, cup))

    assert outcomes(reordered) == [(ReorderOutcome.NO_ROOM, 0), (ReorderOutcome.ADDED, 1)]


def test_a_new_price_is_told_with_the_old_one() -> None:
    tea, cart = an_offer(12_00), a_cart()

    reordered = add_ordered_lines(
        cart, an_order(ordered(tea, 2, price_minor=10_00)), (), today(tea)
    )

    told = reordered_line_to_proto(reordered[0])
    assert told.price_changed
    assert (told.unit_price_then, told.unit_price_now) == (eur(10_00), eur(12_00))
    assert (told.ordered.steps, told.added.steps) == (2, 2)
    assert told.outcome == pb.REORDER_OUTCOME_ADDED
    assert told.cart_line_id == str(cart.lines[0].id)


def test_a_guest_adds_nothing_where_only_customers_buy() -> None:
    tea = an_offer()

    with pytest.raises(LoginRequired):
        add_ordered_lines(a_cart(), an_order(ordered(tea)), (), replace(today(tea), may_buy=False))
