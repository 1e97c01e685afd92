"""The edge of menus: as shoppers see them, and as staff keep them."""

from typing import Final
from uuid import UUID

from catalog.directory import Directory
from catalog.menus import wire
from catalog.menus.actions import create_menu, delete_menu, update_menu
from catalog.menus.model import Menu, menu_of_code
from catalog.menus.queries import get_menu, list_menus, shown_targets, slugs_of_owners
from catalog.servicers.content.edge import ContentEdge
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import menus_pb2 as pb
from sojourn.catalog.v1 import menus_pb2_grpc as pb_grpc

_PAGE_SIZE: Final = 50


class MenuServicer(ContentEdge, pb_grpc.MenuServiceServicer):
    """Menus for shoppers."""

    @read(public=True)
    async def GetMenu(self, request: pb.GetMenuRequest, call: Call) -> pb.Menu:
        async with call.read() as read:
            showing = await self._showing(read, request.view)
            view = showing.view
            menu = await menu_of_code(read, view.channel, request.code, view.locale)
            shown = await shown_targets(read, view, [menu])
        tree, settings = showing.context.tree, showing.seo.categories
        return wire.encode_menu(menu, view, showing.links, tree, shown, settings)


class MenuAdminServicer(Servicer, pb_grpc.MenuAdminServiceServicer):
    """Menus for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListMenus(self, request: pb.ListMenusRequest, call: Call) -> pb.ListMenusResponse:
        size = size_of(request.page.size, default=_PAGE_SIZE)
        after = _position(request.page.token)
        async with call.read() as read:
            if request.channel:
                (await self._directory.refresh(read)).channels.channel(request.channel)
            found = await list_menus(read, request.channel, after=after, size=size + 1)
            slugs = await slugs_of_owners(read, found[:size])
        last = found[size - 1] if len(found) > size else None
        return pb.ListMenusResponse(
            menus=[wire.encode_staff_menu(each, slugs) for each in found[:size]],
            next_page_token=token_of([last.code, str(last.id)]) if last else "",
        )

    @read(scope="catalog.write")
    async def GetStaffMenu(self, request: pb.GetStaffMenuRequest, call: Call) -> pb.StaffMenu:
        async with call.read() as read:
            return await _encoded(read, await get_menu(read, parse_id(request.id, "id")))

    @write(scope="catalog.write", needs_key=True)
    async def CreateMenu(self, request: pb.CreateMenuRequest, call: Call) -> pb.StaffMenu:
        given = request.menu
        async with call.tx() as tx:
            menu = await create_menu(
                tx,
                (await self._directory.refresh(tx)).channels,
                code=given.code,
                channel=given.channel,
                locale=given.locale,
                entries=wire.entries_of(given.entries),
                actor_id=call.caller.subject_id,
            )
            return await _encoded(tx, menu)

    @write(scope="catalog.write")
    async def UpdateMenu(self, request: pb.UpdateMenuRequest, call: Call) -> pb.StaffMenu:
        values = wire.values_of(request)
        async with call.tx() as tx:
            menu = await update_menu(
                tx,
                parse_id(request.id, "id"),
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await _encoded(tx, menu)

    @write(scope="catalog.write")
    async def DeleteMenu(self, request: pb.DeleteMenuRequest, call: Call) -> pb.DeleteMenuResponse:
        async with call.tx() as tx:
            await delete_menu(
                tx,
                parse_id(request.id, "id"),
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteMenuResponse()


async def _encoded(read: Read, menu: Menu) -> pb.StaffMenu:
    return wire.encode_staff_menu(menu, await slugs_of_owners(read, [menu]))


def _position(token: str) -> tuple[str, UUID]:
    position = position_of(token, length=2)
    if position is None:
        return "", UUID(int=0)
    try:
        return str(position[0]), UUID(str(position[1]))
    except ValueError:
        raise InvalidPageToken from None
