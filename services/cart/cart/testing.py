"""A fake of cart and a builder of carts for other services' tests.

`tests/integration/test_contract.py` holds it to the real service.
"""

from typing import Any
from uuid import UUID

from chassis.line_item import Availability
from chassis.rpc import wire
from chassis.rpc.errors import NotFound, Refused
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call
from chassis.runtime.clock import uuid7
from chassis.testing import Calls, FakePeer, Tokens, an_item, answers, eur
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_SUBTOTAL, TOTAL_TYPE_TOTAL, Total


class CartNotFound(NotFound): ...


class CartNotOpen(Refused): ...


class CartChanged(Refused): ...


class PromotionNotValid(Refused): ...


class RedemptionUndone(Refused): ...


def a_line(
    variant_id: UUID | str = "",
    *,
    quantity: int = 1,
    price_minor: int = 10_00,
    discount_minor: int = 0,
    availability: Availability = Availability.IN_STOCK,
    **fields: Any,
) -> pb.CartLine:
    """A line of pieces in EUR. `discount_minor` is negative or 0; `fields` are of its item."""
    item = an_item(
        variant_id,
        quantity=quantity,
        price_minor=price_minor,
        discount_minor=discount_minor,
        **fields,
    )
    return pb.CartLine(
        id=str(uuid7()),
        item=wire.line_item(item),
        availability=wire.AVAILABILITIES.encode(availability),
    )


def a_cart(*lines: pb.CartLine, **fields: Any) -> pb.Cart:
    """An open cart in EUR, whose totals are the sums of its lines."""
    totals = [
        Total(
            type=TOTAL_TYPE_SUBTOTAL,
            amount=eur(sum(line.item.subtotal.amount_minor for line in lines)),
        ),
        Total(
            type=TOTAL_TYPE_TOTAL, amount=eur(sum(line.item.total.amount_minor for line in lines))
        ),
    ]
    defaults = {
        "id": str(uuid7()),
        "status": pb.CART_STATUS_OPEN,
        "version": 1,
        "currency": "EUR",
        "channel": "default",
        "totals": totals,
    }
    return pb.Cart(**{**defaults, "lines": lines, **fields})


class FakeCarts(FakePeer, pb_grpc.CartServiceServicer, pb_grpc.CartOrderServiceServicer):
    """Carts by id. They cost what their lines say, and their promotions are always valid."""

    service = "cart"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.carts: dict[str, pb.CartForOrder] = {}
        # The cart of each order, None where the order was undone.
        self._redeemed: dict[str, str | None] = {}
        self._created: dict[tuple[UUID, str], str] = {}

    def give_cart(
        self,
        cart: pb.Cart,
        owner_id: UUID,
        *,
        locale: str = "en",
        tax_included: bool = True,
        synthetic: bool = False,
    ) -> str:
        """Gives a shopper a cart. Returns its id."""
        kept = pb.CartForOrder(
            cart=cart,
            owner_id=str(owner_id),
            locale=locale,
            tax_included=tax_included,
            synthetic=synthetic,
        )
        self.carts[cart.id] = kept
        return cart.id

    @answers(needs_key=True)
    async def CreateCart(self, request: pb.CreateCartRequest, call: Call) -> pb.Cart:
        owner_id = call.caller.shopper_id
        known = self._created.get((owner_id, call.key))
        if known is not None:
            call.answers_again()
            return self.carts[known].cart
        lines = [a_line(line.variant_id, quantity=line.quantity) for line in request.lines]
        locale = request.locale or next(iter(request.accepted_locales), "en")
        id = self._created[(owner_id, call.key)] = self.give_cart(
            a_cart(*lines, locale=locale), owner_id
        )
        return self.carts[id].cart

    @answers()
    async def MergeCart(self, request: pb.MergeCartRequest, call: Call) -> pb.MergeCartResponse:
        guest, customer_id = (
            await self.verifier.verify(f"Bearer {request.guest_token}"),
            call.caller.shopper_id,
        )
        mine, theirs = self._open_cart_of(customer_id), self._open_cart_of(guest.shopper_id)
        if theirs is not None and mine is None:
            self.carts[theirs.id].owner_id = str(customer_id)
        elif theirs is not None and mine is not None:
            mine.lines.extend(theirs.lines)
            theirs.status = pb.CART_STATUS_MERGED
        return pb.MergeCartResponse(cart=mine or theirs, merged=theirs is not None)

    @answers(scope="carts.redeem", acting=True)
    async def GetCartForOrder(
        self, request: pb.GetCartForOrderRequest, call: Call
    ) -> pb.CartForOrder:
        if call.caller.act_for != parse_id(request.owner_id, "owner_id"):
            raise CartNotFound
        return self._find(request.cart_id, request.owner_id)

    @answers(scope="carts.redeem")
    async def RedeemCart(self, request: pb.RedeemCartRequest, call: Call) -> pb.Redemption:
        if request.order_id not in self._redeemed:
            cart = self._find(request.cart_id, request.owner_id).cart
            if cart.status != pb.CART_STATUS_OPEN:
                raise CartNotOpen
            if cart.version != request.cart_version:
                raise CartChanged(version=cart.version)
            self._set_status(cart, pb.CART_STATUS_ORDERED)
            self._redeemed[request.order_id] = cart.id
        if self._redeemed[request.order_id] is None:
            raise RedemptionUndone
        return pb.Redemption(order_id=request.order_id, status=pb.REDEMPTION_STATUS_REDEEMED)

    @answers(scope="carts.redeem")
    async def UnredeemCart(self, request: pb.UnredeemCartRequest, call: Call) -> pb.Redemption:
        if (cart_id := self._redeemed.get(request.order_id)) is not None:
            self._set_status(self.carts[cart_id].cart, pb.CART_STATUS_OPEN)
        self._redeemed[request.order_id] = None
        return pb.Redemption(order_id=request.order_id, status=pb.REDEMPTION_STATUS_UNDONE)

    def _find(self, cart_id: str, owner_id: str) -> pb.CartForOrder:
        found = self.carts.get(str(parse_id(cart_id, "cart_id")))
        if found is None or found.owner_id != owner_id:
            raise CartNotFound
        return found

    def _open_cart_of(self, owner_id: UUID) -> pb.Cart | None:
        mine = [
            each.cart
            for each in self.carts.values()
            if each.owner_id == str(owner_id) and each.cart.status == pb.CART_STATUS_OPEN
        ]
        return mine[-1] if mine else None

    def _set_status(self, cart: pb.Cart, status: pb.CartStatus.ValueType) -> None:
        cart.status = status
        cart.version += 1
