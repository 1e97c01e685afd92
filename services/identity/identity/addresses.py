"""The addresses of customers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from identity.errors import AddressNotFound
from identity.postal import PostalAddress

MOST: Final = 50


@dataclass(kw_only=True, repr=False)
class Address(Row, table="address"):
    """An address in a customer's book; one of them is the default. `organization_id` is for the books of organizations."""

    id: UUID
    customer_id: UUID
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

    @property
    def postal(self) -> PostalAddress:
        """Where post goes."""
        return PostalAddress(*(getattr(self, name) for name in PostalAddress.__slots__))

    def replace(self, postal: PostalAddress) -> None:
        """Takes over all of another address."""
        for name in PostalAddress.__slots__:
            setattr(self, name, getattr(postal, name))


async def make_default(tx: Tx, address: Address) -> None:
    """Makes it the one default of its customer, whose row is locked. The row itself is yet to be written."""
    await tx.run("UPDATE address SET is_default = FALSE WHERE customer_id = %s AND is_default", [address.customer_id])
    address.is_default = True


async def all_of(read: Read, customer_id: UUID) -> list[Address]:
    """Default first, then newest first."""
    return await read.find(Address, "WHERE customer_id = %s ORDER BY is_default DESC, id DESC", [customer_id])


async def of(read: Read, customer_id: UUID, address_id: UUID) -> Address:
    """Raises AddressNotFound, also for another customer's."""
    address = await read.find_one(Address, "WHERE id = %s AND customer_id = %s", [address_id, customer_id])
    if address is None:
        raise AddressNotFound
    return address
