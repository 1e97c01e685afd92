"""The edge of staff's changes."""

from catalog.categories.import_categories import import_categories
from catalog.content_pages.put_page import put_page
from catalog.content_pages.wire import encode_content_page
from catalog.directory import Directory
from catalog.listings import model as listings
from catalog.metrics import products_imported
from catalog.products.import_products import import_products
from catalog.stock.actions import get_stock, set_stock
from catalog.stock.ledger import Entry
from catalog.stock.wire import encode_stock_level
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc


class CatalogAdminServicer(Servicer, pb_grpc.CatalogAdminServiceServicer):
    """Changes by staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @write(scope="catalog.write", needs_key=True)
    async def ImportProducts(
        self, request: pb.ImportProductsRequest, call: Call
    ) -> pb.ImportProductsResponse:
        async with call.tx() as tx:
            channels = (await self._directory.refresh(tx)).channels
            outcome = await import_products(
                tx, channels, request.source, request.products, actor_id=call.caller.subject_id
            )
        for kind in ("created", "updated", "unchanged"):
            products_imported.labels(kind).inc(getattr(outcome, kind))
        return pb.ImportProductsResponse(
            created=outcome.created,
            updated=outcome.updated,
            unchanged=outcome.unchanged,
            product_ids=map(str, outcome.product_ids),
        )

    @write(scope="catalog.write", needs_key=True)
    async def ImportCategories(
        self, request: pb.ImportCategoriesRequest, call: Call
    ) -> pb.ImportCategoriesResponse:
        async with call.tx() as tx:
            outcome = await import_categories(
                tx, request.categories, actor_id=call.caller.subject_id
            )
        return pb.ImportCategoriesResponse(created=outcome.created, updated=outcome.updated)

    @write(scope="catalog.write", needs_key=True)
    async def PutPage(self, request: pb.PutPageRequest, call: Call) -> pb.ContentPage:
        async with call.tx() as tx:
            channels = (await self._directory.context(tx)).channels
            page = await put_page(
                tx,
                channels,
                request.slug,
                channel=request.channel,
                title=request.title,
                body=request.body,
                product_slugs=request.product_slugs,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            view = channels.view(page.channel, "", "")
            cards = await listings.cards_of(tx, view, page.product_ids)
        return encode_content_page(page, page.content, view, view.locale, cards)

    @write(scope="catalog.write", needs_key=True)
    async def SetStock(self, request: pb.SetStockRequest, call: Call) -> pb.StockLevel:
        async with call.tx() as tx:
            context = await self._directory.context(tx)
            found = await set_stock(
                tx,
                context,
                request.sku,
                request.warehouse,
                request.on_hand,
                entry=Entry(actor_id=call.caller.subject_id),
            )
        return encode_stock_level(found.level, request.sku)

    @read(scope="catalog.write")
    async def GetStock(self, request: pb.GetStockRequest, call: Call) -> pb.GetStockResponse:
        async with call.read() as read:
            levels = await get_stock(read, request.sku)
        return pb.GetStockResponse(
            levels=[encode_stock_level(level, request.sku) for level in levels]
        )
