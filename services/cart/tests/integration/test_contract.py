"""Facts of cart that checkout and gateway rely on, true of the service and of its fake."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from cart.testing import FakeCarts
from chassis.rpc.client import Peer
from chassis.rpc.errors import Invalid, NotFound, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, eur, grpc_server, service_under_test
from services.cart.tests.cart_store import Store, a_store, totals
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_IN_STOCK
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL
from sojourn.common.v1.quantity_pb2 import Quantity


@dataclass
class Carts:
    """A cart service and its callers.

    `sell` makes a variant that costs 10.00 EUR, and returns its id.
    """

    peer: Peer
    tokens: Tokens
    sell: Callable[[], str]

    def __post_init__(self) -> None:
        self.carts, self.orders = (
            self.peer.stub(pb_grpc.CartServiceStub),
            self.peer.stub(pb_grpc.CartOrderServiceStub),
        )

    async def create(
        self, token: str, *variant_ids: str, key: str = "", seen: dict[str, str] | None = None
    ) -> pb.Cart:
        request = pb.CreateCartRequest(
            lines=[pb.LineInput(variant_id=id, quantity=2) for id in variant_ids], locale="en"
        )
        reply: pb.Cart = await self.peer.ask(
            self.carts.CreateCart, request, authorization=token, key=key or str(uuid7()), seen=seen
        )
        return reply

    async def merge(self, guest: str, customer: str) -> pb.MergeCartResponse:
        request = pb.MergeCartRequest(guest_token=guest.removeprefix("Bearer "))
        reply: pb.MergeCartResponse = await self.peer.ask(
            self.carts.MergeCart, request, authorization=customer, key=str(uuid7())
        )
        return reply

    async def for_order(
        self, cart_id: str, owner_id: UUID, *, acting_for: UUID | None = None
    ) -> pb.CartForOrder:
        token = self.tokens.service(
            "checkout", "carts.redeem", act_for=acting_for or owner_id, at="cart"
        )
        request = pb.GetCartForOrderRequest(cart_id=cart_id, owner_id=str(owner_id))
        reply: pb.CartForOrder = await self.peer.ask(
            self.orders.GetCartForOrder, request, authorization=token, together=True
        )
        return reply

    async def redeem(
        self, cart: pb.Cart, owner_id: UUID, *, order_id: str = "", version: int = 0
    ) -> pb.RedemptionStatus.ValueType:
        """Returns the status of the redemption."""
        request = pb.RedeemCartRequest(
            order_id=order_id or str(uuid7()),
            cart_id=cart.id,
            owner_id=str(owner_id),
            cart_version=version or cart.version,
            email="ana@example.org",
        )
        return await self._as_checkout(self.orders.RedeemCart, request)

    async def unredeem(self, order_id: str) -> pb.RedemptionStatus.ValueType:
        """Returns the status of the redemption."""
        return await self._as_checkout(
            self.orders.UnredeemCart, pb.UnredeemCartRequest(order_id=order_id)
        )

    async def _as_checkout(self, method: Any, request: Any) -> pb.RedemptionStatus.ValueType:
        reply: pb.Redemption = await self.peer.ask(
            method, request, authorization=self.tokens.service("checkout", "carts.redeem")
        )
        return reply.status


@contextlib.asynccontextmanager
async def real_carts() -> AsyncIterator[Carts]:
    async with service_under_test("cart") as service:
        store: Store = await a_store(service)
        yield Carts(store.peer, store.tokens, store.catalog.sell)


@contextlib.asynccontextmanager
async def fake_carts() -> AsyncIterator[Carts]:
    tokens = Tokens()
    fake = FakeCarts(tokens)
    async with grpc_server(
        partial(pb_grpc.add_CartServiceServicer_to_server, fake),
        partial(pb_grpc.add_CartOrderServiceServicer_to_server, fake),
    ) as peer:
        yield Carts(peer, tokens, lambda: str(uuid7()))


@pytest.fixture(params=[real_carts, fake_carts], ids=["real", "fake"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Carts]:
    async with request.param() as carts:
        yield carts


async def test_a_new_cart_is_open_and_costs_what_its_lines_cost(service: Carts) -> None:
    tea, cup = service.sell(), service.sell()

    cart = await service.create(service.tokens.guest(), tea, cup)

    assert (cart.status, cart.version, cart.currency, cart.channel) == (
        pb.CART_STATUS_OPEN,
        1,
        "EUR",
        "default",
    )
    assert totals(cart) == {TOTAL_TYPE_SUBTOTAL: 40_00, TOTAL_TYPE_TOTAL: 40_00}
    for line, variant_id in zip(cart.lines, (tea, cup), strict=True):
        item = line.item
        assert (item.variant_id, item.quantity) == (
            variant_id,
            Quantity(steps=2, scale=0, increment=1, unit_code="C62"),
        )
        assert (item.unit_price, item.subtotal, item.discount, item.total) == (
            eur(10_00),
            eur(20_00),
            eur(0),
            eur(20_00),
        )
        assert (item.tax_class, line.availability) == ("standard", AVAILABILITY_IN_STOCK)
        assert UUID(line.id)
        assert UUID(item.product_id)


async def test_a_repeated_key_makes_one_cart(service: Carts) -> None:
    me, key, first, second = (
        service.tokens.guest(),
        str(uuid7()),
        dict[str, str](),
        dict[str, str](),
    )

    carts = [await service.create(me, key=key, seen=seen) for seen in (first, second)]

    assert carts[0].id == carts[1].id
    assert [seen.get("idempotency-replayed") for seen in (first, second)] == [None, "true"]


async def test_a_cart_without_a_key_is_refused(service: Carts) -> None:
    with pytest.raises(Invalid) as refusal:
        await service.peer.ask(
            service.carts.CreateCart, pb.CreateCartRequest(), authorization=service.tokens.guest()
        )

    assert refusal.value.reason == "KEY_REQUIRED"


@pytest.mark.parametrize("has_own_cart", [False, True])
async def test_a_guest_s_cart_becomes_the_customer_s_once(
    service: Carts, has_own_cart: bool
) -> None:
    guest, customer, tea, cup = (
        service.tokens.guest(),
        service.tokens.customer(),
        service.sell(),
        service.sell(),
    )
    theirs = await service.create(guest, tea)
    mine = await service.create(customer, cup) if has_own_cart else theirs

    merged, again = [await service.merge(guest, customer) for _ in range(2)]

    assert (merged.cart.id, merged.merged, again.cart.id, again.merged) == (
        mine.id,
        True,
        mine.id,
        False,
    )
    assert [line.item.variant_id for line in merged.cart.lines] == (
        [cup, tea] if has_own_cart else [tea]
    )


async def test_nothing_to_merge_is_no_cart(service: Carts) -> None:
    reply = await service.merge(service.tokens.guest(), service.tokens.customer())

    assert (reply.HasField("cart"), reply.merged) == (False, False)


async def test_checkout_sees_a_cart_with_its_owner(service: Carts) -> None:
    owner_id = uuid7()
    cart = await service.create(service.tokens.guest(owner_id), service.sell())

    found = await service.for_order(cart.id, owner_id)

    assert (found.owner_id, found.locale, found.tax_included, found.synthetic) == (
        str(owner_id),
        "en",
        True,
        False,
    )
    assert [found.cart.id, *found.cart.lines] == [cart.id, *cart.lines]


async def test_a_stranger_s_cart_and_an_unknown_one_are_not_found(service: Carts) -> None:
    owner_id, stranger = uuid7(), uuid7()
    cart = await service.create(service.tokens.guest(owner_id))

    for asked in (
        service.for_order(cart.id, stranger),
        service.for_order(cart.id, owner_id, acting_for=stranger),
        service.for_order(str(uuid7()), owner_id),
        service.redeem(cart, stranger),
    ):
        with pytest.raises(NotFound) as refusal:
            await asked
        assert refusal.value.reason == "CART_NOT_FOUND"


async def test_a_cart_is_redeemed_once_per_order_and_by_one_order(service: Carts) -> None:
    owner_id, order_id = uuid7(), str(uuid7())
    cart = await service.create(service.tokens.guest(owner_id), service.sell())

    statuses = [await service.redeem(cart, owner_id, order_id=order_id) for _ in range(2)]
    with pytest.raises(Refused) as refusal:
        await service.redeem(cart, owner_id)

    assert (statuses, refusal.value.reason) == (
        [pb.REDEMPTION_STATUS_REDEEMED] * 2,
        "CART_NOT_OPEN",
    )
    assert (await service.for_order(cart.id, owner_id)).cart.status == pb.CART_STATUS_ORDERED


async def test_another_version_than_the_priced_one_is_not_redeemed(service: Carts) -> None:
    owner_id = uuid7()
    cart = await service.create(service.tokens.guest(owner_id), service.sell())

    with pytest.raises(Refused) as refusal:
        await service.redeem(cart, owner_id, version=cart.version + 1)

    assert (refusal.value.reason, refusal.value.metadata) == (
        "CART_CHANGED",
        {"version": str(cart.version)},
    )


async def test_an_undone_redemption_opens_the_cart_for_another_order(service: Carts) -> None:
    owner_id, order_id = uuid7(), str(uuid7())
    cart = await service.create(service.tokens.guest(owner_id), service.sell())
    await service.redeem(cart, owner_id, order_id=order_id)

    undone = [await service.unredeem(order_id) for _ in range(2)]
    with pytest.raises(Refused) as refusal:
        await service.redeem(cart, owner_id, order_id=order_id)
    reopened = (await service.for_order(cart.id, owner_id)).cart

    assert (undone, refusal.value.reason) == (
        [pb.REDEMPTION_STATUS_UNDONE] * 2,
        "REDEMPTION_UNDONE",
    )
    assert (reopened.status, reopened.version) == (pb.CART_STATUS_OPEN, cart.version + 2)
    assert await service.redeem(reopened, owner_id) == pb.REDEMPTION_STATUS_REDEEMED


async def test_undoing_an_unknown_order_refuses_it_later(service: Carts) -> None:
    owner_id, order_id = uuid7(), str(uuid7())
    cart = await service.create(service.tokens.guest(owner_id), service.sell())

    status = await service.unredeem(order_id)
    with pytest.raises(Refused) as refusal:
        await service.redeem(cart, owner_id, order_id=order_id)

    assert (status, refusal.value.reason) == (pb.REDEMPTION_STATUS_UNDONE, "REDEMPTION_UNDONE")
