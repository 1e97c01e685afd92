"""The edge of related products as staff set them."""

from catalog.directory import Directory
from catalog.related import wire
from catalog.related.actions import (
    delete_related_product_list,
    delete_relation_rule,
    put_related_product_list,
    put_relation_rule,
    update_related_product_list,
    update_relation_rule,
)
from catalog.related.events import RELATIONS
from catalog.related.queries import (
    get_relation_rule,
    list_related_products,
    list_relation_rules,
)
from catalog.supplements.model import supplement_of
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import related_pb2 as pb
from sojourn.catalog.v1 import related_pb2_grpc as pb_grpc


class RelatedProductAdminServicer(Servicer, pb_grpc.RelatedProductAdminServiceServicer):
    """Lists by hand, and rules."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListRelatedProducts(
        self, request: pb.ListRelatedProductsRequest, call: Call
    ) -> pb.ListRelatedProductsResponse:
        product_id = parse_id(request.product_id, "product_id")
        async with call.read() as read:
            lists = await list_related_products(read, product_id)
            supplement = await supplement_of(read, product_id)
        return pb.ListRelatedProductsResponse(
            lists=sorted(map(wire.encode_list, lists), key=lambda each: each.relation),
            computed=wire.encode_computed(supplement.computed),
        )

    @write(scope="catalog.write")
    async def PutRelatedProductList(
        self, request: pb.PutRelatedProductListRequest, call: Call
    ) -> pb.RelatedProductList:
        async with call.tx() as tx:
            related = await put_related_product_list(
                tx,
                parse_id(request.product_id, "product_id"),
                RELATIONS.decode(request.relation),
                [parse_id(each, "product_ids") for each in request.product_ids],
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_list(related)

    @write(scope="catalog.write")
    async def UpdateRelatedProductList(
        self, request: pb.UpdateRelatedProductListRequest, call: Call
    ) -> pb.RelatedProductList:
        async with call.tx() as tx:
            related = await update_related_product_list(
                tx,
                parse_id(request.product_id, "product_id"),
                RELATIONS.decode(request.relation),
                add=[parse_id(each, "add") for each in request.add],
                remove=[parse_id(each, "remove") for each in request.remove],
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_list(related)

    @write(scope="catalog.write")
    async def DeleteRelatedProductList(
        self, request: pb.DeleteRelatedProductListRequest, call: Call
    ) -> pb.DeleteRelatedProductListResponse:
        async with call.tx() as tx:
            await delete_related_product_list(
                tx,
                parse_id(request.product_id, "product_id"),
                RELATIONS.decode(request.relation),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteRelatedProductListResponse()

    @read(scope="catalog.write")
    async def ListRelationRules(
        self, request: pb.ListRelationRulesRequest, call: Call
    ) -> pb.ListRelationRulesResponse:
        size = size_of(request.page.size, default=50)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            tree = (await self._directory.refresh(read)).tree
            found = await list_relation_rules(
                read, after=str(after[0]) if after else "", size=size + 1
            )
        return pb.ListRelationRulesResponse(
            rules=[wire.encode_rule(each, tree) for each in found[:size]],
            next_page_token=token_of([found[size - 1].code]) if len(found) > size else "",
        )

    @read(scope="catalog.write")
    async def GetRelationRule(
        self, request: pb.GetRelationRuleRequest, call: Call
    ) -> pb.RelationRule:
        async with call.read() as read:
            tree = (await self._directory.refresh(read)).tree
            return wire.encode_rule(await get_relation_rule(read, request.code), tree)

    @write(scope="catalog.write")
    async def PutRelationRule(
        self, request: pb.PutRelationRuleRequest, call: Call
    ) -> pb.RelationRule:
        async with call.tx() as tx:
            tree = (await self._directory.refresh(tx)).tree
            rule = await put_relation_rule(
                tx,
                wire.decode_rule(request.code, request.rule, tree),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_rule(rule, tree)

    @write(scope="catalog.write")
    async def UpdateRelationRule(
        self, request: pb.UpdateRelationRuleRequest, call: Call
    ) -> pb.RelationRule:
        async with call.tx() as tx:
            tree = (await self._directory.refresh(tx)).tree
            rule = await update_relation_rule(
                tx,
                request.code,
                wire.decode_changes(request),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_rule(rule, tree)

    @write(scope="catalog.write")
    async def DeleteRelationRule(
        self, request: pb.DeleteRelationRuleRequest, call: Call
    ) -> pb.DeleteRelationRuleResponse:
        async with call.tx() as tx:
            await delete_relation_rule(
                tx,
                request.code,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteRelationRuleResponse()
