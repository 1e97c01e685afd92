"""Files of documents: made once and kept, so that they are the same bytes ever after.

The XML is made with its document. The PDF costs a fifth of a second: it is made when it is first
asked for, in a thread, and holds the XML as it is stored.
"""

import asyncio
import hashlib
from uuid import UUID

from chassis.data.database import Database
from checkout.documents.model import DocumentFile, DocumentFormat, OrderDocument
from checkout.documents.queries import find_file
from checkout.documents.rendering.cross_industry_invoice import write_invoice
from checkout.documents.rendering.pdf import render_pdf


def file_of(document_id: UUID, format: DocumentFormat, content: bytes) -> DocumentFile:
    """Returns the file of a document."""
    return DocumentFile(
        document_id=document_id,
        format=format,
        content=content,
        sha256=hashlib.sha256(content).digest(),
    )


async def read_file(
    database: Database, document: OrderDocument, format: DocumentFormat
) -> DocumentFile:
    """Returns the file of a document; makes and stores one that is not there.

    The first of several that are made at once stays.
    """
    async with database.read() as read:
        found = await find_file(read, document.id, format)
    if found is not None:
        return found
    made = file_of(document.id, format, await _render(database, document, format))
    async with database.tx() as tx:
        if await tx.insert_new(made):
            return made
        found = await find_file(tx, document.id, format)
    assert found is not None, "a file is never deleted while its document is read"
    return found


async def _render(database: Database, document: OrderDocument, format: DocumentFormat) -> bytes:
    match format:
        case DocumentFormat.XML:
            return write_invoice(document.kind, document.content)
        case DocumentFormat.PDF:
            xml = await read_file(database, document, DocumentFormat.XML)
            return await asyncio.to_thread(render_pdf, document.kind, document.content, xml.content)
