"""Reads of customers, their addresses and their consents."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from identity.customers.model import Address, Consent, Customer
from identity.errors import AddressNotFound, CustomerNotFound

_GROUP: Final = prepare(
    select(Customer.customer_group).where(col(Customer.id) == bindparam("customer_id"))
)
_ADDRESSES: Final = select(Address).where(Address.customer_id == bindparam("customer_id"))
_LIST_ADDRESSES: Final = prepare(
    _ADDRESSES.order_by(col(Address.is_default).desc(), col(Address.id).desc())
)
_GET_ADDRESS: Final = prepare(_ADDRESSES.where(Address.id == bindparam("address_id")))
_LIST_CONSENTS: Final = prepare(
    select(Consent)
    .where(Consent.customer_id == bindparam("customer_id"))
    .order_by(col(Consent.category))
)


async def get_customer(read: Read, customer_id: UUID) -> Customer:
    """Returns a customer. Raises CustomerNotFound."""
    customer = await read.get(Customer, customer_id)
    if customer is None:
        raise CustomerNotFound
    return customer


async def find_customer_group(read: Read, customer_id: UUID) -> str:
    """Returns the group of a customer; empty for none, and for a customer who is gone."""
    return await read.one(_GROUP, customer_id=customer_id) or ""


async def lock_customer(tx: Tx, customer_id: UUID) -> Customer:
    """Returns a customer and locks the row until the transaction ends. Raises CustomerNotFound."""
    customer = await tx.lock(Customer, customer_id)
    if customer is None:
        raise CustomerNotFound
    return customer


async def list_addresses(read: Read, customer_id: UUID) -> list[Address]:
    """Returns a customer's addresses: the default first, then the newest first."""
    return await read.all(_LIST_ADDRESSES, customer_id=customer_id)


async def get_address(read: Read, customer_id: UUID, address_id: UUID) -> Address:
    """Returns an address of a customer. Raises AddressNotFound, also if another customer has it."""
    address: Address | None = await read.one(
        _GET_ADDRESS, customer_id=customer_id, address_id=address_id
    )
    if address is None:
        raise AddressNotFound
    return address


async def get_consents(read: Read, customer_id: UUID) -> list[Consent]:
    """Returns the consents that a customer ever granted or denied."""
    return await read.all(_LIST_CONSENTS, customer_id=customer_id)
