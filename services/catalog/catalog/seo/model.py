"""URL parts by language, their history, texts for search engines, and storefronts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, update
from sqlmodel import col, select

from catalog.errors import InvalidStorefront
from chassis.data.rows import Field, Row, code, column, counter, document, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.money import CURRENCIES

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}|[{}]")
PRODUCT_PATH: Final = "/{locale}/products/{slug}"
CATEGORY_PATH: Final = "/{locale}/categories/{slug}"
PAGE_PATH: Final = "/{locale}/pages/{slug}"


class SeoKind(StrEnum):
    """Kinds of pages that have an address."""

    PRODUCT = "product"
    CATEGORY = "category"
    PAGE = "page"


class FeedCondition(StrEnum):
    """Conditions of goods, as the Google Merchant Center names them."""

    NEW = "new"
    REFURBISHED = "refurbished"
    USED = "used"


@dataclass(frozen=True, slots=True)
class SeoText:
    """Texts in one language; empty ones fall back to those of the page."""

    slug: str = ""
    title: str = ""
    description: str = ""
    og_title: str = ""
    og_description: str = ""
    og_image: str = ""

    @property
    def is_empty(self) -> bool:
        return self == _NO_TEXT


_NO_TEXT: Final = SeoText()


@dataclass(frozen=True, slots=True)
class FeedShipping:
    """A shipping cost in a product feed, in minor units of `currency`."""

    country: str
    service: str
    currency: str
    amount_minor: int


class SlugName(Row, table=True):
    """A URL part that leads to an owner: one of a language, or one that the owner had before.

    `locale` is empty for a former usual URL part, and `channel` for products and categories. The
    usual URL part that counts now is the owner's own. The newest owner of a name wins it.
    """

    __tablename__ = "slug_name"
    __table_args__ = (
        states("kind", SeoKind),
        Index("slug_name_owner", "kind", "owner_id"),
        Index("slug_name_slug", "kind", "slug"),
    )

    kind: SeoKind = code(SeoKind, primary_key=True)
    channel: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    slug: str = Field(primary_key=True)
    owner_id: UUID
    is_current: bool = column(Boolean)
    since: datetime


class SeoSetting(Row, table=True):
    """Texts for search engines of a product, category or page, by language."""

    __tablename__ = "seo_setting"
    __table_args__ = (states("kind", SeoKind),)

    kind: SeoKind = code(SeoKind, primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    texts: dict[str, SeoText] = document(dict[str, SeoText])
    is_hidden: bool = column(Boolean)
    version: int = counter(default=1)
    updated_at: datetime

    def text_in(self, locale: str) -> SeoText:
        """Returns the texts of a locale, else of its language, else empty ones."""
        return text_in(self.texts, locale)

    @property
    def slugs(self) -> dict[str, str]:
        """URL parts by the languages that have one of their own."""
        return {locale: text.slug for locale, text in self.texts.items() if text.slug}


class Storefront(Row, table=True):
    """Addresses of the pages of a channel, and what robots and feeds are told.

    Paths have the placeholders {slug} and {locale}.
    """

    __tablename__ = "storefront"
    __table_args__ = (states("condition", FeedCondition),)

    channel: str = Field(primary_key=True)
    base_url: str = ""
    product_path: str = PRODUCT_PATH
    category_path: str = CATEGORY_PATH
    page_path: str = PAGE_PATH
    organization_name: str = ""
    logo_url: str = ""
    is_hidden: bool = column(Boolean, default=False)
    disallowed_paths: list[str] = document(list[str], default_factory=list)
    condition: FeedCondition = code(FeedCondition, default=FeedCondition.NEW)
    shipping: list[FeedShipping] = document(list[FeedShipping], default_factory=list)
    version: int = counter(default=1)

    def require_valid(self) -> None:
        """Raises InvalidStorefront with the path of the field."""
        for number, cost in enumerate(self.shipping):
            if cost.currency not in CURRENCIES:
                path = f"storefront.shipping[{number}].currency"
                raise InvalidStorefront("is not an active ISO 4217 code", path=path)
        for name in ("product_path", "category_path", "page_path"):
            found = [each[1] for each in _PLACEHOLDER.finditer(getattr(self, name))]
            if "slug" not in found or set(found) - {"slug", "locale"}:
                raise InvalidStorefront(
                    "has {slug}, and may have {locale}", path=f"storefront.{name}"
                )


class SeoSet(Row, table=True):
    """The one row whose version rises where a storefront or a category's setting changes."""

    __tablename__ = "seo_set"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(default=True, primary_key=True)
    version: int = counter(default=1)


_SETTINGS_OF: Final = prepare(
    select(SeoSetting).where(
        col(SeoSetting.kind) == SeoKind.PRODUCT, one_of(SeoSetting.owner_id, "owner_ids")
    )
)
_RAISE: Final = prepare(update(SeoSet).values(version=SeoSet.version + 1))


def text_in(texts: Mapping[str, SeoText], locale: str) -> SeoText:
    """Returns the texts of a locale, else of its language, else empty ones."""
    return texts.get(locale) or texts.get(locale.split("-")[0]) or _NO_TEXT


async def product_settings(read: Read, product_ids: Sequence[UUID]) -> dict[UUID, SeoSetting]:
    """Returns settings by product, of those that have one."""
    rows: list[Any] = await read.all(_SETTINGS_OF, owner_ids=list(product_ids))
    return {row.owner_id: row for row in rows}


async def raise_seo_version(tx: Tx) -> None:
    """Lets every process load storefronts and settings of categories anew."""
    await tx.execute(_RAISE)
