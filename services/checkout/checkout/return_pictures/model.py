"""Pictures of returns, as they are kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from chassis.data.rows import Field, Row


class ReturnPicture(Row, table=True):
    """A picture of a return: a JPEG, as it is shown."""

    __tablename__ = "return_picture"
    __table_args__ = (CheckConstraint("number > 0"),)

    return_id: UUID = Field(primary_key=True, foreign_key="order_return.id")
    number: int = Field(primary_key=True)
    content: bytes = Field(repr=False)
    sha256: bytes = Field(repr=False)
    width: int
    height: int
    added_at: datetime
