"""Records of bundles, stock policies, related products and rules of these."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, tuple_
from sqlmodel import col, select

from catalog.bundles.actions import put_bundle
from catalog.bundles.model import Bundle, parts_of
from catalog.bundles.wire import PRICINGS, decode_bundle
from catalog.content_pages.wire import time_of
from catalog.errors import InvalidRelation
from catalog.products.model import Product, Variant
from catalog.related.actions import put_related_product_list, put_relation_rule
from catalog.related.events import RELATIONS
from catalog.related.model import RelatedProductList, RelationRule
from catalog.related.queries import list_relation_rules
from catalog.related.wire import decode_rule, encode_rule
from catalog.setting_files.model import (
    Placed,
    Position,
    SettingKind,
    copy_fields,
    first_of,
    of_code,
    row_of,
)
from catalog.setting_files.products import ids_of_slugs, slugs_of_ids
from catalog.stock.changed_levels import CatalogContext
from catalog.stock.ledger import Entry
from catalog.stock.policies import PolicyKind, StockPolicy
from catalog.stock.promises import put_stock_policy
from catalog.stock.wire import POLICY_KINDS, decode_kind
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import bundles_pb2, related_pb2, stock_admin_pb2
from sojourn.catalog.v1 import setting_records_pb2 as pb

# Of a variant that files tell of, joined with its product.
is_there: Final = (col(Variant.deleted_at).is_(None), ~col(Product.is_synthetic))
_BUNDLES: Final = prepare(
    select(Bundle, Variant.sku)
    .join(Variant, col(Variant.id) == col(Bundle.variant_id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .where(*is_there, col(Variant.sku) > bindparam("after"))
    .order_by(col(Variant.sku))
    .limit(bindparam("size"))
)
_POLICIES: Final = prepare(
    select(StockPolicy, Variant.sku)
    .join(Variant, col(Variant.id) == col(StockPolicy.variant_id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .where(
        *is_there,
        col(Variant.sku) > bindparam("after"),
        col(StockPolicy.kind) != PolicyKind.NONE.value,
    )
    .order_by(col(Variant.sku))
    .limit(bindparam("size"))
)
_LISTS: Final = prepare(
    select(RelatedProductList, Product.slug)
    .join(Product, col(Product.id) == col(RelatedProductList.product_id))
    .where(
        col(Product.deleted_at).is_(None),
        tuple_(col(Product.slug), col(RelatedProductList.relation))
        > tuple_(bindparam("slug"), bindparam("relation")),
    )
    .order_by(col(Product.slug), col(RelatedProductList.relation))
    .limit(bindparam("size"))
)
_VARIANT_ID: Final = prepare(
    select(Variant.id).where(
        col(Variant.sku) == bindparam("sku"), col(Variant.deleted_at).is_(None)
    )
)


async def _bundles(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns bundles; a part that is gone is left out."""
    rows = await read.all(_BUNDLES, after=first_of(after), size=size)
    parts = await parts_of(read, [bundle.variant_id for bundle, _ in rows])
    found = []
    for bundle, sku in rows:
        record = bundles_pb2.PutBundleRequest(
            sku=sku,
            parts=[
                bundles_pb2.BundlePart(sku=part.sku, quantity=part.quantity)
                for part in parts.get(bundle.variant_id, [])
            ],
            pricing=PRICINGS.encode(bundle.pricing),
            discount_basis_points=bundle.discount_basis_points,
        )
        found.append(Placed((sku,), record))
    return found


async def _bundle_state(read: Read, context: CatalogContext, record: Any) -> object:
    variant_id = await variant_id_of(read, record.sku)
    return await read.get(Bundle, variant_id) if variant_id else None


async def _store_bundle(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    await put_bundle(tx, context, decode_bundle(record), actor_id=actor_id)


async def _policies(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    found = []
    for policy, sku in await read.all(_POLICIES, after=first_of(after), size=size):
        record = stock_admin_pb2.PutStockPolicyRequest(
            sku=sku, kind=POLICY_KINDS.encode(policy.kind), most=policy.most
        )
        if policy.expected_at is not None:
            record.expected_at.CopyFrom(timestamp(policy.expected_at))
        found.append(Placed((sku,), record))
    return found


async def _policy_state(read: Read, context: CatalogContext, record: Any) -> object:
    variant_id = await variant_id_of(read, record.sku)
    return await read.get(StockPolicy, variant_id) if variant_id else None


async def _store_policy(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    await put_stock_policy(
        tx,
        context,
        record.sku,
        kind=decode_kind(record),
        most=record.most,
        expected_at=time_of(record, "expected_at"),
        entry=Entry(actor_id=actor_id),
    )


async def _lists(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    """Returns lists; products that are gone are left out, and so is a list of none."""
    slug, relation = after or ("", "")
    rows = await read.all(_LISTS, slug=slug, relation=relation, size=size)
    slugs = await slugs_of_ids(read, [id for row, _ in rows for id in row.related_ids])
    found = []
    for row, of_slug in rows:
        record = pb.RelatedProductsRecord(
            product_slug=of_slug,
            relation=RELATIONS.encode(row.relation),
            related_product_slugs=[slugs[id] for id in row.related_ids if id in slugs],
        )
        found.append(Placed((of_slug, row.relation.value), record))
    return found


async def _list_state(read: Read, context: CatalogContext, record: Any) -> object:
    ids = await ids_of_slugs(read, [record.product_slug])
    relation = RELATIONS.decode(record.relation)
    product_id = ids.get(record.product_slug)
    return await read.get(RelatedProductList, product_id, relation) if product_id else None


async def _store_list(tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None) -> None:
    ids = await ids_of_slugs(tx, [record.product_slug, *record.related_product_slugs])
    if record.product_slug not in ids:
        raise InvalidRelation("no product has this slug", path="product_slug")
    for number, slug in enumerate(record.related_product_slugs):
        if slug not in ids:
            path = f"related_product_slugs[{number}]"
            raise InvalidRelation("no product has this slug", path=path)
    await put_related_product_list(
        tx,
        ids[record.product_slug],
        RELATIONS.decode(record.relation),
        [ids[slug] for slug in record.related_product_slugs],
        actor_id=actor_id,
    )


async def _relation_rules(
    read: Read, context: CatalogContext, after: Position | None, size: int
) -> list[Placed]:
    found = []
    for row in await list_relation_rules(read, after=first_of(after), size=size):
        record = related_pb2.PutRelationRuleRequest(code=row.code)
        copy_fields(encode_rule(row, context.tree), record.rule)
        record.rule.inactive = not row.is_active
        found.append(Placed((row.code,), record))
    return found


async def _store_relation_rule(
    tx: Tx, context: CatalogContext, record: Any, actor_id: UUID | None
) -> None:
    rule = decode_rule(record.code, record.rule, context.tree)
    await put_relation_rule(tx, rule, actor_id=actor_id)


async def variant_id_of(read: Read, sku: str) -> UUID | None:
    """Returns the variant of a SKU, or None."""
    found: UUID | None = await read.one(_VARIANT_ID, sku=sku) if sku.isprintable() else None
    return found


def of_sku(record: Any) -> Position:
    """Returns the identity of a record that its SKU names."""
    return "sku", record.sku


BUNDLES: Final = SettingKind(
    bundles_pb2.PutBundleRequest, of_sku, _bundles, _bundle_state, _store_bundle
)
STOCK_POLICIES: Final = SettingKind(
    stock_admin_pb2.PutStockPolicyRequest, of_sku, _policies, _policy_state, _store_policy
)
RELATED_PRODUCTS: Final = SettingKind(
    pb.RelatedProductsRecord,
    lambda record: ("product_slug", str(record.relation), record.product_slug),
    _lists,
    _list_state,
    _store_list,
    position_length=2,
)
RELATION_RULES: Final = SettingKind(
    related_pb2.PutRelationRuleRequest,
    of_code,
    _relation_rules,
    row_of(RelationRule, "code"),
    _store_relation_rule,
)
