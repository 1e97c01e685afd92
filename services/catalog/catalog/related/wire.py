"""Related products as messages."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from catalog.categories.model import CategoryTree
from catalog.errors import InvalidRelationRule
from catalog.related.events import RELATIONS
from catalog.related.model import USUAL_RELATED, RelatedProductList, RelationRule
from sojourn.catalog.v1 import related_pb2 as pb


def encode_list(related: RelatedProductList) -> pb.RelatedProductList:
    return pb.RelatedProductList(
        relation=RELATIONS.encode(related.relation),
        product_ids=map(str, related.related_ids),
        version=related.version,
    )


def encode_computed(computed: Mapping[str, Sequence[UUID]]) -> list[pb.RelatedProductList]:
    """The products that orders and rules add, in the order of the relations."""
    return [
        pb.RelatedProductList(
            relation=RELATIONS.encode(relation), product_ids=map(str, computed[relation])
        )
        for relation in sorted(computed, key=RELATIONS.encode)
    ]


def encode_rule(rule: RelationRule, tree: CategoryTree) -> pb.RelationRule:
    return pb.RelationRule(
        code=rule.code,
        relation=RELATIONS.encode(rule.relation),
        category_slug=_slug(tree, rule.category_id),
        same_category=rule.same_category,
        target_category_slug=_slug(tree, rule.target_category_id),
        same_brand=rule.same_brand,
        same_attributes=rule.same_attributes,
        least_price_percent=rule.least_price_percent,
        most_price_percent=rule.most_price_percent,
        most=rule.most,
        priority=rule.priority,
        active=rule.is_active,
        version=rule.version,
    )


def decode_rule(code: str, given: pb.RelationRuleInput, tree: CategoryTree) -> RelationRule:
    """Raises InvalidRelationRule for an unknown category."""
    return RelationRule(
        code=code,
        relation=RELATIONS.decode(given.relation),
        category_id=_category_id(tree, given.category_slug, "category_slug"),
        same_category=given.same_category,
        target_category_id=_category_id(tree, given.target_category_slug, "target_category_slug"),
        same_brand=given.same_brand,
        same_attributes=list(dict.fromkeys(given.same_attributes)),
        least_price_percent=given.least_price_percent,
        most_price_percent=given.most_price_percent,
        most=given.most or USUAL_RELATED,
        priority=given.priority,
        is_active=not given.inactive,
    )


def decode_changes(request: pb.UpdateRelationRuleRequest) -> dict[str, Any]:
    """The fields that are set, by the names of the row's columns."""
    changes: dict[str, Any] = {
        name: getattr(request, name)
        for name in ("most", "priority", "least_price_percent", "most_price_percent")
        if request.HasField(name)
    }
    if "most" in changes:
        changes["most"] = changes["most"] or USUAL_RELATED
    if request.HasField("active"):
        changes["is_active"] = request.active
    return changes


def _slug(tree: CategoryTree, category_id: UUID | None) -> str:
    category = tree.by_id.get(category_id) if category_id else None
    return category.slug if category else ""


def _category_id(tree: CategoryTree, slug: str, path: str) -> UUID | None:
    if not slug:
        return None
    if slug not in tree.by_slug:
        raise InvalidRelationRule("no category has this slug", path=f"rule.{path}")
    return tree.by_slug[slug].id
