"""Reads of secret links to documents."""

from uuid import UUID

from chassis.data.tx import Read
from chassis.runtime.clock import real_now
from checkout.document_links.model import DocumentLink
from checkout.errors.documents import DocumentLinkNotFound
from checkout.order_links.model import digest_of_token


async def get_linked_document_id(read: Read, token: str) -> UUID:
    """Returns the document that a token reads. Raises DocumentLinkNotFound."""
    link = await read.get(DocumentLink, digest_of_token(token))
    if link is None or link.expires_at <= real_now():
        raise DocumentLinkNotFound
    return link.document_id
