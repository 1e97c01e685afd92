"""Keeping a customer's address book: each change locks the customer, so that there is one default and never too many."""

from dataclasses import asdict
from uuid import UUID

from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from identity.customers import model as customers
from identity.customers import queries as addresses
from identity.customers.postal import PostalAddress
from identity.customers.queries import MOST, Address
from identity.errors import TooManyAddresses


async def add(tx: Tx, customer_id: UUID, postal: PostalAddress, *, is_default: bool) -> Address:
    """Adds an address; the first is the default in any case. Raises CustomerNotFound, TooManyAddresses."""
    await customers.locked(tx, customer_id)
    kept = await addresses.all_of(tx, customer_id)
    if len(kept) >= MOST:
        raise TooManyAddresses(f"a customer has at most {MOST} addresses", most=MOST)
    address = Address(id=uuid7(), customer_id=customer_id, is_default=False, created_at=tx.now, **asdict(postal))
    if is_default or not kept:
        await addresses.make_default(tx, address)
    await tx.insert(address)
    return address


async def change(tx: Tx, customer_id: UUID, address_id: UUID, postal: PostalAddress, *, is_default: bool) -> Address:
    """Replaces an address. A default stays one until another becomes it. Raises CustomerNotFound, AddressNotFound."""
    await customers.locked(tx, customer_id)
    address = await addresses.of(tx, customer_id, address_id)
    address.replace(postal)
    if is_default and not address.is_default:
        await addresses.make_default(tx, address)
    await tx.update(address)
    return address


async def remove(tx: Tx, customer_id: UUID, address_id: UUID) -> None:
    """Removes an address; the newest of the others becomes the default, where it was. Idempotent. Raises CustomerNotFound."""
    await customers.locked(tx, customer_id)
    kept = await addresses.all_of(tx, customer_id)
    gone = next((address for address in kept if address.id == address_id), None)
    if gone is None:
        return
    await tx.delete(gone)
    others = [address for address in kept if address.id != address_id]
    if gone.is_default and others:
        others[0].is_default = True
        await tx.update(others[0])
