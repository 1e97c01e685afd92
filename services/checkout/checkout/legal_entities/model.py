"""Legal entities as rows: who sells in a channel, and how documents are numbered."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, CheckConstraint, Integer

from chassis.data.rows import Code, Field, Row, column, counter, document, states

# Of all legal entities of a shop.
MOST_ENTITIES: Final = 100
# The usual time for which a link of a mail is good.
LINK_DAYS: Final = 30
_FIELD: Final = re.compile(r"\{(year|number)(?::0([1-9]))?\}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ./_-]{0,24}")


class IssuesInvoices(StrEnum):
    """When the invoice of an order is issued."""

    SHIPPED = "shipped"
    """With its first parcel, at the door of a store, or when goods that are not sent are there."""
    PAID = "paid"
    """When it is placed and paid; one that is paid at the door, with its first parcel."""


@dataclass(frozen=True, slots=True)
class EntityAddress:
    """A postal address of a legal entity."""

    street_address: str = ""
    postal_code: str = ""
    address_locality: str = ""
    address_region: str = ""
    address_country: str = ""


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account for transfers. Empty where there is none."""

    iban: str = ""
    bic: str = ""
    holder: str = ""


class LegalEntity(Row, table=True):
    """A seller, as staff keep it.

    An empty list of channels is every channel that no other entity names; an empty list of
    languages is the buyer's language. `legal_texts` are by language and stand at the foot of
    documents. The day of a document is that of `time_zone`. One that is not enabled is for no
    channel. With `mails_documents` buyers are mailed a link to each document, good for `link_days`.
    """

    __tablename__ = "legal_entity"
    __table_args__ = (
        states("issues_invoices", IssuesInvoices),
        CheckConstraint("vat_id <> '' OR tax_number <> ''"),
        CheckConstraint("link_days > 0"),
    )

    code: str = Field(primary_key=True)
    name: str
    address: EntityAddress = document(EntityAddress)
    vat_id: str
    tax_number: str
    registration: str
    bank_account: BankAccount = document(BankAccount)
    email: str
    phone_number: str
    legal_texts: dict[str, str] = document(dict[str, str])
    channels: list[str] = document(list[str])
    languages: list[str] = document(list[str])
    invoice_format: str
    credit_note_format: str
    issues_invoices: IssuesInvoices = column(Code(IssuesInvoices))
    time_zone: str
    is_enabled: bool
    mails_documents: bool = column(Boolean, default=True, server_default="true")
    link_days: int = column(Integer, default=LINK_DAYS, server_default=str(LINK_DAYS))
    version: int = counter(default=1)

    def day_of(self, at: datetime) -> date:
        """Returns the day of a moment in its time zone."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def language_for(self, locale: str) -> str:
        """Returns the language of a document for a buyer's locale."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        if not self.languages or language in self.languages:
            return language
        return self.languages[0]


class LegalEntityRevision(Row, table=True):
    """The number of the last change of legal entities, which every process follows."""

    __tablename__ = "legal_entity_revision"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(primary_key=True)
    number: int = counter()
    changed_at: datetime


SEEDED: Final = LegalEntity(
    code="default",
    name="Example Shop",
    address=EntityAddress("Example Street 1", "10115", "Berlin", "", "DE"),
    vat_id="",
    tax_number="00/000/00000",
    registration="",
    bank_account=BankAccount(),
    email="",
    phone_number="",
    legal_texts={},
    channels=[],
    languages=[],
    invoice_format="INV-{year}-{number:06}",
    credit_note_format="CN-{year}-{number:06}",
    issues_invoices=IssuesInvoices.SHIPPED,
    time_zone="UTC",
    is_enabled=True,
)


class LegalEntityTable:
    """All legal entities at a revision; the seeded one where nothing was ever stored."""

    def __init__(self, rows: Sequence[LegalEntity] = (SEEDED,), *, revision: int = 0) -> None:
        self.revision: Final = revision
        self._rows = rows

    def of_channel(self, channel: str) -> LegalEntity | None:
        """Returns the seller of a channel; None where no entity is for it."""
        return entity_of(self._rows, channel)


def entity_of(rows: Iterable[LegalEntity], channel: str) -> LegalEntity | None:
    """Returns the entity that names a channel, or else the one that is for all."""
    usual = None
    for each in rows:
        if not each.is_enabled:
            continue
        if channel in each.channels:
            return each
        if not each.channels:
            usual = each
    return usual


def is_number_format(text: str) -> bool:
    """Returns whether a format has {number}, or {number:06}, once, and {year} at most once."""
    names = [match.group(1) for match in _FIELD.finditer(text)]
    has_width_of_year = any(name == "year" and width for name, width in _FIELD.findall(text))
    rest = _FIELD.sub("", text)
    return (
        sorted(names) in (["number"], ["number", "year"])
        and not has_width_of_year
        and _PLAIN.fullmatch(rest) is not None
        and text == text.strip()
    )


def has_year(text: str) -> bool:
    """Returns whether numbers of a format begin anew each year."""
    return "{year}" in text


def format_number(text: str, *, number: int, year: int) -> str:
    """Returns a number in its format."""

    def value(match: re.Match[str]) -> str:
        if match.group(1) == "year":
            return f"{year:04}"
        return str(number).zfill(int(match.group(2) or 1))

    return _FIELD.sub(value, text)
