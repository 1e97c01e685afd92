"""Imports of catalogue files: options, progress, report, and the parts of their files."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary

from chassis.data.rows import Field, Row, code, column, counter, document, states

MOST_PROBLEMS: Final = 500
MOST_VALUE: Final = 80


class DataKind(StrEnum):
    """Kinds of records."""

    PRODUCTS = "products"
    CATEGORIES = "categories"
    PRICES = "prices"
    STOCK = "stock"
    PAGES = "pages"
    ATTRIBUTES = "attributes"
    ATTRIBUTE_TEXTS = "attribute_texts"
    WAREHOUSES = "warehouses"
    CHANNELS = "channels"
    PRICE_LISTS = "price_lists"
    STOREFRONTS = "storefronts"
    PICKUP_LOCATIONS = "pickup_locations"
    BUNDLES = "bundles"
    STOCK_POLICIES = "stock_policies"
    RELATED_PRODUCTS = "related_products"
    RELATION_RULES = "relation_rules"
    MENUS = "menus"
    SEO_TEXTS = "seo_texts"
    SHARE_LINKS = "share_links"
    SYNONYMS = "synonyms"
    SEARCH_REDIRECTS = "search_redirects"
    MERCHANDISING_RULES = "merchandising_rules"
    SEARCH_WEIGHTS = "search_weights"
    DIGITAL_GOODS = "digital_goods"
    GIFT_CARD_VARIANTS = "gift_card_variants"

    @property
    def has_csv(self) -> bool:
        """Returns whether files of the kind may be CSV."""
        return self in _CSV


_CSV: Final = frozenset({DataKind.PRODUCTS, DataKind.CATEGORIES, DataKind.PRICES, DataKind.STOCK})
# An order in which an empty catalogue takes all kinds: what a record names is there before it.
ORDER: Final = (
    DataKind.WAREHOUSES,
    DataKind.CHANNELS,
    DataKind.PRICE_LISTS,
    DataKind.STOREFRONTS,
    DataKind.ATTRIBUTES,
    DataKind.ATTRIBUTE_TEXTS,
    DataKind.CATEGORIES,
    DataKind.PRODUCTS,
    DataKind.PRICES,
    DataKind.PICKUP_LOCATIONS,
    DataKind.STOCK,
    DataKind.STOCK_POLICIES,
    DataKind.DIGITAL_GOODS,
    DataKind.GIFT_CARD_VARIANTS,
    DataKind.BUNDLES,
    DataKind.RELATED_PRODUCTS,
    DataKind.RELATION_RULES,
    DataKind.PAGES,
    DataKind.MENUS,
    DataKind.SEO_TEXTS,
    DataKind.SHARE_LINKS,
    DataKind.SYNONYMS,
    DataKind.SEARCH_REDIRECTS,
    DataKind.MERCHANDISING_RULES,
    DataKind.SEARCH_WEIGHTS,
)


class FileFormat(StrEnum):
    """Forms of a file; AUTO looks at its first character."""

    AUTO = ""
    JSONL = "jsonl"
    CSV = "csv"


class ImportState(StrEnum):
    RECEIVING = "receiving"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# States that no job leaves.
ENDED: Final = (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Options of reading a file.

    `decimal_mark` parts units from cents in a CSV; without one, an amount that may be thousands or
    cents is refused.
    """

    kind: DataKind
    format: FileFormat = FileFormat.AUTO
    source: str = ""
    currency: str = ""
    locale: str = ""
    decimal_mark: str = ""
    is_dry_run: bool = False
    skips_refused: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that cannot be stored: its line, its column or field, the value, what is allowed."""

    line: int
    column: str
    value: str
    allowed: str


@dataclass(slots=True)
class Counts:
    """Records by what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def add(self, other: "Counts") -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged


class CatalogImport(Row, table=True):
    """One import. `records_done` is written in the transaction that stores these records.

    `leased_until` tells a job of a process that is gone.
    """

    __tablename__ = "catalog_import"
    __table_args__ = (states("state", ImportState), Index("catalog_import_state", "state", "id"))

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    state: ImportState = code(ImportState)
    options: ImportOptions = document(ImportOptions)
    actor_id: UUID | None = None
    created_at: datetime
    finished_at: datetime | None = None
    leased_until: datetime | None = None
    bytes_received: int = counter(default=0)
    records_found: int = counter(default=0)
    records_done: int = counter(default=0)
    created: int = counter(default=0)
    updated: int = counter(default=0)
    unchanged: int = counter(default=0)
    refused: int = counter(default=0)
    problems: list[Problem] = document(list[Problem], default_factory=list, repr=False)
    notes: list[str] = document(list[str], default_factory=list)
    problem: str = ""

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    def count(self, counts: Counts) -> None:
        """Adds what became of records."""
        self.created += counts.created
        self.updated += counts.updated
        self.unchanged += counts.unchanged

    def refuse(self, problem: Problem) -> None:
        """Counts a record that cannot be stored, and keeps the first of them for the report."""
        self.refused += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


class CatalogImportPart(Row, table=True):
    """A part of an import's file, kept until the import has ended."""

    __tablename__ = "catalog_import_part"

    import_id: UUID = Field(primary_key=True)
    number: int = column(Integer, primary_key=True)
    content: bytes = column(LargeBinary, repr=False)
