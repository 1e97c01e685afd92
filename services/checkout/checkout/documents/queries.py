"""Reads of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from checkout.documents.model import (
    DocumentFile,
    DocumentFormat,
    DocumentKind,
    OrderDocument,
)
from checkout.errors.documents import ChannelWithoutSeller, DocumentNotFound
from checkout.legal_entities.model import LegalEntity, entity_of
from checkout.legal_entities.queries import find_legal_entities

_OF_ORDER: Final = prepare(
    select(OrderDocument)
    .where(OrderDocument.order_id == bindparam("order_id"))
    .order_by(col(OrderDocument.id))
)


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Documents that staff look for. What is None or empty is no filter; days are inclusive."""

    legal_entity: str = ""
    kind: DocumentKind | None = None
    number: str = ""
    order_id: UUID | None = None
    issued_from: date | None = None
    issued_to: date | None = None


async def find_order_documents(read: Read, order_id: UUID) -> list[OrderDocument]:
    """Returns the documents of an order, oldest first."""
    return await read.all(_OF_ORDER, order_id=order_id)


async def get_document(read: Read, document_id: UUID) -> OrderDocument:
    """Returns a document. Raises DocumentNotFound."""
    found = await read.get(OrderDocument, document_id)
    if found is None:
        raise DocumentNotFound
    return found


async def find_seller(read: Read, channel: str) -> LegalEntity:
    """Returns the legal entity that sells in a channel. Raises ChannelWithoutSeller."""
    entity = entity_of(await find_legal_entities(read), channel)
    if entity is None:
        raise ChannelWithoutSeller(channel=channel)
    return entity


async def find_file(read: Read, document_id: UUID, format: DocumentFormat) -> DocumentFile | None:
    """Returns the file of a document, if it was made."""
    return await read.get(DocumentFile, document_id, format)


async def list_documents(
    read: Read, wanted: DocumentFilter, *, before: UUID | None, limit: int
) -> Sequence[OrderDocument]:
    """Returns documents before an id, newest first."""
    query = select(OrderDocument).order_by(col(OrderDocument.id).desc()).limit(limit)
    if wanted.legal_entity:
        query = query.where(OrderDocument.legal_entity == wanted.legal_entity)
    if wanted.kind is not None:
        query = query.where(OrderDocument.kind == wanted.kind)
    if wanted.number:
        query = query.where(OrderDocument.number == wanted.number)
    if wanted.order_id is not None:
        query = query.where(OrderDocument.order_id == wanted.order_id)
    if wanted.issued_from is not None:
        query = query.where(OrderDocument.issued_on >= wanted.issued_from)
    if wanted.issued_to is not None:
        query = query.where(OrderDocument.issued_on <= wanted.issued_to)
    if before is not None:
        query = query.where(OrderDocument.id < before)
    return await read.all(query)
