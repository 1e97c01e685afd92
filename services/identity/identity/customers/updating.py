"""Updating a customer's profile."""

from dataclasses import dataclass
from uuid import UUID

from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from identity.customers import model as customers
from identity.customers.model import Customer


@dataclass(frozen=True, slots=True, repr=False)
class Changes:
    """What to change; empty leaves."""

    first_name: str
    last_name: str
    phone_number: str
    locale: str


async def update(tx: Tx, customer_id: UUID, changes: Changes, *, expected_version: int) -> Customer:
    """Changes a profile. 0 expects any version; a national phone number is read as of the (new) locale's country.

    Raises CustomerNotFound, VersionMismatch, InvalidName, InvalidPhone.
    """
    customer = await customers.locked(tx, customer_id)
    if expected_version and expected_version != customer.version:
        raise VersionMismatch("the profile changed meanwhile", version=customer.version)
    customer.first_name = customers.name_of(changes.first_name) or customer.first_name
    customer.last_name = customers.name_of(changes.last_name) or customer.last_name
    customer.locale = changes.locale or customer.locale
    if changes.phone_number:
        customer.phone_number = customers.phone_of(changes.phone_number, customers.region_of(customer.locale))
    await tx.update(customer)
    return customer
