"""The category tree: loaded whole, as it is small and every page needs a piece of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

from catalog.channels import localized
from catalog.errors import CategoryNotFound
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx

_LOOP: Final = Loop("categories")

# Stands for "in no category" in the stored listings, whose indexes lead with the category.
NO_CATEGORY: Final = UUID(int=0)


@dataclass(kw_only=True)
class Category(Row, table="category"):
    """A node of the tree. `path` is its slugs from the root, parted by slashes."""

    id: UUID
    slug: str
    name: dict[str, str]
    parent_id: UUID | None
    position: int
    path: str
    version: int = 1

    def name_in(self, locale: str, fallback: str) -> str:
        return localized(self.name, locale, fallback) or self.slug

    def require_usable(self) -> None:
        """Raises ValueError where the name is not texts by locale."""
        if not isinstance(self.name, dict) or not all(isinstance(text, str) for text in self.name.values()):
            raise ValueError("a name is texts by locale")


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
        way: list[Category] = []
        category = self.by_id.get(category_id) if category_id else None
        # Rows that were changed by hand may be below themselves.
        while category is not None and category not in way:
            way.append(category)
            category = self.by_id.get(category.parent_id) if category.parent_id else None
        return way[::-1]

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
    """The tree as it is now. A category that cannot be read is left out, and with it the way to those below it."""
    version = await tree_version(read)
    usable: list[Category] = []
    for category in await find_readable(read, Category, "ORDER BY path", None, loop=_LOOP):
        try:
            category.require_usable()
        except ValueError as error:
            _LOOP.skip(category.id, error)
        else:
            usable.append(category)
    return CategoryTree(version, usable)


async def tree_version(read: Read) -> int:
    """The version of the tree."""
    record = await read.fetch_one("SELECT version FROM category_tree")
    return int(record[0]) if record else 0


async def lock_tree(tx: Tx) -> CategoryTree:
    """The tree, which nobody else changes until the end of the transaction, with its version raised."""
    await tx.run("UPDATE category_tree SET version = version + 1")
    return await tree(tx)
