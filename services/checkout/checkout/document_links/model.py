"""Secret links to documents. Times are real time, as those of links to orders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index

from chassis.data.rows import Field, Row


class DocumentLink(Row, table=True):
    """A token that reads one document until it expires. Only its digest is stored."""

    __tablename__ = "document_link"
    __table_args__ = (
        Index("document_link_document", "document_id"),
        Index("document_link_expires", "expires_at"),
    )

    token_digest: bytes = Field(primary_key=True)
    document_id: UUID = Field(foreign_key="order_document.id")
    created_at: datetime
    expires_at: datetime
