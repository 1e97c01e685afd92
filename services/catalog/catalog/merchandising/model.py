"""Settings of search: synonyms, redirects, merchandising rules, translations, weights."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from catalog.search.weights import DEFAULT, Weights
from chassis.data.rows import Field, Row, counter, document, states
from chassis.data.rows import code as code_column

# Each replica holds all of a kind.
MOST_OF_A_KIND: Final = 10_000
_HUNDREDTHS: Final = 100


class RedirectTarget(StrEnum):
    """Kinds of places that a query leads to."""

    URL = "url"
    CATEGORY = "category"
    PAGE = "page"
    PRODUCT = "product"


class Selector(NamedTuple):
    """Products that a rule names: one, or all with a value of a facet."""

    product_id: UUID | None
    facet: str
    value: str


class SynonymSet(Row, table=True):
    """Phrases with one meaning; one-way where there are `meanings`."""

    __tablename__ = "synonym_set"

    code: str = Field(primary_key=True)
    channel: str
    locale: str
    phrases: list[str] = document(list[str])
    meanings: list[str] = document(list[str])
    version: int = counter(default=1)
    updated_at: datetime


class SearchRedirect(Row, table=True):
    """Queries that lead to a place instead of results. `value` is a slug or a URL."""

    __tablename__ = "search_redirect"
    __table_args__ = (states("target", RedirectTarget),)

    code: str = Field(primary_key=True)
    channel: str
    locale: str
    queries: list[str] = document(list[str])
    target: RedirectTarget = code_column(RedirectTarget)
    value: str
    version: int = counter(default=1)
    updated_at: datetime


class MerchandisingRule(Row, table=True):
    """Order of the products of some queries or of a category, from `starts_at` until `ends_at`."""

    __tablename__ = "merchandising_rule"
    __table_args__ = (CheckConstraint("ends_at > starts_at"),)

    code: str = Field(primary_key=True)
    channel: str
    queries: list[str] = document(list[str])
    category_id: UUID | None = None
    is_active: bool
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    pinned: list[UUID] = document(list[UUID])
    boosted: list[Selector] = document(list[Selector])
    buried: list[Selector] = document(list[Selector])
    hidden: list[Selector] = document(list[Selector])
    version: int = counter(default=1)
    updated_at: datetime

    def applies_at(self, now: datetime) -> bool:
        return (
            self.is_active
            and (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or now < self.ends_at)
        )


class AttributeText(Row, table=True):
    """Name and values of an attribute or option in a language, by stored value."""

    __tablename__ = "attribute_text"

    name: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    label: str
    values: dict[str, str] = document(dict[str, str])
    version: int = counter(default=1)
    updated_at: datetime


class SearchWeights(Row, table=True):
    """Weights of a channel's search, in hundredths."""

    __tablename__ = "search_weights"

    channel: str = Field(primary_key=True)
    title: int
    brand: int
    category: int
    attributes: int
    body: int
    sku: int
    in_stock: int
    version: int = counter(default=1)
    updated_at: datetime

    @property
    def weights(self) -> Weights:
        names = Weights.__dataclass_fields__
        return Weights(**{name: getattr(self, name) / _HUNDREDTHS for name in names})


class SearchTuning(Row, table=True):
    """The one row whose version rises with every change of a setting.

    Its lock lets one transaction at a time change settings.
    """

    __tablename__ = "search_tuning"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(default=True, primary_key=True)
    version: int = counter(default=1)


def default_weights(channel: str, now: datetime) -> SearchWeights:
    """The built-in weights as a row at version 0."""
    names = Weights.__dataclass_fields__
    values = {name: round(getattr(DEFAULT, name) * _HUNDREDTHS) for name in names}
    return SearchWeights(channel=channel, version=0, updated_at=now, **values)


Setting = SynonymSet | SearchRedirect | MerchandisingRule | AttributeText | SearchWeights


def code_of(setting: SQLModel) -> str:
    """The code under which a setting is audited and told of."""
    if isinstance(setting, AttributeText):
        return f"{setting.name}/{setting.locale}"
    if isinstance(setting, SearchWeights):
        return setting.channel
    return str(getattr(setting, "code", ""))
