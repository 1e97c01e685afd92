"""Categorizing: changing the category tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog import events
from catalog.categories.model import Category, CategoryTree, lock_tree, tree
from catalog.errors import InvalidImport
from catalog.product_content.texts import texts_of
from catalog.products.own_data import document_of, require_bounded
from catalog.products.plain_text import line_of
from catalog.products.refusals import refuse, require_at_most
from catalog.seo.model import SeoKind
from catalog.seo.slug_names import current_holders
from catalog.slugs import is_slug
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from sojourn.catalog.v1 import catalog_pb2 as pb

MOST_CATEGORIES: Final = 5_000
MOST_LEVELS: Final = 12
MOST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of an import of categories."""

    created: int
    updated: int


async def import_categories(
    tx: Tx,
    inputs: Sequence[pb.CategoryInput],
    *,
    actor_id: UUID | None = None,
    lines: Sequence[int] = (),
) -> Outcome:
    """Creates or replaces categories by slug, parents first.

    What is the same as before is not touched.

    Raises InvalidImport with the line (of `lines`, or from 1) and the field; the transaction must
    then end.
    """
    if not 0 < len(inputs) <= MOST_CATEGORIES:
        raise InvalidImport(f"needs 1 to {MOST_CATEGORIES} categories", line=0, field="categories")
    before = await lock_tree(tx)
    after = dict(before.by_slug)
    for line, given in zip(lines or range(1, len(inputs) + 1), inputs, strict=True):
        after[given.slug] = _category(given, line, after)
    repathed = with_paths(CategoryTree(before.version, after.values()))
    created = [category for category in repathed if category.id not in before.by_id]
    updated = [
        category
        for category in repathed
        if category.id in before.by_id and category != before.by_id[category.id]
    ]
    taken = await current_holders(tx, SeoKind.CATEGORY, [each.slug for each in created])
    for line, given in enumerate(inputs, 1):
        if given.slug in taken and given.slug not in before.by_slug:
            refuse(line, "slug", "another category has it in a language")
    await tx.insert(*created)
    for category in updated:
        await tx.update(category)
    await _announce(tx, [*created, *updated])
    record_audit(
        tx,
        actor_id,
        "import_categories",
        "categories",
        after={"created": len(created), "updated": len(updated)},
    )
    return Outcome(len(created), len(updated))


def _category(given: pb.CategoryInput, line: int, known: dict[str, Category]) -> Category:
    if not is_slug(given.slug):
        refuse(line, "slug", "must be lower-case letters, digits and single hyphens")
    name = {
        locale: text
        for locale, each in texts_of(given.name, line, "name").items()
        if (text := line_of(each))
    }
    for locale, text in name.items():
        require_at_most(MOST_NAME, len(text), line, f"name[{locale!r}]", "characters")
    if not name:
        refuse(line, "name", "must be there in at least one language")
    parent = known.get(given.parent_slug) if given.parent_slug else None
    if given.parent_slug and parent is None:
        refuse(line, "parent_slug", "no category has it; parents come before children")
    if parent is not None and given.slug in parent.path.split("/"):
        refuse(line, "parent_slug", "a category cannot be below itself")
    path = f"{parent.path}/{given.slug}" if parent else given.slug
    if path.count("/") >= MOST_LEVELS:
        refuse(line, "parent_slug", f"a tree has at most {MOST_LEVELS} levels")
    there = known.get(given.slug)
    own_data = there.own_data if there else {}
    if given.HasField("metadata"):
        own_data = document_of(given.metadata)
        require_bounded(own_data, line, "metadata")
    return Category(
        id=there.id if there else uuid7(),
        slug=given.slug,
        name=name,
        parent_id=parent.id if parent else None,
        position=given.position,
        path=path,
        version=there.version if there else 1,
        own_data=own_data,
    )


def with_paths(moved: CategoryTree) -> list[Category]:
    """Returns every category with its new path; a moved branch takes its descendants along.

    Parents come first.
    """
    found: list[Category] = []
    paths: dict[UUID | None, str] = {None: ""}
    for category in moved.in_order:
        above = paths[category.parent_id]
        path = paths[category.id] = f"{above}/{category.slug}" if above else category.slug
        found.append(category if category.path == path else category.copy_row(path=path))
    if len(found) != len(moved.by_id):
        raise InvalidImport("a category cannot be below itself", line=0, field="parent_slug")
    return found


async def add_at_root(tx: Tx, slugs: Sequence[str], *, locale: str) -> CategoryTree:
    """Makes top categories for slugs that nobody has, named after them.

    Returns the tree with them.
    """
    known = await lock_tree(tx)
    missing = [slug for slug in slugs if slug not in known.by_slug]
    made = [
        Category(
            id=uuid7(),
            slug=slug,
            name={locale: slug.replace("-", " ").capitalize()},
            parent_id=None,
            position=0,
            path=slug,
        )
        for slug in missing
    ]
    if made:
        await tx.insert(*made)
        await _announce(tx, made)
    return await tree(tx)


async def _announce(tx: Tx, changed: Sequence[Category]) -> None:
    for category in changed:
        await tx.emit(events.category_changed(category), key=category.id)
