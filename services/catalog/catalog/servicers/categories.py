"""The edges of categories as staff keep them, and of the record of changes."""

from typing import Any
from uuid import UUID

from catalog.categories.actions import (
    FIELDS,
    create_category,
    delete_category,
    reorder_categories,
    update_category,
)
from catalog.categories.model import Category, CategoryTree, tree
from catalog.categories.queries import list_changes, product_counts
from catalog.errors import CategoryNotFound, InvalidCategory
from catalog.products.own_data import document_of, struct_of
from chassis.data.audit import Audit
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import category_admin_pb2 as pb
from sojourn.catalog.v1 import category_admin_pb2_grpc as pb_grpc


class CategoryAdminServicer(Servicer, pb_grpc.CategoryAdminServiceServicer):
    """Categories: processes follow by the tree's version, gateways by the event."""

    @read(scope="catalog.write")
    async def ListStaffCategories(
        self, request: pb.ListStaffCategoriesRequest, call: Call
    ) -> pb.ListStaffCategoriesResponse:
        async with call.read() as read:
            known = await tree(read)
            counts = await product_counts(read)
        branch = (
            {each.id for each in known.below(known.get(request.below))} if request.below else None
        )
        return pb.ListStaffCategoriesResponse(
            categories=[
                _encode(known, each, counts)
                for each in known.in_order
                if branch is None or each.id in branch
            ]
        )

    @read(scope="catalog.write")
    async def GetStaffCategory(
        self, request: pb.GetStaffCategoryRequest, call: Call
    ) -> pb.StaffCategory:
        async with call.read() as read:
            return await _category(read, parse_id(request.id, "id"))

    @write(scope="catalog.write", needs_key=True)
    async def CreateCategory(
        self, request: pb.CreateCategoryRequest, call: Call
    ) -> pb.StaffCategory:
        async with call.tx() as tx:
            category = await create_category(
                tx,
                request.slug,
                request.name,
                request.parent_slug,
                metadata=document_of(request.metadata),
                actor_id=call.caller.subject_id,
            )
            return await _category(tx, category.id)

    @write(scope="catalog.write")
    async def UpdateCategory(
        self, request: pb.UpdateCategoryRequest, call: Call
    ) -> pb.StaffCategory:
        values: dict[str, Any] = {}
        for name in request.update_mask:
            if name not in FIELDS:
                raise InvalidCategory(f"a field is one of {', '.join(FIELDS)}", path="update_mask")
            value = getattr(request, name)
            match name:
                case "name":
                    values[name] = dict(value)
                case "metadata":
                    values[name] = document_of(value)
                case _:
                    values[name] = value
        category_id = parse_id(request.id, "id")
        async with call.tx() as tx:
            await update_category(
                tx,
                category_id,
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return await _category(tx, category_id)

    @write(scope="catalog.write")
    async def ReorderCategories(
        self, request: pb.ReorderCategoriesRequest, call: Call
    ) -> pb.ListStaffCategoriesResponse:
        async with call.tx() as tx:
            ordered = await reorder_categories(
                tx, request.parent_slug, request.slugs, actor_id=call.caller.subject_id
            )
            known, counts = await tree(tx), await product_counts(tx)
        return pb.ListStaffCategoriesResponse(
            categories=[_encode(known, known.by_id[each.id], counts) for each in ordered]
        )

    @write(scope="catalog.write")
    async def DeleteCategory(
        self, request: pb.DeleteCategoryRequest, call: Call
    ) -> pb.DeleteCategoryResponse:
        async with call.tx() as tx:
            await delete_category(
                tx,
                parse_id(request.id, "id"),
                reassign_to=request.reassign_to,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteCategoryResponse()


class CatalogAuditServicer(Servicer, pb_grpc.CatalogAuditServiceServicer):
    """The record of who changed what."""

    @read(scope="catalog.write")
    async def ListCatalogChanges(
        self, request: pb.ListCatalogChangesRequest, call: Call
    ) -> pb.ListCatalogChangesResponse:
        size = size_of(request.page.size)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            found = await list_changes(read, request.subject, after=after, size=size + 1)
        response = pb.ListCatalogChangesResponse(
            changes=[_encode_change(row) for row in found[:size]]
        )
        if len(found) > size:
            response.next_page_token = token_of([str(found[size - 1].id)])
        return response


async def _category(read: Read, category_id: UUID) -> pb.StaffCategory:
    known = await tree(read)
    category = known.by_id.get(category_id)
    if category is None:
        raise CategoryNotFound(category_id=category_id)
    return _encode(known, category, await product_counts(read))


def _encode(known: CategoryTree, category: Category, counts: dict[UUID, int]) -> pb.StaffCategory:
    parent = known.by_id.get(category.parent_id) if category.parent_id else None
    return pb.StaffCategory(
        id=str(category.id),
        slug=category.slug,
        name=category.name,
        parent_slug=parent.slug if parent else "",
        position=category.position,
        depth=category.path.count("/"),
        child_count=len(known.children_of(category)),
        product_count=counts.get(category.id, 0),
        version=category.version,
        metadata=struct_of(category.own_data),
    )


def _encode_change(row: Audit) -> pb.CatalogChange:
    change = pb.CatalogChange(
        id=str(row.id),
        at=timestamp(row.at),
        actor_id=str(row.actor_id),
        action=row.action,
        subject=row.subject,
        trace_id=row.trace_id,
    )
    for name, values in (("before", row.before), ("after", row.after)):
        if values is not None:
            getattr(change, name).CopyFrom(struct_of(values))
    return change
