"""Menus, as staff list, read, make, change and delete them."""

from typing import Final

from gateway.composed.catalogue import read_page
from gateway.composed.masks import name_changes
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, staff
from gateway.endpoints.endpoint import KIB, Endpoint, KeyRule
from sojourn.catalog.v1.menus_pb2_grpc import MenuAdminServiceServicer, MenuServiceServicer

_CATALOG: Final = staff("catalog.write")
_MENUS: Final = "/v1/staff/menus"
_MENU: Final = f"{_MENUS}/{{id}}"
PUBLIC_TEXT: Final = "Menus of storefronts."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/menus/{code}",
        rpc=rpc(MenuServiceServicer.GetMenu),
        callers=PUBLIC,
        touchpoint=None,
        ask=read_page,
        is_cached=True,
        also={304: "You have it already"},
        text="A menu of the channel in a language: its tree in the order of display, with labels "
        "and addresses. Entries whose category, product or page is not shown are left out.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_MENUS,
        rpc=rpc(MenuAdminServiceServicer.ListMenus),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(renamed={"channel": "channel"}, defaults={"page_size": 50}),
        text="All menus, or those of a channel, by code.",
    ),
    Endpoint(
        method="POST",
        path=_MENUS,
        rpc=rpc(MenuAdminServiceServicer.CreateMenu),
        callers=_CATALOG,
        touchpoint=None,
        body="menu",
        status=201,
        most_bytes=512 * KIB,
        example={
            "code": "main",
            "entries": [
                {"depth": 0, "label": {"en": "Shop"}},
                {"depth": 1, "target": "category", "value": "jackets"},
                {"depth": 0, "target": "url", "value": "/stores", "label": {"en": "Stores"}},
            ],
        },
        text="Creates a menu of a channel, for one language or for all. Entries are in the order "
        "of display; `depth` says how many levels are above each.",
    ),
    Endpoint(
        method="GET",
        path=_MENU,
        rpc=rpc(MenuAdminServiceServicer.GetStaffMenu),
        callers=_CATALOG,
        touchpoint=None,
        text="A menu.",
    ),
    Endpoint(
        method="PATCH",
        path=_MENU,
        rpc=rpc(MenuAdminServiceServicer.UpdateMenu),
        callers=_CATALOG,
        touchpoint=None,
        body="menu",
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        most_bytes=512 * KIB,
        example={"entries": [{"depth": 0, "target": "category", "value": "jackets"}]},
        text="Changes the code or the whole tree of a menu. Its channel and language stay.",
    ),
    Endpoint(
        method="DELETE",
        path=_MENU,
        rpc=rpc(MenuAdminServiceServicer.DeleteMenu),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a menu.",
    ),
)
