"""Short links to products, categories and pages: of staff, and of shoppers who share a page."""

from typing import Final

from gateway.composed.discovery.share_links import name_share, redirect_to_target
from gateway.composed.masks import name_changes
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.share_links_pb2_grpc import (
    ShareLinkAdminServiceServicer,
    ShareLinkServiceServicer,
)

_CATALOG: Final = staff("catalog.write")
_LINKS: Final = "/v1/staff/share-links"
_LINK: Final = f"{_LINKS}/{{code}}"
PUBLIC_TEXT: Final = "Short links, which lead to a page with a campaign."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/s/{code}",
        rpc=rpc(ShareLinkServiceServicer.ResolveShareLink),
        callers=PUBLIC,
        touchpoint="share.open",
        compose=redirect_to_target,
        status=302,
        sends_token=False,
        name="FollowShareLink",
        text="Leads to the page of a short link, with the campaign's parameters. The touchpoint "
        "`share.open` names the link and has the campaign.",
    ),
    Endpoint(
        method="POST",
        path="/v1/shares",
        rpc=rpc(ShareLinkServiceServicer.SharePage),
        callers=PUBLIC,
        touchpoint="share.create",
        body=WHOLE,
        compose=name_share,
        key=KeyRule.NONE,
        sends_token=False,
        example={"kind": "product", "slug": "red-jacket"},
        text="Makes a link by which a shopper, logged in or not, shares a product, category or "
        "page. The touchpoints `share.create` and `share.open` have its code as their subject, and "
        "the landing has it as utm_content. The code says nothing of the person.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_LINKS,
        rpc=rpc(ShareLinkAdminServiceServicer.ListShareLinks),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="All short links, by code.",
    ),
    Endpoint(
        method="POST",
        path=_LINKS,
        rpc=rpc(ShareLinkAdminServiceServicer.CreateShareLink),
        callers=_CATALOG,
        touchpoint=None,
        body="share_link",
        status=201,
        example={"slug": "red-jacket", "utm_source": "instagram", "utm_campaign": "summer"},
        text="Creates a short link to a product, category or page. A code is made up where none "
        "is sent.",
    ),
    Endpoint(
        method="GET",
        path=_LINK,
        rpc=rpc(ShareLinkAdminServiceServicer.GetShareLink),
        callers=_CATALOG,
        touchpoint=None,
        text="A short link.",
    ),
    Endpoint(
        method="PATCH",
        path=_LINK,
        rpc=rpc(ShareLinkAdminServiceServicer.UpdateShareLink),
        callers=_CATALOG,
        touchpoint=None,
        body="share_link",
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        example={"utm_campaign": "autumn"},
        text="Changes where a short link leads, its campaign, or until when it counts.",
    ),
    Endpoint(
        method="DELETE",
        path=_LINK,
        rpc=rpc(ShareLinkAdminServiceServicer.DeleteShareLink),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a short link, which leads nowhere from then on.",
    ),
)
