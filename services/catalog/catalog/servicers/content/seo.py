"""The edge of texts for search engines and of storefronts, as staff keep them."""

from typing import Final
from uuid import UUID

from catalog.directory import Directory
from catalog.seo import wire
from catalog.seo.actions import delete_seo_setting, update_seo_setting, update_storefront
from catalog.seo.model import SeoKind, SeoSetting
from catalog.seo.queries import (
    all_storefronts,
    get_storefront,
    list_seo_settings,
    usual_slug,
)
from catalog.seo.slug_names import names_of
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import seo_pb2 as pb
from sojourn.catalog.v1 import seo_pb2_grpc as pb_grpc

_PAGE_SIZE: Final = 50
_FIRST: Final = UUID(int=0)


class SeoAdminServicer(Servicer, pb_grpc.SeoAdminServiceServicer):
    """Texts for search engines, and storefronts."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListSeoSettings(
        self, request: pb.ListSeoSettingsRequest, call: Call
    ) -> pb.ListSeoSettingsResponse:
        kind = wire.KINDS.decode(request.kind)
        size = size_of(request.page.size, default=_PAGE_SIZE)
        after = _position(request.page.token)
        async with call.read() as read:
            found = await list_seo_settings(read, kind, after=after, size=size + 1)
            shown = [
                wire.encode_seo_setting(each, (await usual_slug(read, kind, each.owner_id))[0])
                for each in found[:size]
            ]
        return pb.ListSeoSettingsResponse(
            settings=shown,
            next_page_token=token_of([str(found[size - 1].owner_id)]) if len(found) > size else "",
        )

    @read(scope="catalog.write")
    async def GetSeoSetting(self, request: pb.GetSeoSettingRequest, call: Call) -> pb.SeoSetting:
        kind, owner_id = wire.KINDS.decode(request.kind), parse_id(request.owner_id, "owner_id")
        async with call.read() as read:
            setting = await read.get(SeoSetting, kind, owner_id)
            return await _encoded(
                read,
                setting
                or SeoSetting(
                    kind=kind,
                    owner_id=owner_id,
                    texts={},
                    is_hidden=False,
                    version=0,
                    updated_at=read.now,
                ),
            )

    @write(scope="catalog.write")
    async def UpdateSeoSetting(
        self, request: pb.UpdateSeoSettingRequest, call: Call
    ) -> pb.SeoSetting:
        values = wire.values_of(request)
        async with call.tx() as tx:
            setting = await update_seo_setting(
                tx,
                await self._directory.refresh(tx),
                wire.KINDS.decode(request.kind),
                parse_id(request.owner_id, "owner_id"),
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await _encoded(tx, setting)

    @write(scope="catalog.write")
    async def DeleteSeoSetting(
        self, request: pb.DeleteSeoSettingRequest, call: Call
    ) -> pb.DeleteSeoSettingResponse:
        async with call.tx() as tx:
            await delete_seo_setting(
                tx,
                await self._directory.refresh(tx),
                wire.KINDS.decode(request.kind),
                parse_id(request.owner_id, "owner_id"),
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteSeoSettingResponse()

    @read(scope="catalog.write")
    async def ListStorefronts(
        self, request: pb.ListStorefrontsRequest, call: Call
    ) -> pb.ListStorefrontsResponse:
        async with call.read() as read:
            found = await all_storefronts(read)
        return pb.ListStorefrontsResponse(
            storefronts=[wire.encode_storefront(found[code]) for code in sorted(found)]
        )

    @read(scope="catalog.write")
    async def GetStorefront(self, request: pb.GetStorefrontRequest, call: Call) -> pb.Storefront:
        async with call.read() as read:
            channels = (await self._directory.refresh(read)).channels
            return wire.encode_storefront(await get_storefront(read, channels, request.code))

    @write(scope="catalog.write")
    async def UpdateStorefront(
        self, request: pb.UpdateStorefrontRequest, call: Call
    ) -> pb.Storefront:
        values = wire.storefront_values_of(request)
        async with call.tx() as tx:
            storefront = await update_storefront(
                tx,
                (await self._directory.refresh(tx)).channels,
                request.code,
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return wire.encode_storefront(storefront)


async def _encoded(read: Read, setting: SeoSetting) -> pb.SeoSetting:
    kind: SeoKind = setting.kind
    slug, _ = await usual_slug(read, kind, setting.owner_id)
    names = await names_of(read, kind, setting.owner_id)
    return wire.encode_seo_setting(setting, slug, names)


def _position(token: str) -> UUID:
    position = position_of(token, length=1)
    try:
        return UUID(str(position[0])) if position else _FIRST
    except ValueError:
        raise InvalidPageToken from None
