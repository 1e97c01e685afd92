"""The category tree: loaded whole, as it is small and every page needs a piece of it."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import CheckConstraint, update
from sqlmodel import col, select

from catalog.channels.model import localized
from catalog.errors import CategoryNotFound
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, counter, document
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx

_LOOP: Final = Loop("categories")

# Stands for "in no category" in the stored listings, whose indexes lead with the category.
NO_CATEGORY: Final = UUID(int=0)


class Category(Row, table=True):
    """A node of the tree. `path` is its slugs from the root, parted by slashes."""

    __tablename__ = "category"

    id: UUID = Field(primary_key=True)
    slug: str = Field(unique=True)
    name: dict[str, str] = document(dict[str, str])
    parent_id: UUID | None = Field(default=None, foreign_key="category.id")
    position: int
    path: str
    version: int = counter(default=1)
    own_data: dict[str, JsonValue] = document(
        dict[str, JsonValue], default_factory=dict, server_default="'{}'"
    )

    def name_in(self, locale: str, fallback: str) -> str:
        return localized(self.name, locale, fallback) or self.slug


class CategoryTreeVersion(Row, table=True):
    """The one row whose version rises with every change of the tree.

    Its lock lets one transaction at a time change the tree.
    """

    __tablename__ = "category_tree"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(default=True, primary_key=True)
    version: int = counter(default=1)


_VERSION: Final = prepare(select(CategoryTreeVersion.version))
_RAISE: Final = prepare(update(CategoryTreeVersion).values(version=CategoryTreeVersion.version + 1))


class CategoryTree:
    """The tree at one version. Never changed: a change makes another one."""

    def __init__(self, version: int, categories: Iterable[Category]) -> None:
        self.version = version
        self.by_id = {category.id: category for category in categories}
        self.by_slug = {category.slug: category for category in self.by_id.values()}
        self._children: dict[UUID | None, list[Category]] = {}
        for category in sorted(self.by_id.values(), key=lambda each: (each.position, each.slug)):
            self._children.setdefault(category.parent_id, []).append(category)

    def get(self, slug: str) -> Category:
        """Raises CategoryNotFound."""
        category = self.by_slug.get(slug)
        if category is None:
            raise CategoryNotFound(slug=slug[:80])
        return category

    def children_of(self, category: Category | None) -> list[Category]:
        """Direct children in their order of display; the top of the tree for None."""
        return self._children.get(category.id if category else None, [])

    def way_to(self, category_id: UUID | None) -> list[Category]:
        """From the root to the category, both included; empty for an unknown one."""
        way: dict[UUID, Category] = {}
        category = self.by_id.get(category_id) if category_id else None
        # Rows that were changed by hand may be below themselves.
        while category is not None and category.id not in way:
            way[category.id] = category
            category = self.by_id.get(category.parent_id) if category.parent_id else None
        return [*way.values()][::-1]

    def below(self, category: Category) -> list[Category]:
        """The category and everything below it."""
        found = {category.id: category}
        waiting = [category]
        while waiting:
            for child in self._children.get(waiting.pop(0).id, []):
                if child.id not in found:
                    found[child.id] = child
                    waiting.append(child)
        return [*found.values()]

    @cached_property
    def in_order(self) -> list[Category]:
        """Parents before children, siblings in their order of display."""
        found: list[Category] = []
        waiting = list(reversed(self.children_of(None)))
        while waiting:
            category = waiting.pop()
            found.append(category)
            waiting.extend(reversed(self._children.get(category.id, [])))
        return found


async def tree(read: Read) -> CategoryTree:
    """The tree as it is now.

    A category that cannot be read is left out, and with it the way to those below it.
    """
    version = await tree_version(read)
    return CategoryTree(
        version,
        await find_readable(
            read, Category, select(Category).order_by(col(Category.path)), loop=_LOOP
        ),
    )


async def tree_version(read: Read) -> int:
    """The version of the tree."""
    return await read.one(_VERSION) or 0


async def lock_tree(tx: Tx) -> CategoryTree:
    """Locks the tree until the end of the transaction, raises its version, and returns it."""
    await tx.execute(_RAISE)
    return await tree(tx)
