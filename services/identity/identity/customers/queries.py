"""The addresses of customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, bindparam, text, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from identity.customers.postal import PostalAddress
from identity.errors import AddressNotFound

MOST: Final = 50


class Address(Row, table=True):
    """An address in a customer's book; one of them is the default. `organization_id` is for the books of organizations."""

    __tablename__ = "address"
    __table_args__ = (
        Index("address_customer_id", "customer_id", "id"),
        Index("address_default", "customer_id", unique=True, postgresql_where=text("is_default")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE")
    organization_id: UUID | None = None
    first_name: str
    last_name: str
    organization: str
    street_address: str
    address_locality: str
    address_region: str
    postal_code: str
    address_country: str
    phone_number: str
    is_default: bool
    created_at: datetime

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        # The rest is personal data, which no log may hold.
        return [("id", self.id)]

    @property
    def postal(self) -> PostalAddress:
        """Where post goes."""
        return PostalAddress(*(getattr(self, name) for name in PostalAddress.__slots__))

    def replace(self, postal: PostalAddress) -> None:
        """Takes over all of another address."""
        for name in PostalAddress.__slots__:
            setattr(self, name, getattr(postal, name))


_OF_CUSTOMER: Final = select(Address).where(Address.customer_id == bindparam("customer_id"))
_ALL: Final = prepare(_OF_CUSTOMER.order_by(col(Address.is_default).desc(), col(Address.id).desc()))
_ONE: Final = prepare(_OF_CUSTOMER.where(Address.id == bindparam("address_id")))
_DROP_DEFAULT: Final = prepare(
    update(Address).where(col(Address.customer_id) == bindparam("customer"), col(Address.is_default)).values(is_default=False)
)


async def make_default(tx: Tx, address: Address) -> None:
    """Makes it the one default of its customer, whose row is locked. The row itself is yet to be written."""
    await tx.execute(_DROP_DEFAULT, customer=address.customer_id)
    address.is_default = True


async def all_of(read: Read, customer_id: UUID) -> list[Address]:
    """Default first, then newest first."""
    return await read.all(_ALL, customer_id=customer_id)


async def of(read: Read, customer_id: UUID, address_id: UUID) -> Address:
    """Raises AddressNotFound, also for another customer's."""
    address: Address | None = await read.one(_ONE, customer_id=customer_id, address_id=address_id)
    if address is None:
        raise AddressNotFound
    return address
