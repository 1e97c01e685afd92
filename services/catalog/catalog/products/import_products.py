"""Import of products: one transaction a batch, repeatable by (source, external id).

The number of statements does not depend on the size of the batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy import BigInteger, bindparam, delete, func, literal, not_, update
from sqlmodel import col, select

from catalog.categories.import_categories import add_at_root
from catalog.categories.model import CategoryTree, tree
from catalog.channels.model import Channels
from catalog.errors import InvalidImport
from catalog.listings.publish import announce, publish
from catalog.prices import model as prices
from catalog.prices.model import Price
from catalog.products import model as products
from catalog.products.drafts import (
    Draft,
    DraftVariant,
    digest_of,
    draft_of,
    identity_of,
    refuse,
    require_sold,
)
from catalog.products.model import Product, ProductExternalId, Variant
from catalog.slugs import distinct
from catalog.stock.ledger import open_levels
from catalog.warehouses.model import default_warehouse, keep_warehouses
from chassis.data.audit import record_audit
from chassis.data.rows import columns_of
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from sojourn.catalog.v1 import catalog_pb2 as pb

MOST_PRODUCTS: Final = 500
# One batch at a time: two that met the same slug or SKU would otherwise block or refuse each other.
_LOCK: Final = 0x43_41_49_4D
_TAKE_LOCK: Final = prepare(select(func.pg_advisory_xact_lock(literal(_LOCK, BigInteger()))))
_KNOWN: Final = prepare(
    select(ProductExternalId.external_id, Product.id, Product.content_digest, Product.slug)
    .select_from(ProductExternalId)
    .join(Product, col(Product.id) == col(ProductExternalId.product_id))
    .where(
        col(ProductExternalId.source) == bindparam("source"),
        one_of(ProductExternalId.external_id, "external_ids"),
    )
)
_SLUG_HOLDERS: Final = prepare(
    select(Product.slug, Product.id).where(one_of(Product.slug, "slugs"))
)
_SKU_HOLDERS: Final = prepare(
    select(Variant.sku, Variant.id, Variant.product_id).where(one_of(Variant.sku, "skus"))
)
_WRITTEN_OVER: Final = tuple(
    name for name in columns_of(Product) if name not in ("id", "created_at")
)
_RETIRE: Final = prepare(
    update(Variant)
    .where(
        one_of(Variant.product_id, "product_ids"),
        col(Variant.is_active),
        not_(one_of(Variant.id, "kept")),
    )
    .values(is_active=False)
)
_DROP_PRICES: Final = prepare(
    delete(Price).where(
        one_of(Price.price_list, "lists"),
        col(Price.variant_id).in_(
            select(Variant.id).where(one_of(Variant.product_id, "product_ids"))
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a batch. `product_ids` are in the order of the input."""

    created: int
    updated: int
    unchanged: int
    product_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class _Known:
    """A product that the source named before."""

    product_id: UUID
    digest: bytes
    slug: str


async def import_products(
    tx: Tx,
    channels: Channels,
    source: str,
    inputs: Sequence[pb.ProductInput],
    *,
    actor_id: UUID | None = None,
    first_line: int = 1,
) -> Outcome:
    """Creates or replaces products and publishes them.

    What is the same as before is not touched.

    Raises InvalidImport with the line (from `first_line`) and the field; the transaction must then
    end.
    """
    if (
        not source
        or not source.isprintable()
        or len(source) > 100
        or not 0 < len(inputs) <= MOST_PRODUCTS
    ):
        raise InvalidImport(
            f"needs a source and 1 to {MOST_PRODUCTS} products",
            line=0,
            field="source" if not source else "products",
        )
    identities = [identity_of(given) for given in inputs]
    _refuse_doubles(identities, first_line)
    await tx.one(_TAKE_LOCK)
    known = await _known(tx, source, identities)
    digests = [digest_of(given) for given in inputs]
    changed = [
        (line, draft_of(given, line=line, digest=digest))
        for line, (given, identity, digest) in enumerate(
            zip(inputs, identities, digests, strict=True), first_line
        )
        if identity not in known or known[identity].digest != digest
    ]
    currencies = {currency for channel in channels.all for currency in channel.currencies}
    for line, draft in changed:
        require_sold(draft, line=line, currencies=currencies)
    drafts = [draft for _, draft in changed]
    ids = {identity: before.product_id for identity, before in known.items()}
    ids.update({draft.external_id: uuid7() for draft in drafts if draft.external_id not in known})
    created = len(ids) - len(known)
    outcome = Outcome(
        created,
        len(drafts) - created,
        len(inputs) - len(drafts),
        [ids[identity] for identity in identities],
    )
    if drafts:
        await _store(tx, channels, source, drafts, known, ids)
        counts = {
            "created": outcome.created,
            "updated": outcome.updated,
            "unchanged": outcome.unchanged,
        }
        record_audit(tx, actor_id, "import_products", f"source:{source}", after=counts)
    return outcome


def _refuse_doubles(identities: Sequence[str], first_line: int) -> None:
    lines: dict[str, int] = {}
    for line, identity in enumerate(identities, first_line):
        if identity in lines:
            refuse(line, "external_id", f"is on line {lines[identity]} too")
        lines[identity] = line


async def _known(tx: Tx, source: str, external_ids: Sequence[str]) -> dict[str, _Known]:
    records = await tx.all(_KNOWN, source=source, external_ids=list(external_ids))
    return {external_id: _Known(*rest) for external_id, *rest in records}


async def _store(
    tx: Tx,
    channels: Channels,
    source: str,
    drafts: Sequence[Draft],
    known: Mapping[str, _Known],
    ids: Mapping[str, UUID],
) -> None:
    changed = sorted(ids[draft.external_id] for draft in drafts)
    variants = await _variant_ids(tx, drafts, ids)
    # Stock before products: the order in which reservations lock them.
    await _store_stock(tx, drafts, variants)
    versions = await products.lock_products(tx, changed)
    categories = await _categories(tx, channels, drafts)
    slugs = await _slugs(tx, channels.default.locales[0], source, drafts, known, ids)
    try:
        rows = [
            _product(tx, draft, ids[draft.external_id], versions, slugs, categories)
            for draft in drafts
        ]
        await tx.upsert_many(Product, rows, update=_WRITTEN_OVER)
        fresh = [draft.external_id for draft in drafts if draft.external_id not in known]
        named = [
            ProductExternalId(source=source, external_id=external_id, product_id=ids[external_id])
            for external_id in fresh
        ]
        await tx.upsert_many(ProductExternalId, named)
        sold = [
            _variant(variant, position, ids[draft.external_id], variants[variant.sku])
            for draft in drafts
            for position, variant in enumerate(draft.variants)
        ]
        await tx.upsert_many(Variant, sold)
    except psycopg.errors.UniqueViolation as error:
        raise InvalidImport(
            "products exchange slugs or SKUs; import them one after the other", line=0, field="slug"
        ) from error
    # Prices of lists that no channel calls its own, and that the import does not name, are staff's.
    own = {channel.price_list for channel in channels.all}
    priced = {
        price.price_list or channels.default.price_list
        for draft in drafts
        for variant in draft.variants
        for price in variant.prices
    }
    await _retire(
        tx,
        own | priced,
        [known[draft.external_id].product_id for draft in drafts if draft.external_id in known],
        variants.values(),
    )
    await _store_prices(tx, channels, drafts, variants)
    await products.tell_indexes(tx, changed)
    published = await publish(tx, channels, changed)
    await announce(tx, categories, published)


async def _categories(tx: Tx, channels: Channels, drafts: Sequence[Draft]) -> CategoryTree:
    known = await tree(tx)
    missing = {
        draft.category_slug for draft in drafts if draft.category_slug
    } - known.by_slug.keys()
    if not missing:
        return known
    return await add_at_root(tx, sorted(missing), locale=channels.default.locales[0])


async def _slugs(
    tx: Tx,
    locale: str,
    source: str,
    drafts: Sequence[Draft],
    known: Mapping[str, _Known],
    ids: Mapping[str, UUID],
) -> dict[UUID, str]:
    """Returns slugs by product: the given one, else the present one, else one from the title."""
    kept = {external_id: before.slug for external_id, before in known.items()}
    proposed = [
        draft.slug or kept.get(draft.external_id) or draft.slug_in(locale) for draft in drafts
    ]
    holders: dict[str, UUID] = dict(await tx.all(_SLUG_HOLDERS, slugs=proposed))
    slugs: dict[UUID, str] = {}
    for draft, slug in zip(drafts, proposed, strict=True):
        product_id = ids[draft.external_id]
        if holders.get(slug, product_id) != product_id:
            if draft.slug:
                refuse(draft.line, "slug", "another product has it")
            slug = distinct(slug, f"{source}/{draft.external_id}")
        holders[slug] = product_id
        slugs[product_id] = slug
    return slugs


async def _variant_ids(tx: Tx, drafts: Sequence[Draft], ids: Mapping[str, UUID]) -> dict[str, UUID]:
    """Variant id by SKU, new ones included. A SKU stays with its product."""
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    there = {
        sku: (variant_id, product_id)
        for sku, variant_id, product_id in await tx.all(_SKU_HOLDERS, skus=skus)
    }
    found: dict[str, UUID] = {}
    for draft in drafts:
        for number, variant in enumerate(draft.variants):
            variant_id, holder = there.get(variant.sku) or (uuid7(), ids[draft.external_id])
            if variant.sku in found or holder != ids[draft.external_id]:
                refuse(draft.line, f"variants[{number}].sku", "another product has it")
            found[variant.sku] = variant_id
    return found


def _product(
    tx: Tx,
    draft: Draft,
    product_id: UUID,
    versions: Mapping[UUID, int],
    slugs: Mapping[UUID, str],
    categories: CategoryTree,
) -> Product:
    return Product(
        id=product_id,
        slug=slugs[product_id],
        category_id=categories.by_slug[draft.category_slug].id if draft.category_slug else None,
        brand=draft.brand,
        title=draft.title,
        description=draft.description,
        images=draft.images,
        options=draft.options,
        attributes=draft.attributes,
        tags=draft.tags,
        seo_title=draft.seo_title,
        seo_description=draft.seo_description,
        is_published=draft.is_published,
        is_synthetic=draft.is_synthetic,
        content_digest=draft.digest,
        version=versions.get(product_id, 0) + 1,
        created_at=tx.now,
        updated_at=tx.now,
    )


def _variant(draft: DraftVariant, position: int, product_id: UUID, variant_id: UUID) -> Variant:
    return Variant(
        id=variant_id,
        product_id=product_id,
        sku=draft.sku,
        options=draft.options,
        position=position,
        weight_grams=draft.weight_grams,
        tax_class=draft.tax_class,
        barcode=draft.barcode,
        unit_code=draft.unit_code,
        scale=draft.scale,
        increment=draft.increment,
        is_active=True,
    )


async def _retire(
    tx: Tx, lists: Iterable[str], updated: Sequence[UUID], kept: Iterable[UUID]
) -> None:
    if updated:
        await tx.execute(_RETIRE, product_ids=list(updated), kept=list(kept))
        await tx.execute(_DROP_PRICES, lists=sorted(lists), product_ids=list(updated))


async def _store_prices(
    tx: Tx, channels: Channels, drafts: Sequence[Draft], variants: Mapping[str, UUID]
) -> None:
    lists = await prices.price_lists(tx)
    rows: list[Price] = []
    for draft in drafts:
        for number, variant in enumerate(draft.variants):
            for price in variant.prices:
                code = price.price_list or channels.default.price_list
                if code not in lists:
                    refuse(draft.line, f"variants[{number}].prices.price_list", "is not known")
                row = Price(
                    variant_id=variants[variant.sku],
                    price_list=code,
                    currency=price.currency,
                    amount_minor=price.amount_minor,
                    compare_at_minor=price.compare_at_minor,
                )
                rows.append(row)
    await tx.upsert_many(Price, rows)


async def _store_stock(tx: Tx, drafts: Sequence[Draft], variants: Mapping[str, UUID]) -> None:
    default = (await default_warehouse(tx)).code
    named = {code or default for draft in drafts for each in draft.variants for code in each.stock}
    warehouses = await keep_warehouses(tx, named)
    counts: dict[tuple[UUID, str], int] = {}
    for draft in drafts:
        for number, variant in enumerate(draft.variants):
            for code, count in variant.stock.items():
                if code and code not in warehouses:
                    refuse(
                        draft.line,
                        f"variants[{number}].initial_stock[{code!r}]",
                        "is not a warehouse",
                    )
                counts.setdefault((variants[variant.sku], code or default), count)
    await open_levels(tx, counts)
