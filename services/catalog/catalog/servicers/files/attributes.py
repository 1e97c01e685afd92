"""The edge of definitions of attributes, and of comparisons by them."""

from typing import Final

from google.protobuf.message import DecodeError

from catalog.attributes.actions import delete_attribute_definition, put_attribute_definition
from catalog.attributes.model import definitions_of
from catalog.attributes.queries import get_attribute_definition, list_attribute_definitions
from catalog.attributes.wire import decode_attribute_definition, encode_attribute_definition
from catalog.channels.wire import GUEST_POLICIES
from catalog.comparisons.compare import comparison_rows
from catalog.directory import Directory
from catalog.errors import ProductNotFound
from catalog.listings.browse import Browser
from catalog.listings.model import pages_of
from catalog.listings.personal import hide_prices_of_page
from catalog.servicers.readers import reader_of
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import attributes_pb2 as pb
from sojourn.catalog.v1 import attributes_pb2_grpc as pb_grpc
from sojourn.catalog.v1 import catalog_pb2

_USUAL_SIZE: Final = 50


class AttributeDefinitionServicer(Servicer, pb_grpc.AttributeDefinitionServiceServicer):
    """Definitions by staff."""

    @write(scope="catalog.write")
    async def PutAttributeDefinition(
        self, request: pb.PutAttributeDefinitionRequest, call: Call
    ) -> pb.AttributeDefinition:
        draft = decode_attribute_definition(request.definition)
        async with call.tx() as tx:
            put = await put_attribute_definition(
                tx,
                draft,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return encode_attribute_definition(put)

    @read(scope="catalog.write")
    async def GetAttributeDefinition(
        self, request: pb.GetAttributeDefinitionRequest, call: Call
    ) -> pb.AttributeDefinition:
        async with call.read() as read:
            return encode_attribute_definition(await get_attribute_definition(read, request.name))

    @read(scope="catalog.write")
    async def ListAttributeDefinitions(
        self, request: pb.ListAttributeDefinitionsRequest, call: Call
    ) -> pb.ListAttributeDefinitionsResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            found = await list_attribute_definitions(
                read, after=str(after[0]) if after else "", size=size + 1
            )
        return pb.ListAttributeDefinitionsResponse(
            definitions=map(encode_attribute_definition, found[:size]),
            next_page_token=token_of([found[size - 1].name]) if len(found) > size else "",
        )

    @write(scope="catalog.write")
    async def DeleteAttributeDefinition(
        self, request: pb.DeleteAttributeDefinitionRequest, call: Call
    ) -> pb.DeleteAttributeDefinitionResponse:
        async with call.tx() as tx:
            await delete_attribute_definition(
                tx,
                request.name,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteAttributeDefinitionResponse()


class ComparisonServicer(Servicer, pb_grpc.ComparisonServiceServicer):
    """Comparisons for shoppers."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, directory: Directory, browser: Browser
    ) -> None:
        super().__init__(database, verifier)
        self._directory, self._browser = directory, browser

    @read(public=True)
    async def CompareProducts(
        self, request: pb.CompareProductsRequest, call: Call
    ) -> pb.Comparison:
        asked = request.view
        async with call.read() as read:
            context = await self._directory.context(read)
            view = context.channels.view(
                asked.channel, asked.locale, asked.currency, asked.accepted_locales
            )
            stored = await pages_of(read, view, list(request.slugs))
            attributes = []
            for slug in request.slugs:
                if slug not in stored:
                    raise ProductNotFound(slug=slug[:80])
                try:
                    page = catalog_pb2.Product.FromString(stored[slug].page)
                except DecodeError as error:
                    raise ProductNotFound(slug=slug[:80]) from error
                attributes.append(dict(page.attributes))
            names = {name for each in attributes for name in each}
            definitions = await definitions_of(read, names)
            pages = [
                await self._browser.get_product(read, view, slug=slug, product_id=None)
                for slug in request.slugs
            ]
        channel = context.channels.by_code[view.channel]
        if not reader_of(call).sees_prices(channel):
            for page in pages:
                hide_prices_of_page(page)
        wording = self._browser.wording(view.locale)
        rows = comparison_rows(attributes, definitions, wording, view.locale)
        return pb.Comparison(
            products=pages,
            rows=rows,
            locale=view.locale,
            guest_policy=GUEST_POLICIES.encode(channel.guest_policy),
        )
