"""The edge of variants that are gift cards."""

from catalog.directory import Directory
from catalog.gift_card_variants.actions import delete_gift_card_variant, put_gift_card_variant
from catalog.gift_card_variants.queries import get_gift_card_variant
from catalog.gift_card_variants.wire import decode_gift_card_variant, encode_gift_card_variant
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import gift_card_variants_pb2 as pb
from sojourn.catalog.v1 import gift_card_variants_pb2_grpc as pb_grpc


class GiftCardVariantServicer(Servicer, pb_grpc.GiftCardVariantServiceServicer):
    """Variants that are gift cards, by staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @write(scope="catalog.write")
    async def PutGiftCardVariant(
        self, request: pb.PutGiftCardVariantRequest, call: Call
    ) -> pb.GiftCardVariant:
        draft = decode_gift_card_variant(request)
        async with call.tx() as tx:
            variant = await put_gift_card_variant(
                tx,
                await self._directory.refresh(tx),
                draft,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return encode_gift_card_variant(variant, request.sku)

    @read(scope="catalog.write")
    async def GetGiftCardVariant(
        self, request: pb.GetGiftCardVariantRequest, call: Call
    ) -> pb.GiftCardVariant:
        async with call.read() as read:
            variant = await get_gift_card_variant(read, request.sku)
        return encode_gift_card_variant(variant, request.sku)

    @write(scope="catalog.write")
    async def DeleteGiftCardVariant(
        self, request: pb.DeleteGiftCardVariantRequest, call: Call
    ) -> pb.DeleteGiftCardVariantResponse:
        async with call.tx() as tx:
            await delete_gift_card_variant(
                tx,
                await self._directory.refresh(tx),
                request.sku,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteGiftCardVariantResponse()
