"""The edge of products as staff keep them."""

from uuid import UUID

from catalog.directory import Directory
from catalog.errors import InvalidProduct
from catalog.products import variants, wire
from catalog.products.actions import create_product, delete_product, update_product
from catalog.products.drafts import draft_of
from catalog.products.queries import get_product, list_products, position_after
from catalog.products.refusals import NO_LINE
from catalog.products.variant_drafts import variant_of
from catalog.products.variants import Place
from catalog.reservations.actions import CatalogContext
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import product_admin_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2_grpc as pb_grpc


class ProductAdminServicer(Servicer, pb_grpc.ProductAdminServiceServicer):
    """Products, published or not."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListStaffProducts(
        self, request: pb.ListStaffProductsRequest, call: Call
    ) -> pb.ListStaffProductsResponse:
        sort = wire.SORTS.decode(request.sort)
        size = size_of(request.page.size)
        after = position_of(request.page.token, length=2)
        async with call.read() as read:
            context = await self._directory.refresh(read)
            if request.listed_in:
                context.channels.channel(request.listed_in)
            wanted = wire.filter_of(request, _branch(context, request.category_slug))
            found = await list_products(read, wanted, sort, after=after, size=size + 1)
        response = pb.ListStaffProductsResponse(
            products=[wire.encode_summary(each, context.tree) for each in found[:size]]
        )
        if len(found) > size:
            response.next_page_token = token_of(position_after(found[size - 1].product, sort))
        return response

    @read(scope="catalog.write")
    async def GetStaffProduct(
        self, request: pb.GetStaffProductRequest, call: Call
    ) -> pb.StaffProduct:
        async with call.read() as read:
            context = await self._directory.refresh(read)
            return await _product(read, context, parse_id(request.id, "id"))

    @write(scope="catalog.write", needs_key=True)
    async def CreateProduct(self, request: pb.CreateProductRequest, call: Call) -> pb.StaffProduct:
        draft = draft_of(request.product, line=NO_LINE, digest=b"", needs_prices=False)
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            product_id = await create_product(tx, context, draft, actor_id=call.caller.subject_id)
            return await _product(tx, context, product_id)

    @write(scope="catalog.write")
    async def UpdateProduct(self, request: pb.UpdateProductRequest, call: Call) -> pb.StaffProduct:
        product_id, changes = parse_id(request.id, "id"), wire.changes_of(request)
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            await update_product(
                tx,
                context,
                product_id,
                changes,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await _product(tx, context, product_id)

    @write(scope="catalog.write")
    async def DeleteProduct(
        self, request: pb.DeleteProductRequest, call: Call
    ) -> pb.DeleteProductResponse:
        async with call.tx() as tx:
            await delete_product(
                tx,
                await self._directory.refresh(tx),
                parse_id(request.id, "id"),
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteProductResponse()

    @write(scope="catalog.write", needs_key=True)
    async def AddVariant(self, request: pb.AddVariantRequest, call: Call) -> pb.StaffVariant:
        place = _place(request.product_id, request.expected_version)
        draft = variant_of(
            request.variant, NO_LINE, "variant", place.product_id.hex, needs_prices=False
        )
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            product, variant = await variants.add_variant(
                tx, context, place, draft, actor_id=call.caller.subject_id
            )
            return await _variant(tx, context, product.id, variant.id)

    @write(scope="catalog.write")
    async def UpdateVariant(self, request: pb.UpdateVariantRequest, call: Call) -> pb.StaffVariant:
        place = _place(request.product_id, request.expected_version)
        variant_id = parse_id(request.variant_id, "variant_id")
        values = wire.variant_changes_of(request)
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            await variants.update_variant(
                tx, context, place, variant_id, values, actor_id=call.caller.subject_id
            )
            return await _variant(tx, context, place.product_id, variant_id)

    @write(scope="catalog.write")
    async def ReorderVariants(
        self, request: pb.ReorderVariantsRequest, call: Call
    ) -> pb.StaffProduct:
        place = _place(request.product_id, request.expected_version)
        variant_ids = [parse_id(text, "variant_ids") for text in request.variant_ids]
        async with call.tx() as tx:
            context = await self._directory.refresh(tx)
            await variants.reorder_variants(
                tx, context, place, variant_ids, actor_id=call.caller.subject_id
            )
            return await _product(tx, context, place.product_id)

    @write(scope="catalog.write")
    async def DeleteVariant(
        self, request: pb.DeleteVariantRequest, call: Call
    ) -> pb.DeleteVariantResponse:
        async with call.tx() as tx:
            await variants.delete_variant(
                tx,
                await self._directory.refresh(tx),
                _place(request.product_id, request.expected_version),
                parse_id(request.variant_id, "variant_id"),
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteVariantResponse()


def _place(product_id: str, expected_version: int) -> Place:
    return Place(parse_id(product_id, "product_id"), expected_version)


def _branch(context: CatalogContext, slug: str) -> list[UUID] | None:
    """Returns a category and those below it. Raises CategoryNotFound."""
    if not slug:
        return None
    return [category.id for category in context.tree.below(context.tree.get(slug))]


async def _product(read: Read, context: CatalogContext, product_id: UUID) -> pb.StaffProduct:
    kept = await get_product(read, product_id, price_list=context.channels.default.price_list)
    return wire.encode_product(kept, context.tree)


async def _variant(
    read: Read, context: CatalogContext, product_id: UUID, variant_id: UUID
) -> pb.StaffVariant:
    kept = await get_product(read, product_id, price_list=context.channels.default.price_list)
    for variant in kept.variants:
        if variant.id == variant_id:
            prices = kept.prices.get(variant.id, ())
            return wire.encode_variant(variant, prices, kept.product.version)
    raise InvalidProduct("the variant is gone", path="variant_id")
