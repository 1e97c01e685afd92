"""Categories, as staff list, make, change, order and delete them, and the record of changes."""

from typing import Final

from gateway.composed.masks import name_changes
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.category_admin_pb2_grpc import (
    CatalogAuditServiceServicer,
    CategoryAdminServiceServicer,
)

_CATALOG: Final = staff("catalog.write")
_CATEGORIES: Final = "/v1/staff/categories"
_CATEGORY: Final = f"{_CATEGORIES}/{{id}}"
_SECONDS: Final = 30.0
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_CATEGORIES,
        rpc=rpc(CategoryAdminServiceServicer.ListStaffCategories),
        callers=_CATALOG,
        touchpoint=None,
        text="All categories, or a branch, as a tree: parents before children, each with its "
        "depth and its counts.",
    ),
    Endpoint(
        method="POST",
        path=_CATEGORIES,
        rpc=rpc(CategoryAdminServiceServicer.CreateCategory),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"slug": "jackets", "name": {"en": "Jackets", "de": "Jacken"}},
        text="Creates a category at the end of its siblings.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_CATEGORIES}/order",
        rpc=rpc(CategoryAdminServiceServicer.ReorderCategories),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=_SECONDS,
        most_bytes=512 * KIB,
        example={"parent_slug": "", "slugs": ["jackets", "tents"]},
        text="Puts the children of a category, or those at the top, in an order.",
    ),
    Endpoint(
        method="GET",
        path=_CATEGORY,
        rpc=rpc(CategoryAdminServiceServicer.GetStaffCategory),
        callers=_CATALOG,
        touchpoint=None,
        text="A category.",
    ),
    Endpoint(
        method="PATCH",
        path=_CATEGORY,
        rpc=rpc(CategoryAdminServiceServicer.UpdateCategory),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        hidden=frozenset({"update_mask"}),
        prepare=name_changes,
        key=KeyRule.OPTIONAL,
        deadline_seconds=_SECONDS,
        example={"name": {"de": "Jacken"}, "parent_slug": "clothing"},
        text="Changes what you send of a category. With another parent, its branch goes along.",
    ),
    Endpoint(
        method="DELETE",
        path=_CATEGORY,
        rpc=rpc(CategoryAdminServiceServicer.DeleteCategory),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(renamed={"reassign_to": "reassign_to"}),
        status=204,
        deadline_seconds=_SECONDS,
        text="Deletes an empty category; with `reassign_to`, after its products and children went "
        "to that category.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/catalogue/changes",
        rpc=rpc(CatalogAuditServiceServicer.ListCatalogChanges),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 24}),
        text="Who changed what in the catalogue, newest first, of one subject or of all.",
    ),
)
