"""Fakes of catalog for the tests of its callers.

`tests/integration/test_contract.py` holds them to what the real services do.
"""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis.rpc.errors import Invalid, KeyReused, NotFound, Refused
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call
from chassis.runtime.clock import Clock, uuid7
from chassis.testing import Calls, FakePeer, Tokens, answers
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc
from sojourn.catalog.v1 import digital_goods_pb2 as digital_pb
from sojourn.catalog.v1 import digital_goods_pb2_grpc as digital_grpc
from sojourn.catalog.v1 import pickup_locations_pb2 as stores_pb
from sojourn.catalog.v1 import pickup_locations_pb2_grpc as stores_grpc
from sojourn.catalog.v1.guest_policy_pb2 import GUEST_POLICY_BUY, GUEST_POLICY_NO_PRICES
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_IN_STOCK, AVAILABILITY_OUT_OF_STOCK
from sojourn.common.v1.money_pb2 import Money


class InvalidReservation(Invalid): ...


class ReservationNotFound(NotFound): ...


class OutOfStock(Refused): ...


class ReservationReleased(Refused): ...


class ReservationExpired(Refused): ...


class UnknownWarehouse(Invalid): ...


class SlugMoved(NotFound): ...


class PickupLocationNotFound(NotFound): ...


class FakePickupLocations(FakePeer, stores_grpc.PickupLocationServiceServicer):
    """Stores by code, and the SKUs that they are out of."""

    service = "catalog"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.stores: dict[str, stores_pb.PickupLocation] = {}
        self.missing: dict[str, set[str]] = {}

    def open_store(self, code: str = "berlin-mitte", **fields: Any) -> stores_pb.PickupLocation:
        """Opens a store, in Berlin unless the fields say otherwise."""
        usual = {
            "name": "Sojourn Mitte", "street_address": "Torstr. 1", "address_locality": "Berlin",
            "postal_code": "10119", "country": "DE", "time_zone": "Europe/Berlin",
            "warehouse": code, "active": True, "version": 1,
        }  # fmt: skip
        self.stores[code] = stores_pb.PickupLocation(code=code, **{**usual, **fields})
        return self.stores[code]

    @answers(public=True)
    async def CheckPickupLocation(
        self, request: stores_pb.CheckPickupLocationRequest, call: Call
    ) -> stores_pb.PickupLocationFound:
        if request.code not in self.stores:
            raise PickupLocationNotFound
        missing = self.missing.get(request.code, set())
        return stores_pb.PickupLocationFound(
            location=self.stores[request.code],
            availability=[
                stores_pb.SkuAvailability(
                    sku=sku,
                    availability=AVAILABILITY_OUT_OF_STOCK
                    if sku in missing
                    else AVAILABILITY_IN_STOCK,
                )
                for sku in request.skus
            ],
        )


class FakeDownloads(FakePeer, digital_grpc.DownloadServiceServicer):
    """Delivered digital goods by the order's id."""

    service = "catalog"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.delivered: dict[str, list[digital_pb.DeliveredGood]] = {}

    @answers(scope="stock.reserve")
    async def ListDeliveredGoods(
        self, request: digital_pb.ListDeliveredGoodsRequest, call: Call
    ) -> digital_pb.ListDeliveredGoodsResponse:
        return digital_pb.ListDeliveredGoodsResponse(goods=self.delivered.get(request.order_id, ()))


class FakeCatalog(FakePeer, pb_grpc.CatalogServiceServicer):
    """Offers of variants.

    Each amount is the same number in every currency, and every product has a page.
    """

    service = "catalog"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.offers: dict[str, pb.Offer] = {}
        self.synthetic: set[str] = set()
        self.moved: dict[str, str] = {}
        self.guest_policy = GUEST_POLICY_BUY

    def sell(
        self,
        variant_id: UUID | None = None,
        *,
        price_minor: int = 10_00,
        available: int = 1_000,
        synthetic: bool = False,
        **fields: Any,
    ) -> str:
        """Offers a variant, by default a new one. Returns its id."""
        id = str(variant_id or uuid7())
        defaults = {
            "product_id": str(uuid7()),
            "sku": f"SKU-{id[-4:]}",
            "title": "Tea",
            "product_slug": "tea",
            "tax_class": "standard",
            "tax_included": True,
            "unit_code": "C62",
            "increment": 1,
        }
        price = Money(amount_minor=price_minor, currency="EUR")
        self.offers[id] = pb.Offer(
            variant_id=id, price=price, available=available, **{**defaults, **fields}
        )
        if synthetic:
            self.synthetic.add(id)
        return id

    @answers(public=True)
    async def GetOffers(self, request: pb.GetOffersRequest, call: Call) -> pb.GetOffersResponse:
        if request.synthetic and not call.caller.is_synthetic:
            call.caller.require("offers.synthetic")
        wanted = [str(parse_id(id, "variant_ids")) for id in request.variant_ids]
        if request.synthetic and not wanted:
            wanted = sorted(self.synthetic)
        reply = pb.GetOffersResponse(
            currency=request.view.currency or "EUR", guest_policy=self.guest_policy
        )
        if request.for_guest and self.guest_policy == GUEST_POLICY_NO_PRICES:
            return reply
        for id in dict.fromkeys(wanted):
            if id in self.offers and (id in self.synthetic) is request.synthetic:
                reply.offers.append(self.offers[id])
                reply.offers[-1].price.currency = reply.currency
        return reply

    @answers(public=True)
    async def GetProduct(self, request: pb.GetProductRequest, call: Call) -> pb.Product:
        """A page of any slug, whose title names the view and whose version grows with each call.

        Raises SlugMoved for a slug in `moved`.
        """
        if request.slug in self.moved:
            raise SlugMoved(slug=self.moved[request.slug])
        locale = _locale_of(request.view)
        page = pb.Product(
            slug=request.slug,
            title=f"{locale}|{request.view.currency}",
            version=len(self.calls.requests("GetProduct")),
            locale=locale,
            guest_policy=self.guest_policy,
        )
        is_guest = call.caller.kind in ("anonymous", "guest")
        if self.guest_policy == GUEST_POLICY_NO_PRICES and not is_guest:
            page.variants.add(price=Money(amount_minor=10_00, currency="EUR"))
        return page

    @answers(public=True)
    async def SearchProducts(
        self, request: pb.SearchProductsRequest, call: Call
    ) -> pb.SearchProductsResponse:
        return pb.SearchProductsResponse(locale=_locale_of(request.view))


def _locale_of(view: pb.View) -> str:
    """Returns the locale that a shop with every locale answers in."""
    return view.locale or next(iter(view.accepted_locales), "")


class FakeStock(FakePeer, pb_grpc.StockServiceServicer):
    """Reservations of the units in `on_hand`, by variant id, in one warehouse."""

    service = "catalog"

    def __init__(self, tokens: Tokens, clock: Clock, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.clock = clock
        self.on_hand, self.reserved = Counter[str](), Counter[str]()
        self.reservations: dict[str, pb.Reservation] = {}
        # Pick-up locations by reservation.
        self.picked_up_at: dict[str, str] = {}
        self.made_at: dict[str, datetime] = {}
        self.restocks: dict[str, pb.RestockReservationRequest] = {}
        # Nothing is counted by warehouse: returns may name any of these.
        self.warehouses = {"main"}

    @answers(scope="stock.reserve")
    async def Reserve(self, request: pb.ReserveRequest, call: Call) -> pb.Reservation:
        wanted = {line.variant_id: line.quantity for line in request.lines}
        if (
            len(wanted) != len(request.lines)
            or request.expires_at.ToDatetime(UTC) <= self.clock.now()
        ):
            raise InvalidReservation
        if known := self._find(request.reservation_id):
            _refuse_if_over(known)
            if {line.variant_id: line.quantity for line in known.lines} != wanted:
                raise KeyReused
            return known
        for id, quantity in sorted(wanted.items()):
            if (available := self.on_hand[id] - self.reserved[id]) < quantity:
                raise OutOfStock(variant_id=id, available=available)
        self.reserved.update(wanted)
        self.picked_up_at[request.reservation_id] = request.pickup_location
        self.made_at[request.reservation_id] = self.clock.now()
        made = pb.Reservation(
            id=request.reservation_id,
            status=pb.RESERVATION_STATUS_HELD,
            lines=request.lines,
            expires_at=request.expires_at,
        )
        return self.reservations.setdefault(made.id, made)

    @answers(scope="stock.reserve")
    async def ConfirmReservation(
        self, request: pb.ConfirmReservationRequest, call: Call
    ) -> pb.Reservation:
        known = self._find(request.reservation_id)
        if known is None:
            raise ReservationNotFound
        _refuse_if_over(known)
        if known.status == pb.RESERVATION_STATUS_HELD:
            self._move(known, pb.RESERVATION_STATUS_CONFIRMED, on_hand=-1, reserved=-1)
        return known

    @answers(scope="stock.reserve")
    async def ReleaseReservation(
        self, request: pb.ReleaseReservationRequest, call: Call
    ) -> pb.Reservation:
        known = self._find(request.reservation_id)
        if known is None:
            tombstone = pb.Reservation(
                id=request.reservation_id, status=pb.RESERVATION_STATUS_RELEASED
            )
            return self.reservations.setdefault(tombstone.id, tombstone)
        if known.status == pb.RESERVATION_STATUS_HELD:
            self._move(known, pb.RESERVATION_STATUS_RELEASED, reserved=-1)
        elif known.status == pb.RESERVATION_STATUS_CONFIRMED and request.restock:
            self._move(known, pb.RESERVATION_STATUS_RELEASED, on_hand=1)
        return known

    @answers(scope="stock.reserve")
    async def RestockReservation(
        self, request: pb.RestockReservationRequest, call: Call
    ) -> pb.Reservation:
        known = self._find(request.reservation_id)
        if known is None:
            raise ReservationNotFound
        if request.warehouse and request.warehouse not in self.warehouses:
            raise UnknownWarehouse(path="warehouse")
        if not request.lines:
            return known
        is_new = self.restocks.setdefault(request.restock_id, request) is request
        if not is_new or known.status != pb.RESERVATION_STATUS_CONFIRMED:
            return known
        wanted = {line.variant_id: line.quantity for line in request.lines}
        for line in list(known.lines):
            back = min(line.quantity, wanted.get(line.variant_id, 0))
            line.quantity -= back
            self.on_hand[line.variant_id] += back
            if not line.quantity:
                known.lines.remove(line)
        return known

    @answers(scope="stock.reserve")
    async def ListHeldReservations(
        self, request: pb.ListHeldReservationsRequest, call: Call
    ) -> pb.ListHeldReservationsResponse:
        before = (
            request.made_before.ToDatetime(UTC)
            if request.HasField("made_before")
            else datetime.max.replace(tzinfo=UTC)
        )
        found = [self._find(id) for id, made_at in self.made_at.items() if made_at < before]
        held = [
            each for each in found if each is not None and each.status == pb.RESERVATION_STATUS_HELD
        ]
        return pb.ListHeldReservationsResponse(reservations=held[: request.limit or 100])

    def _find(self, reservation_id: str) -> pb.Reservation | None:
        """Expires what is over by now, and returns a reservation."""
        for each in self.reservations.values():
            if (
                each.status == pb.RESERVATION_STATUS_HELD
                and each.expires_at.ToDatetime(UTC) <= self.clock.now()
            ):
                self._move(each, pb.RESERVATION_STATUS_EXPIRED, reserved=-1)
        return self.reservations.get(str(parse_id(reservation_id, "reservation_id")))

    def _move(
        self,
        reservation: pb.Reservation,
        status: pb.ReservationStatus.ValueType,
        *,
        on_hand: int = 0,
        reserved: int = 0,
    ) -> None:
        reservation.status = status
        for line in reservation.lines:
            self.on_hand[line.variant_id] += on_hand * line.quantity
            self.reserved[line.variant_id] += reserved * line.quantity


def _refuse_if_over(reservation: pb.Reservation) -> None:
    if reservation.status == pb.RESERVATION_STATUS_RELEASED:
        raise ReservationReleased
    if reservation.status == pb.RESERVATION_STATUS_EXPIRED:
        raise ReservationExpired
