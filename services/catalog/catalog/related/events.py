"""Events of related products."""

from catalog.related.model import ProductRelation, RelatedProductList, RelationRule
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import catalog_pb2
from sojourn.catalog.v1 import related_events_pb2 as pb

RELATIONS = EnumCodec(catalog_pb2.ProductRelation, ProductRelation)


def related_list_changed(
    related: RelatedProductList, *, is_deleted: bool = False
) -> pb.RelatedProductListChanged:
    return pb.RelatedProductListChanged(
        product_id=str(related.product_id),
        relation=RELATIONS.encode(related.relation),
        version=0 if is_deleted else related.version,
    )


def relation_rule_changed(
    rule: RelationRule, *, is_deleted: bool = False
) -> pb.RelationRuleChanged:
    return pb.RelationRuleChanged(code=rule.code, version=0 if is_deleted else rule.version)
