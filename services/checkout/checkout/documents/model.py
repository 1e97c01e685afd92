"""Documents of orders, their files, and the counters of their numbers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from chassis.data.rows import Code, Field, Row, code, column, counter, document, minor, states
from checkout.documents.content import DocumentContent

# The source of the invoice of an order: it has one.
INVOICE_SOURCE: Final = "invoice"


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentFormat(StrEnum):
    """A format of the file of a document."""

    PDF = "pdf"
    XML = "xml"


class OrderDocument(Row, table=True):
    """A document of an order, as it was issued. It never changes.

    `source` is what it is about: an order has one document of a source. Once the law no longer
    keeps the order of an erased buyer, its content says no longer who the buyer was.
    """

    __tablename__ = "order_document"
    __table_args__ = (
        states("kind", DocumentKind),
        UniqueConstraint("order_id", "source"),
        UniqueConstraint("legal_entity", "number"),
        CheckConstraint("(kind = 'credit_note') = (invoice_id IS NOT NULL)"),
        Index("order_document_entity", "legal_entity", "id"),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    legal_entity: str
    kind: DocumentKind = code(DocumentKind)
    source: str
    number: str
    invoice_id: UUID | None = Field(default=None, foreign_key="order_document.id")
    issued_on: date
    issued_at: datetime
    currency: str
    gross_minor: int = minor()
    content: DocumentContent = document(DocumentContent, repr=False)


class DocumentFile(Row, table=True):
    """The file of a document in a format: the same bytes ever after."""

    __tablename__ = "document_file"
    __table_args__ = (states("format", DocumentFormat),)

    document_id: UUID = Field(primary_key=True, foreign_key="order_document.id")
    format: DocumentFormat = column(Code(DocumentFormat), primary_key=True)
    content: bytes = Field(repr=False)
    sha256: bytes


class DocumentCounter(Row, table=True):
    """The last number of a kind of documents of a legal entity, in a year.

    The year is 0 where the format of numbers has none.
    """

    __tablename__ = "document_counter"
    __table_args__ = (states("kind", DocumentKind), CheckConstraint("last > 0"))

    legal_entity: str = Field(primary_key=True)
    kind: DocumentKind = code(DocumentKind, primary_key=True)
    year: int = Field(primary_key=True)
    last: int = counter()
