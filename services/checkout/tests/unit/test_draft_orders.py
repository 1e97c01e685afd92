"""Draft orders: what is kept of a checkout, and as whom the holder of a link acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from chassis.line_item import Availability
from chassis.notices import Notice, NoticeCode
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from chassis.testing import an_item
from checkout.checkouts.cart import CartForOrder, CartLine, CartStatus
from checkout.checkouts.model import Checkout
from checkout.draft_orders.model import DraftOrder, buyer_of, link_ends_at

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_cart() -> CartForOrder:
    return CartForOrder(
        cart_id=uuid7(),
        version=3,
        status=CartStatus.OPEN,
        owner_id=uuid7(),
        currency="EUR",
        channel_id="default",
        locale="en",
        email="ada@example.org",
        is_tax_included=True,
        lines=(CartLine(str(uuid7()), an_item(quantity=2), Availability.LOW_STOCK),),
        promotion_codes=("spring",),
        notices=(Notice.info(NoticeCode.LOW_STOCK, "$.lines[0]", "Few are left."),),
    )


def a_draft(version: int = 4) -> DraftOrder:
    return DraftOrder(
        id=uuid7(),
        version=version,
        checkout_id=uuid7(),
        name="Kitchen",
        cart=a_cart(),
        currency="EUR",
        total_minor=20_00,
        saved_by=uuid7(),
        created_at=NOW,
        saved_at=NOW,
    )


def test_a_cart_is_kept_with_its_prices_to_the_last_field() -> None:
    cart, kept = a_cart(), TypeAdapter(CartForOrder)

    assert kept.validate_json(kept.dump_json(cart)) == cart


def a_checkout() -> Checkout:
    return Checkout(
        id=uuid7(),
        owner_id=uuid7(),
        owner_kind="customer",
        organization_id=uuid7(),
        channel_id="default",
        cart_id=uuid7(),
        currency="EUR",
        locale="en",
        created_at=NOW,
        expires_at=NOW,
    )


def test_a_link_ends_with_its_checkout_and_tells_of_an_order_for_two_days_more() -> None:
    open_one, ordered = a_checkout(), a_checkout()
    ordered.start_order(uuid7())

    assert link_ends_at(open_one) == NOW
    assert link_ends_at(ordered) == NOW + timedelta(days=2)


def test_the_holder_of_a_link_acts_as_the_buyer_of_its_checkout() -> None:
    checkout = a_checkout()

    buyer = buyer_of(checkout)

    checkout.require_owner(buyer)
    assert (buyer.kind, buyer.organization_id) == ("customer", checkout.organization_id)
    assert (buyer.acted_by, buyer.scopes) == (None, frozenset())


def test_another_version_of_a_draft_order_is_refused() -> None:
    draft = a_draft(version=4)

    draft.require_version(0)
    draft.require_version(4)
    with pytest.raises(VersionMismatch):
        draft.require_version(3)
