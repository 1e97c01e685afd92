"""Channels, as staff list, read, make, change and delete them."""

from typing import Final

from gateway.composed.masks import name_changes
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import Endpoint, KeyRule
from sojourn.catalog.v1.channels_pb2_grpc import ChannelAdminServiceServicer

_CATALOG: Final = staff("catalog.write")
_CHANNEL: Final = "/v1/staff/channels/{code}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/channels",
        rpc=rpc(ChannelAdminServiceServicer.ListChannels),
        callers=_CATALOG,
        touchpoint=None,
        text="All channels, by code.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/channels",
        rpc=rpc(ChannelAdminServiceServicer.CreateChannel),
        callers=_CATALOG,
        touchpoint=None,
        body="settings",
        status=201,
        example={
            "code": "us",
            "name": "United States",
            "locales": ["en-US"],
            "currencies": ["USD"],
            "countries": ["US"],
            "tax_display": "net",
            "warehouses": ["main"],
            "hosts": ["us.shop.example"],
            "prices_include_tax": False,
        },
        text="Creates a channel, and its price list where none has the code. Products that are "
        "priced in its currencies are listed in it by themselves.",
    ),
    Endpoint(
        method="GET",
        path=_CHANNEL,
        rpc=rpc(ChannelAdminServiceServicer.GetChannel),
        callers=_CATALOG,
        touchpoint=None,
        text="A channel.",
    ),
    Endpoint(
        method="PATCH",
        path=_CHANNEL,
        rpc=rpc(ChannelAdminServiceServicer.UpdateChannel),
        callers=_CATALOG,
        touchpoint=None,
        body="settings",
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        example={"currencies": ["USD", "CAD"], "name": "North America"},
        text="Changes what you send of a channel. Stored pages follow in the background.",
    ),
    Endpoint(
        method="DELETE",
        path=_CHANNEL,
        rpc=rpc(ChannelAdminServiceServicer.DeleteChannel),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a channel with the price lists that it alone reads.",
    ),
)
