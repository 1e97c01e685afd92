"""Categories: create, change, order and delete them, one transaction at a time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import bindparam, func, update
from sqlmodel import col, select

from catalog import events
from catalog.categories.import_categories import MOST_CATEGORIES, MOST_LEVELS, with_paths
from catalog.categories.model import Category, CategoryTree, lock_tree, tree
from catalog.channels.model import LOCALE, all_channels
from catalog.errors import (
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
    InvalidCategory,
    SlugTaken,
)
from catalog.listings.publish import announce, publish
from catalog.products import model as products
from catalog.products.model import Product
from catalog.products.own_data import with_own_data
from catalog.products.plain_text import line_of
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import forget_names, record_former_slugs, require_free_name
from catalog.slugs import is_slug
from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7

# In one transaction; more are reassigned by filters of the products' list.
MOST_REASSIGNED: Final = 5_000
FIELDS: Final = ("slug", "name", "parent_slug", "position", "metadata")
_PRODUCTS_IN: Final = prepare(
    select(Product.id)
    .where(col(Product.category_id) == bindparam("category_id"), col(Product.deleted_at).is_(None))
    .order_by(col(Product.id))
    .limit(MOST_REASSIGNED + 1)
)
_COUNT: Final = prepare(
    select(func.count())
    .select_from(Product)
    .where(col(Product.category_id) == bindparam("category_id"), col(Product.deleted_at).is_(None))
)
_REASSIGN: Final = prepare(
    update(Product)
    .where(col(Product.category_id) == bindparam("of_category"))
    .values(category_id=bindparam("to_category"))
)


async def create_category(
    tx: Tx,
    slug: str,
    name: Mapping[str, str],
    parent_slug: str,
    *,
    metadata: Mapping[str, Any] | None = None,
    actor_id: UUID | None = None,
) -> Category:
    """Creates a category at the end of its siblings. Raises InvalidCategory, SlugTaken."""
    before = await lock_tree(tx)
    _require_slug(before, slug)
    await require_free_name(tx, SeoKind.CATEGORY, slug, None)
    if len(before.by_id) >= MOST_CATEGORIES:
        raise InvalidCategory(f"there are at most {MOST_CATEGORIES}", path="slug")
    parent = _parent(before, parent_slug)
    siblings = before.children_of(parent)
    category = Category(
        id=uuid7(),
        slug=slug,
        name=_names(name),
        parent_id=parent.id if parent else None,
        position=max((each.position for each in siblings), default=-1) + 1,
        path=f"{parent.path}/{slug}" if parent else slug,
        **with_own_data({"metadata": metadata}, {}, InvalidCategory),
    )
    _require_levels(category)
    await tx.insert(category)
    await tx.emit(events.category_changed(category), key=category.id)
    after: dict[str, Any] = {"slug": slug, "name": category.name, "parent_slug": parent_slug}
    record_audit(tx, actor_id, "create_category", subject_of(category), after=after)
    return category


async def update_category(
    tx: Tx,
    category_id: UUID,
    values: Mapping[str, Any],
    *,
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> Category:
    """Changes fields of a category; with another parent, its branch goes along.

    `metadata` merges as a JSON merge patch; an empty one clears it.

    Raises CategoryNotFound, InvalidCategory, CategoryCycle, SlugTaken, VersionMismatch.
    """
    before = await lock_tree(tx)
    category = _find(before, category_id, expected_version)
    changed = category.copy_row()
    if "slug" in values and values["slug"] != category.slug:
        _require_slug(before, values["slug"])
        await require_free_name(tx, SeoKind.CATEGORY, values["slug"], category_id)
        await record_former_slugs(tx, SeoKind.CATEGORY, [(category_id, category.slug)])
        changed.slug = values["slug"]
    if "name" in values:
        given = values["name"]
        changed.name = _names({**category.name, **given} if given else {})
    if "parent_slug" in values:
        parent = _parent(before, values["parent_slug"])
        _require_no_cycle(before, category, parent)
        changed.parent_id = parent.id if parent else None
    if "position" in values:
        changed.position = values["position"]
    if "metadata" in values:
        given = {"metadata": values["metadata"]}
        changed.own_data = with_own_data(given, category.own_data, InvalidCategory)["own_data"]
    if changed == category:
        return category
    after = await _store(tx, before, {category_id: changed})
    told = [name for name in FIELDS if name in values]
    record_audit(
        tx,
        actor_id,
        "update_category",
        subject_of(category),
        before=_told(before, category, told),
        after=_told(after, after.by_id[category_id], told),
    )
    return after.by_id[category_id]


async def reorder_categories(
    tx: Tx, parent_slug: str, slugs: Sequence[str], *, actor_id: UUID | None = None
) -> list[Category]:
    """Puts siblings in an order; those that it does not name follow. Raises CategoryNotFound."""
    before = await lock_tree(tx)
    parent = before.get(parent_slug) if parent_slug else None
    siblings = before.children_of(parent)
    by_slug = {each.slug: each for each in siblings}
    for slug in slugs:
        if slug not in by_slug:
            raise CategoryNotFound(slug=slug[:80])
    named = set(slugs)
    order = [*(by_slug[slug] for slug in slugs), *(s for s in siblings if s.slug not in named)]
    moved = {
        each.id: each.copy_row(position=position)
        for position, each in enumerate(order)
        if each.position != position
    }
    if not moved:
        return order
    after = await _store(tx, before, moved)
    told: dict[str, Any] = {"slugs": [each.slug for each in order]}
    record_audit(tx, actor_id, "reorder_categories", f"children:{parent_slug}", after=told)
    return after.children_of(after.by_id[parent.id] if parent else None)


async def delete_category(
    tx: Tx,
    category_id: UUID,
    *,
    reassign_to: str = "",
    expected_version: int = 0,
    actor_id: UUID | None = None,
) -> None:
    """Deletes an empty category; with `reassign_to`, after its products and children went there.

    Raises CategoryNotFound, CategoryCycle, CategoryInUse, VersionMismatch.
    """
    before = await lock_tree(tx)
    category = _find(before, category_id, expected_version)
    target = before.get(reassign_to) if reassign_to else None
    children = before.children_of(category)
    count = await tx.one(_COUNT, category_id=category_id) or 0
    if target is None and (children or count):
        raise CategoryInUse(
            "it has products or children: name a category that gets them",
            products=count,
            children=len(children),
        )
    if target is not None:
        _require_no_cycle(before, category, target)
        if count > MOST_REASSIGNED:
            raise CategoryInUse(
                f"at most {MOST_REASSIGNED} products are reassigned at once", products=count
            )
        moved = {each.id: each.copy_row(parent_id=target.id) for each in children}
        if moved:
            before = await _store(tx, before, moved)
        await _reassign(tx, before, category, before.by_id[target.id])
    archived = "UPDATE product SET category_id = NULL WHERE category_id = %s"
    await tx.run(f"{archived} AND deleted_at IS NOT NULL", [category_id])
    try:
        await tx.delete(category)
    except psycopg.errors.ForeignKeyViolation:
        raise CategoryInUse("a product or a category came into it meanwhile") from None
    await forget_names(tx, SeoKind.CATEGORY, category_id)
    await tx.emit(events.category_deleted(category), key=category.id)
    told: dict[str, Any] = {"slug": category.slug, "name": category.name, "products": count}
    after = {"reassigned_to": reassign_to} if reassign_to else None
    record_audit(tx, actor_id, "delete_category", subject_of(category), before=told, after=after)


def subject_of(category: Category) -> str:
    """Returns the name of a category in audit rows."""
    return f"category:{category.id}"


async def _reassign(tx: Tx, known: CategoryTree, category: Category, target: Category) -> None:
    product_ids = await tx.all(_PRODUCTS_IN, category_id=category.id)
    if not product_ids:
        return
    await products.lock_products(tx, product_ids)
    await tx.execute(_REASSIGN, of_category=category.id, to_category=target.id)
    await products.raise_versions(tx, product_ids)
    published = await publish(tx, await all_channels(tx), product_ids)
    await announce(tx, known, published)


async def _store(tx: Tx, before: CategoryTree, changed: Mapping[UUID, Category]) -> CategoryTree:
    """Writes categories, and the paths of all below them. Returns the tree with them."""
    wanted = [changed.get(each.id, each) for each in before.by_id.values()]
    for category in with_paths(CategoryTree(before.version, wanted)):
        if category != before.by_id[category.id]:
            _require_levels(category)
            await tx.update(category)
            await tx.emit(events.category_changed(category), key=category.id)
    return await tree(tx)


def _find(known: CategoryTree, category_id: UUID, expected_version: int) -> Category:
    category = known.by_id.get(category_id)
    if category is None:
        raise CategoryNotFound(category_id=category_id)
    if expected_version not in (0, category.version):
        raise VersionMismatch("the category changed meanwhile", version=category.version)
    return category


def _parent(known: CategoryTree, slug: str) -> Category | None:
    if slug and slug not in known.by_slug:
        raise InvalidCategory("no category has this slug", path="parent_slug")
    return known.by_slug[slug] if slug else None


def _require_slug(known: CategoryTree, slug: str) -> None:
    if not is_slug(slug):
        said = "must be lower-case letters, digits and single hyphens"
        raise InvalidCategory(f"slug: {said}", path="slug")
    if slug in known.by_slug:
        raise SlugTaken("another category has this slug", path="slug", id=known.by_slug[slug].id)


def _require_no_cycle(known: CategoryTree, category: Category, parent: Category | None) -> None:
    way = known.way_to(parent.id) if parent else []
    slugs = [each.slug for each in way]
    if category.slug in slugs:
        cycle = [*slugs[slugs.index(category.slug) :], category.slug]
        raise CategoryCycle(
            "a category cannot be below itself", path="parent_slug", cycle=" > ".join(cycle)
        )


def _require_levels(category: Category) -> None:
    if category.path.count("/") >= MOST_LEVELS:
        said = f"a tree has at most {MOST_LEVELS} levels"
        raise InvalidCategory(said, path="parent_slug", most=MOST_LEVELS)


def _names(given: Mapping[str, str]) -> dict[str, str]:
    for locale in given:
        if not LOCALE.fullmatch(locale):
            raise InvalidCategory("is not a BCP 47 language tag", path=f"name[{locale[:20]!r}]")
    names = {locale: text for locale in sorted(given) if (text := line_of(given[locale]))}
    if not names:
        raise InvalidCategory("a category has a name in at least one language", path="name")
    return names


def _told(known: CategoryTree, category: Category, names: Sequence[str]) -> dict[str, Any]:
    parent = known.by_id.get(category.parent_id) if category.parent_id else None
    values = {
        "slug": category.slug,
        "name": category.name,
        "parent_slug": parent.slug if parent else "",
        "position": category.position,
        "metadata": category.own_data,
    }
    return {name: values[name] for name in names}
