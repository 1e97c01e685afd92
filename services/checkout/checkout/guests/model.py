"""Guests who became customers."""

from datetime import datetime
from uuid import UUID

from chassis.data.rows import Field, Row


class ConvertedGuest(Row, table=True):
    """A guest who became a customer, as identity tells it; a guest becomes one customer only.

    Orders keep the guest as their owner: no saga in progress meets another owner, and an order that
    the guest's old token still places is the customer's too.
    """

    __tablename__ = "converted_guest"

    guest_id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(index=True)
    converted_at: datetime
