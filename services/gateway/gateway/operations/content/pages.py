"""Content pages, as staff write, publish, preview, roll back and delete them."""

from typing import Final

from gateway.composed.catalogue import read_page
from gateway.composed.masks import name_changes
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, staff
from gateway.endpoints.endpoint import KIB, MIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.content_pb2_grpc import (
    ContentServiceServicer,
    PageAdminServiceServicer,
)

_CATALOG: Final = staff("catalog.write")
_PAGES: Final = "/v1/staff/content-pages"
_PAGE: Final = f"{_PAGES}/{{id}}"
_KNOWN: Final = {304: "You have it already"}
PUBLIC_TEXT: Final = "The home page, blocks, and previews of pages."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/home",
        rpc=rpc(ContentServiceServicer.GetHome),
        callers=PUBLIC,
        touchpoint="page.view",
        query=Parameters(renamed={"menus": "menu"}),
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="The home page in one call: its content with products, menus, and the categories at "
        "the top.",
    ),
    Endpoint(
        method="GET",
        path="/v1/blocks/{slug}",
        rpc=rpc(ContentServiceServicer.GetBlock),
        callers=PUBLIC,
        touchpoint=None,
        ask=read_page,
        is_cached=True,
        also=_KNOWN,
        text="A block that pages share, such as a footer.",
    ),
    Endpoint(
        method="POST",
        path="/v1/page-previews",
        rpc=rpc(ContentServiceServicer.GetPagePreview),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        is_secret=True,
        sends_token=False,
        text="The version of a page that a preview link shows. The link has its token in the "
        "fragment, which no server logs.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PAGES,
        rpc=rpc(PageAdminServiceServicer.ListStaffPages),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(renamed={"channel": "channel"}, defaults={"page_size": 50}),
        text="All pages, or those of a channel or a kind, by slug, with their newest content.",
    ),
    Endpoint(
        method="POST",
        path=_PAGES,
        rpc=rpc(PageAdminServiceServicer.CreatePage),
        callers=_CATALOG,
        touchpoint=None,
        body="page",
        status=201,
        most_bytes=2 * MIB,
        example={
            "slug": "summer",
            "kind": "landing",
            "title": {"en": "Summer", "de": "Sommer"},
            "body": {"en": "<p>Light and dry.</p>"},
            "format": "html",
            "campaign": "summer",
            "sections": [{"kind": "category", "category_slug": "jackets", "limit": 8}],
        },
        text="Creates a page. Shoppers see it once a version is published.",
    ),
    Endpoint(
        method="GET",
        path=_PAGE,
        rpc=rpc(PageAdminServiceServicer.GetStaffPage),
        callers=_CATALOG,
        touchpoint=None,
        text="A page with its newest content.",
    ),
    Endpoint(
        method="PATCH",
        path=_PAGE,
        rpc=rpc(PageAdminServiceServicer.UpdatePage),
        callers=_CATALOG,
        touchpoint=None,
        body="page",
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        most_bytes=2 * MIB,
        example={"title": {"de": "Sommer"}, "campaign": "summer-sale"},
        text="Changes what you send of a page, as a new version that is not published. Another "
        "slug counts at once; the one before leads to it.",
    ),
    Endpoint(
        method="DELETE",
        path=_PAGE,
        rpc=rpc(PageAdminServiceServicer.DeletePage),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a page with its versions.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PAGE}/publish",
        rpc=rpc(PageAdminServiceServicer.PublishPage),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        most_bytes=16 * KIB,
        example={"publish_from": "2027-06-01T00:00:00Z", "publish_until": "2027-07-01T00:00:00Z"},
        text="Publishes a version, the newest unless `number` says otherwise, from a time until "
        "another.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PAGE}/unpublish",
        rpc=rpc(PageAdminServiceServicer.UnpublishPage),
        callers=_CATALOG,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Takes a page from shoppers. Its versions stay.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PAGE}/versions",
        rpc=rpc(PageAdminServiceServicer.ListPageVersions),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 20}),
        text="Versions of a page, the newest first.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PAGE}/roll-back",
        rpc=rpc(PageAdminServiceServicer.RollBackPage),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        most_bytes=16 * KIB,
        example={"number": 2},
        text="Makes the content of an earlier version the newest one, which is not published yet.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PAGE}/previews",
        rpc=rpc(PageAdminServiceServicer.CreatePagePreview),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        is_secret=True,
        most_bytes=16 * KIB,
        example={"valid_seconds": 3600},
        text="Signs a link that shows a version to everybody who has it, until it expires.",
    ),
)
