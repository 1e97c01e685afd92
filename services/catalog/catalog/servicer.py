"""The edge: decode, call, encode."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from catalog import categorizing, editing, importing, listings, messages, reservations, reserving, stocking
from catalog.browsing import Browser
from catalog.channels import View
from catalog.directory import Directory
from catalog.errors import InvalidReservation, ReservationNotFound
from catalog.metrics import products_imported
from catalog.reservations import Reservation
from catalog.reserving import Held
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc

SYNTHETIC_OFFERS_SCOPE = "offers.synthetic"


class CatalogServicer(Servicer, pb_grpc.CatalogServiceServicer):
    """Reads for shoppers."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory, browser: Browser) -> None:
        super().__init__(database, verifier)
        self._directory, self._browser = directory, browser

    @read(public=True)
    async def GetProduct(self, request: pb.GetProductRequest, call: Call) -> pb.Product:
        product_id = parse_id(request.id, "id") if request.id else None
        async with call.read() as read:
            return await self._browser.product(read, await self._view(read, request.view), slug=request.slug, product_id=product_id)

    @read(public=True)
    async def ListProducts(self, request: pb.ListProductsRequest, call: Call) -> pb.ListProductsResponse:
        async with call.read() as read:
            return await self._browser.listing(read, await self._view(read, request.view), request)

    @read(public=True)
    async def SearchProducts(self, request: pb.SearchProductsRequest, call: Call) -> pb.SearchProductsResponse:
        async with call.read() as read:
            return await self._browser.search(read, await self._view(read, request.view), request)

    @read(public=True)
    async def ListCategories(self, request: pb.ListCategoriesRequest, call: Call) -> pb.ListCategoriesResponse:
        async with call.read() as read:
            return await self._browser.categories(read, await self._view(read, request.view))

    @read(public=True)
    async def GetPage(self, request: pb.GetPageRequest, call: Call) -> pb.ContentPage:
        async with call.read() as read:
            return await self._browser.page(read, await self._view(read, request.view), request.slug)

    @read(public=True)
    async def GetOffers(self, request: pb.GetOffersRequest, call: Call) -> pb.GetOffersResponse:
        if request.synthetic and not call.caller.is_synthetic:
            # A cart asks for its owner, as itself: what the request says of the owner is believed of whoever may say so.
            call.caller.require(SYNTHETIC_OFFERS_SCOPE)
        variant_ids = [parse_id(text, "variant_ids") for text in request.variant_ids]
        async with call.read() as read:
            view = await self._view(read, request.view)
            return await self._browser.offers(read, view, variant_ids, is_synthetic=request.synthetic)

    async def _view(self, read: Read, asked: pb.View) -> View:
        shelves = await self._directory.shelves(read)
        return shelves.channels.view(asked.channel, asked.locale, asked.currency)


class CatalogAdminServicer(Servicer, pb_grpc.CatalogAdminServiceServicer):
    """Changes by staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @write(scope="catalog.write", needs_key=True)
    async def ImportProducts(self, request: pb.ImportProductsRequest, call: Call) -> pb.ImportProductsResponse:
        async with call.tx() as tx:
            channels = (await self._directory.shelves(tx)).channels
            outcome = await importing.import_products(tx, channels, request.source, request.products, actor_id=call.caller.subject_id)
        for kind in ("created", "updated", "unchanged"):
            products_imported.labels(kind).inc(getattr(outcome, kind))
        return pb.ImportProductsResponse(
            created=outcome.created, updated=outcome.updated, unchanged=outcome.unchanged, product_ids=map(str, outcome.product_ids)
        )

    @write(scope="catalog.write", needs_key=True)
    async def ImportCategories(self, request: pb.ImportCategoriesRequest, call: Call) -> pb.ImportCategoriesResponse:
        async with call.tx() as tx:
            outcome = await categorizing.import_categories(tx, request.categories, actor_id=call.caller.subject_id)
        return pb.ImportCategoriesResponse(created=outcome.created, updated=outcome.updated)

    @write(scope="catalog.write", needs_key=True)
    async def PutPage(self, request: pb.PutPageRequest, call: Call) -> pb.ContentPage:
        async with call.tx() as tx:
            channels = (await self._directory.shelves(tx)).channels
            page = await editing.put_page(
                tx, channels, request.slug, channel=request.channel, title=request.title, body=request.body,
                product_slugs=request.product_slugs, actor_id=call.caller.subject_id,
            )  # fmt: skip
            view = channels.view(page.channel, "", "")
            cards = await listings.cards_of(tx, view, page.product_ids)
        return messages.page_to_proto(page, view, view.locale, cards)

    @write(scope="catalog.write", needs_key=True)
    async def SetStock(self, request: pb.SetStockRequest, call: Call) -> pb.StockLevel:
        async with call.tx() as tx:
            shelves = await self._directory.shelves(tx)
            level = await stocking.set_stock(tx, shelves, request.sku, request.warehouse, request.on_hand, actor_id=call.caller.subject_id)
        return messages.level_to_proto(level, request.sku)

    @read(scope="catalog.write")
    async def GetStock(self, request: pb.GetStockRequest, call: Call) -> pb.GetStockResponse:
        async with call.read() as read:
            levels = await stocking.stock_of(read, request.sku)
        return pb.GetStockResponse(levels=[messages.level_to_proto(level, request.sku) for level in levels])


class StockServicer(Servicer, pb_grpc.StockServiceServicer):
    """Timed reservations. Each call is idempotent by the reservation's id, so that no reply is stored."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @write(scope="stock.reserve")
    async def Reserve(self, request: pb.ReserveRequest, call: Call) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        lines = [(parse_id(line.variant_id, "lines.variant_id"), line.quantity) for line in request.lines]
        expires_at = _time(request.expires_at)
        async with call.tx(stores_reply=False) as tx:
            shelves = await self._directory.shelves(tx)
            held = await reserving.reserve(tx, shelves, reservation_id, lines, expires_at=expires_at, channel=request.channel)
        return _to_proto(held)

    @write(scope="stock.reserve")
    async def ConfirmReservation(self, request: pb.ConfirmReservationRequest, call: Call) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        async with call.tx(stores_reply=False) as tx:
            held = await reserving.confirm(tx, reservation_id)
        return _to_proto(held)

    @write(scope="stock.reserve")
    async def ReleaseReservation(self, request: pb.ReleaseReservationRequest, call: Call) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        async with call.tx(stores_reply=False) as tx:
            shelves = await self._directory.shelves(tx)
            held = await reserving.release(tx, shelves, reservation_id, restock=request.restock)
        return _to_proto(held)

    @read(scope="stock.reserve")
    async def GetReservation(self, request: pb.GetReservationRequest, call: Call) -> pb.Reservation:
        reservation_id = parse_id(request.reservation_id, "reservation_id")
        async with call.read() as read:
            reservation = await read.get(Reservation, reservation_id)
            if reservation is None:
                raise ReservationNotFound(reservation_id=reservation_id)
            lines = await reservations.lines_of(read, [reservation_id])
        return messages.reservation_to_proto(reservation, lines[reservation_id])

    @read(scope="stock.reserve")
    async def ListHeldReservations(self, request: pb.ListHeldReservationsRequest, call: Call) -> pb.ListHeldReservationsResponse:
        async with call.read() as read:
            before = _time(request.made_before) if request.HasField("made_before") else datetime.max.replace(tzinfo=UTC)
            limit = request.limit or 100
            held = await reservations.held_reservations(read, made_before=before, limit=limit)
            lines = await reservations.lines_of(read, [reservation.id for reservation in held])
        return pb.ListHeldReservationsResponse(
            reservations=[messages.reservation_to_proto(reservation, lines[reservation.id]) for reservation in held]
        )


def _to_proto(held: Held) -> pb.Reservation:
    return messages.reservation_to_proto(held.reservation, held.lines)


def _time(stamp: Timestamp) -> datetime:
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise InvalidReservation("a time is between the years 1 and 9999") from None
