"""Files of documents: made once and kept, so that they are the same bytes ever after."""

import hashlib
from uuid import UUID

from chassis.data.database import Database
from checkout.documents.model import DocumentFile, DocumentFormat, OrderDocument
from checkout.documents.queries import find_file
from checkout.documents.rendering.cross_industry_invoice import write_invoice


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
    made = file_of(document.id, format, write_invoice(document.kind, document.content))
    async with database.tx() as tx:
        if await tx.insert_new(made):
            return made
        found = await find_file(tx, document.id, format)
    assert found is not None, "a file is never deleted while its document is read"
    return found
