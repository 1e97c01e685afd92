"""Importing products: one batch in one transaction, repeatable by (source, external id), in a handful of statements whatever its size."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from pydantic_core import to_json

from catalog import categorizing, prices, products, publishing
from catalog.auditing import audit
from catalog.categories import CategoryTree, tree
from catalog.channels import Channels
from catalog.drafts import Draft, digest_of, draft_of, identity_of, refuse
from catalog.errors import InvalidImport
from catalog.slugs import distinct
from catalog.stock import Warehouse
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from sojourn.catalog.v1 import catalog_pb2 as pb

MOST_PRODUCTS: Final = 500
# One batch at a time: two that met the same slug or SKU would otherwise block or refuse each other.
_LOCK: Final = 0x43_41_49_4D


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch did. `product_ids` are in the order of the input."""

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
    tx: Tx, channels: Channels, source: str, inputs: Sequence[pb.ProductInput], *, actor_id: UUID | None = None, first_line: int = 1
) -> Outcome:
    """Creates or replaces products and publishes them. What is the same as before is not touched.

    Raises InvalidImport with the line (from `first_line`) and the field; the transaction must then end.
    """
    if not source or not source.isprintable() or len(source) > 100 or not 0 < len(inputs) <= MOST_PRODUCTS:
        raise InvalidImport(f"needs a source and 1 to {MOST_PRODUCTS} products", line=0, field="source" if not source else "products")
    identities = [identity_of(given) for given in inputs]
    _refuse_doubles(identities, first_line)
    await tx.fetch("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    known = await _known(tx, source, identities)
    digests = [digest_of(given) for given in inputs]
    drafts = [
        draft_of(given, line=line, digest=digest)
        for line, (given, identity, digest) in enumerate(zip(inputs, identities, digests, strict=True), first_line)
        if identity not in known or known[identity].digest != digest
    ]
    ids = {identity: before.product_id for identity, before in known.items()}
    ids.update({draft.external_id: uuid7() for draft in drafts if draft.external_id not in known})
    created = len(ids) - len(known)
    outcome = Outcome(created, len(drafts) - created, len(inputs) - len(drafts), [ids[identity] for identity in identities])
    if drafts:
        await _store(tx, channels, source, drafts, known, ids)
        counts = {"created": outcome.created, "updated": outcome.updated, "unchanged": outcome.unchanged}
        await audit(tx, actor_id, "import_products", f"source:{source}", after=counts)
    return outcome


def _refuse_doubles(identities: Sequence[str], first_line: int) -> None:
    lines: dict[str, int] = {}
    for line, identity in enumerate(identities, first_line):
        if identity in lines:
            refuse(line, "external_id", f"is on line {lines[identity]} too")
        lines[identity] = line


async def _known(tx: Tx, source: str, external_ids: Sequence[str]) -> dict[str, _Known]:
    records = await tx.fetch(
        "SELECT x.external_id, p.id, p.content_digest, p.slug FROM product_external_id x JOIN product p ON p.id = x.product_id"
        " WHERE x.source = %s AND x.external_id = ANY(%s)",
        [source, list(external_ids)],
    )
    return {external_id: _Known(product_id, bytes(digest), slug) for external_id, product_id, digest, slug in records}


async def _store(
    tx: Tx, channels: Channels, source: str, drafts: Sequence[Draft], known: Mapping[str, _Known], ids: Mapping[str, UUID]
) -> None:
    changed = sorted(ids[draft.external_id] for draft in drafts)
    variants = await _variant_ids(tx, drafts, ids)
    # Stock before products: the order in which reservations lock them.
    await _store_stock(tx, drafts, variants)
    await products.lock_products(tx, changed)
    categories = await _categories(tx, channels, drafts)
    slugs = await _slugs(tx, channels.default.locales[0], source, drafts, known, ids)
    try:
        await _upsert(tx, _PRODUCTS, [_product_row(tx, draft, ids[draft.external_id], slugs, categories) for draft in drafts])
        fresh = [[source, draft.external_id, ids[draft.external_id]] for draft in drafts if draft.external_id not in known]
        await _upsert(tx, _EXTERNAL_IDS, fresh)
        await _upsert(tx, _VARIANTS, _variant_rows(drafts, ids, variants))
    except psycopg.errors.UniqueViolation as error:
        raise InvalidImport("products exchange slugs or SKUs; import them one after the other", line=0, field="slug") from error
    await _retire(tx, [known[draft.external_id].product_id for draft in drafts if draft.external_id in known], variants.values())
    await _store_prices(tx, channels, drafts, variants)
    await products.tell_indexes(tx, changed)
    published = await publishing.publish(tx, channels, changed)
    await publishing.announce(tx, categories, published)


async def _categories(tx: Tx, channels: Channels, drafts: Sequence[Draft]) -> CategoryTree:
    known = await tree(tx)
    missing = {draft.category_slug for draft in drafts if draft.category_slug} - known.by_slug.keys()
    if not missing:
        return known
    return await categorizing.add_at_root(tx, sorted(missing), locale=channels.default.locales[0])


async def _slugs(
    tx: Tx, locale: str, source: str, drafts: Sequence[Draft], known: Mapping[str, _Known], ids: Mapping[str, UUID]
) -> dict[UUID, str]:
    """URL part by product: the one given, else the one that it has, else one made from the title that nobody has."""
    kept = {external_id: before.slug for external_id, before in known.items()}
    proposed = [draft.slug or kept.get(draft.external_id) or draft.slug_in(locale) for draft in drafts]
    holders: dict[str, UUID] = dict(await tx.fetch("SELECT slug, id FROM product WHERE slug = ANY(%s)", [proposed]))
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
    records = await tx.fetch("SELECT sku, id, product_id FROM variant WHERE sku = ANY(%s)", [skus])
    there = {sku: (variant_id, product_id) for sku, variant_id, product_id in records}
    found: dict[str, UUID] = {}
    for draft in drafts:
        for number, variant in enumerate(draft.variants):
            variant_id, holder = there.get(variant.sku) or (uuid7(), ids[draft.external_id])
            if variant.sku in found or holder != ids[draft.external_id]:
                refuse(draft.line, f"variants[{number}].sku", "another product has it")
            found[variant.sku] = variant_id
    return found


def _product_row(tx: Tx, draft: Draft, product_id: UUID, slugs: Mapping[UUID, str], categories: CategoryTree) -> list[Any]:
    category = categories.by_slug[draft.category_slug].id if draft.category_slug else None
    documents = (draft.title, draft.description, draft.images, draft.options, draft.attributes, draft.tags)
    return [
        product_id, slugs[product_id], category, draft.brand, *(to_json(document).decode() for document in documents),
        draft.seo_title, draft.seo_description, draft.is_published, draft.is_synthetic, draft.digest, tx.now,
    ]  # fmt: skip


def _variant_rows(drafts: Sequence[Draft], ids: Mapping[str, UUID], variants: Mapping[str, UUID]) -> list[list[Any]]:
    return [
        [
            variants[variant.sku], ids[draft.external_id], variant.sku, to_json(variant.options).decode(), position, variant.weight_grams,
            variant.tax_class, variant.barcode, variant.unit_code, variant.scale, variant.increment,
        ]
        for draft in drafts
        for position, variant in enumerate(draft.variants)
    ]  # fmt: skip


async def _retire(tx: Tx, updated: Sequence[UUID], kept: Iterable[UUID]) -> None:
    if updated:
        await tx.run(
            "UPDATE variant SET is_active = FALSE WHERE product_id = ANY(%s) AND is_active AND NOT id = ANY(%s)",
            [list(updated), list(kept)],
        )
        await tx.run("DELETE FROM price WHERE variant_id IN (SELECT id FROM variant WHERE product_id = ANY(%s))", [list(updated)])


async def _store_prices(tx: Tx, channels: Channels, drafts: Sequence[Draft], variants: Mapping[str, UUID]) -> None:
    lists = await prices.price_lists(tx)
    rows: list[list[Any]] = []
    for draft in drafts:
        for number, variant in enumerate(draft.variants):
            for price in variant.prices:
                code = price.price_list or channels.default.price_list
                if code not in lists:
                    refuse(draft.line, f"variants[{number}].prices.price_list", "is not known")
                rows.append([variants[variant.sku], code, price.currency, price.amount_minor, price.compare_at_minor])
    await _upsert(tx, _PRICES, rows)


async def _store_stock(tx: Tx, drafts: Sequence[Draft], variants: Mapping[str, UUID]) -> None:
    warehouses = {found.code: found for found in await tx.find(Warehouse)}
    default = next(found.code for found in warehouses.values() if found.is_default)
    rows: list[list[Any]] = []
    for draft in drafts:
        for number, variant in enumerate(draft.variants):
            for code, count in variant.stock.items():
                if code and code not in warehouses:
                    refuse(draft.line, f"variants[{number}].initial_stock[{code!r}]", "is not a warehouse")
                rows.append([variants[variant.sku], code or default, count])
    await _upsert(tx, _STOCK, sorted(rows))


async def _upsert(tx: Tx, statement: Any, rows: Sequence[Sequence[Any]]) -> None:
    """One statement for all rows, which travel as one array per column."""
    if rows:
        await tx.run(statement, [list(column) for column in zip(*rows, strict=True)])


_PRODUCTS: Final = (
    "INSERT INTO product (id, slug, category_id, brand, title, description, images, options, attributes, tags, seo_title, seo_description,"
    " is_published, is_synthetic, content_digest, version, created_at, updated_at)"
    " SELECT id, slug, category_id, brand, title::jsonb, description::jsonb, images::jsonb, options::jsonb, attributes::jsonb, tags::jsonb,"
    " seo_title, seo_description, is_published, is_synthetic, content_digest, 1, now, now"
    " FROM unnest(%b::uuid[], %b::text[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],"
    " %b::text[], %b::text[], %b::boolean[], %b::boolean[], %b::bytea[], %b::timestamptz[])"
    " AS p (id, slug, category_id, brand, title, description, images, options, attributes, tags, seo_title, seo_description,"
    " is_published, is_synthetic, content_digest, now)"
    " ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, category_id = excluded.category_id, brand = excluded.brand,"
    " title = excluded.title, description = excluded.description, images = excluded.images, options = excluded.options,"
    " attributes = excluded.attributes, tags = excluded.tags, seo_title = excluded.seo_title, seo_description = excluded.seo_description,"
    " is_published = excluded.is_published, is_synthetic = excluded.is_synthetic, content_digest = excluded.content_digest,"
    " version = product.version + 1, updated_at = excluded.updated_at"
)
_EXTERNAL_IDS: Final = (
    "INSERT INTO product_external_id (source, external_id, product_id) SELECT * FROM unnest(%b::text[], %b::text[], %b::uuid[])"
)
_VARIANTS: Final = (
    "INSERT INTO variant (id, product_id, sku, options, position, weight_grams, tax_class, barcode, unit_code, scale, increment, is_active)"
    " SELECT id, product_id, sku, options::jsonb, position, weight_grams, tax_class, barcode, unit_code, scale, increment, TRUE"
    " FROM unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::int[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::int[],"
    " %b::bigint[]) AS v (id, product_id, sku, options, position, weight_grams, tax_class, barcode, unit_code, scale, increment)"
    " ON CONFLICT (id) DO UPDATE SET options = excluded.options, position = excluded.position, weight_grams = excluded.weight_grams,"
    " tax_class = excluded.tax_class, barcode = excluded.barcode, unit_code = excluded.unit_code, scale = excluded.scale,"
    " increment = excluded.increment, is_active = TRUE"
)
_PRICES: Final = (
    "INSERT INTO price (variant_id, price_list, currency, amount_minor, compare_at_minor)"
    " SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::bigint[], %b::bigint[])"
)
_STOCK: Final = (
    "INSERT INTO stock_level (variant_id, warehouse, on_hand, reserved)"
    " SELECT variant_id, warehouse, on_hand, 0 FROM unnest(%b::uuid[], %b::text[], %b::bigint[]) AS s (variant_id, warehouse, on_hand)"
    " ON CONFLICT (variant_id, warehouse) DO NOTHING"
)
