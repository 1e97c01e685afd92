"""Storefronts and settings of categories, cached by each process, and heads made from them."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.categories.model import CategoryTree
from catalog.channels.model import View
from catalog.reservations.actions import CatalogContext
from catalog.seo.heads import category_crumbs, category_head, product_head
from catalog.seo.links import Links, slug_in
from catalog.seo.model import SeoSetting, Storefront
from catalog.seo.queries import all_storefronts, category_settings, seo_version
from chassis.caches import BoundedCache
from chassis.data.tx import Read
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.page_head_pb2 import PageHead

_MAX_AGE_SECONDS: Final = 1.0
_MOST_HEADS: Final = 4_000
_MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SeoContext:
    """Storefronts by channel and settings by category, at one version."""

    version: int
    storefronts: dict[str, Storefront]
    categories: dict[UUID, SeoSetting]

    def links(self, context: CatalogContext, code: str) -> Links:
        """Returns the addresses of a channel."""
        storefront = self.storefronts.get(code) or Storefront(channel=code, version=0)
        return Links(context.channels.by_code[code], storefront)


class SeoDirectory:
    """The cached settings, and the heads that they make.

    Nothing in it is authoritative: it can be dropped at any moment.
    """

    def __init__(self) -> None:
        self._known: SeoContext | None = None
        self._looked_at = 0.0
        self._heads: BoundedCache[tuple[object, ...], bytes] = BoundedCache(
            most_entries=_MOST_HEADS, most_bytes=_MOST_BYTES
        )
        self._heads_of: tuple[object, ...] = ()
        self._slugs: dict[str, Mapping[str, str]] = {}
        self._slugs_of: tuple[SeoContext, CategoryTree] | None = None

    def category_slugs(
        self, seo: SeoContext, context: CatalogContext, view: View
    ) -> Mapping[str, str]:
        """Returns the URL parts of categories in a view's language by their usual ones.

        Only those that differ: most shops have none.
        """
        known = self._slugs_of
        if known is None or known[0] is not seo or known[1] is not context.tree:
            self._slugs, self._slugs_of = {}, (seo, context.tree)
        found = self._slugs.get(view.locale)
        if found is None:
            found = self._slugs[view.locale] = _slugs_in(seo, context.tree, view.locale)
        return found

    async def context(self, read: Read) -> SeoContext:
        """Returns the cached settings, after a look at their version once a second."""
        known = self._known
        if known is not None and time.monotonic() - self._looked_at <= _MAX_AGE_SECONDS:
            return known
        version = await seo_version(read)
        if known is None or known.version != version:
            categories = await category_settings(read)
            known = self._known = SeoContext(version, await all_storefronts(read), categories)
        self._looked_at = time.monotonic()
        return known

    def product_head(
        self, seo: SeoContext, context: CatalogContext, view: View, page: pb.Product
    ) -> PageHead:
        """Returns the head of a product's page at public prices."""
        told = page.rating
        rating = (told.average, told.count) if page.HasField("rating") and told.count else None

        def make() -> PageHead:
            links = seo.links(context, view.channel)
            known = context.tree.by_slug
            way = [known[crumb.slug] for crumb in page.breadcrumbs if crumb.slug in known]
            crumbs = category_crumbs(way, view, links, seo.categories)
            return product_head(page, view, links, crumbs, rating)

        return self._head(seo, context, (view, page.id, page.version, rating), make)

    def category_head(
        self, seo: SeoContext, context: CatalogContext, view: View, category_slug: str
    ) -> PageHead | None:
        """Returns the head of a category's page; None for a category that is gone."""
        category = context.tree.by_slug.get(category_slug)
        if category is None:
            return None

        def make() -> PageHead:
            links = seo.links(context, view.channel)
            return category_head(category, context.tree, view, links, seo.categories)

        return self._head(seo, context, (view, category.id), make)

    def category_of_owner(
        self, seo: SeoContext, context: CatalogContext, owner_id: UUID | None, view: View
    ) -> tuple[str, str] | None:
        """Returns the usual URL part of a category, and the one in the view's language."""
        category = context.tree.by_id.get(owner_id) if owner_id else None
        if category is None:
            return None
        setting = seo.categories.get(category.id)
        text = setting.text_in(view.locale) if setting else None
        return category.slug, (text.slug if text else "") or category.slug

    def _head(
        self,
        seo: SeoContext,
        context: CatalogContext,
        key: tuple[object, ...],
        make: Callable[[], PageHead],
    ) -> PageHead:
        made_of = (seo, context)
        if len(self._heads_of) != 2 or any(
            one is not other for one, other in zip(self._heads_of, made_of, strict=True)
        ):
            self._heads.clear()
            self._heads_of = made_of
        known = self._heads.get(key)
        if known is None:
            known = make().SerializeToString()
            self._heads.put(key, known, len(known) + 200)
        return PageHead.FromString(known)


def localize_crumbs(crumbs: Iterable[pb.Crumb], slugs: Mapping[str, str]) -> None:
    """Gives crumbs the URL parts of the reader's language, where `slugs` has them."""
    if slugs:
        for crumb in crumbs:
            crumb.slug = slugs.get(crumb.slug, crumb.slug)


def localize_categories(categories: Iterable[pb.Category], slugs: Mapping[str, str]) -> None:
    """Does the same for categories and their parents."""
    if slugs:
        for each in categories:
            each.slug = slugs.get(each.slug, each.slug)
            each.parent_slug = slugs.get(each.parent_slug, each.parent_slug)


def _slugs_in(seo: SeoContext, tree: CategoryTree, locale: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for category_id, setting in seo.categories.items():
        category = tree.by_id.get(category_id)
        if category is None:
            continue
        slug = slug_in(setting.slugs, locale, category.slug)
        if slug != category.slug:
            found[category.slug] = slug
    return found
