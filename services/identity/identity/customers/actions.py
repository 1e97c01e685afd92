"""Use cases of a customer's own data: profile, address book and consents.

Each change of an address book locks the customer, so that there is one default and never too many
addresses.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from identity.customers.events import consent_changed, customer_group_changed
from identity.customers.model import (
    MAX_ADDRESSES,
    Address,
    Consent,
    ConsentCategory,
    ConsentChange,
    Customer,
    CustomerGuest,
    PostalAddress,
    ProfileChanges,
    parse_name,
    parse_phone,
    region_of_locale,
)
from identity.customers.queries import get_address, get_consents, list_addresses, lock_customer
from identity.errors import TooManyAddresses

_CUSTOMER_OF_GUEST: Final = prepare(
    select(CustomerGuest.customer_id).where(CustomerGuest.guest_id == bindparam("guest_id"))
)
_RECORD_LOGIN: Final = prepare(
    update(Customer)
    .where(col(Customer.id) == bindparam("customer_id"))
    .values(last_login_at=bindparam("now"))
)
_CLEAR_DEFAULT: Final = prepare(
    update(Address)
    .where(col(Address.customer_id) == bindparam("customer"), col(Address.is_default))
    .values(is_default=False, version=Address.version + 1)
)


async def update_customer(
    tx: Tx, customer_id: UUID, changes: ProfileChanges, *, expected_version: int
) -> Customer:
    """Changes a profile. An `expected_version` of 0 accepts any version.

    A national phone number belongs to the country of the (new) locale.
    Raises CustomerNotFound, VersionMismatch, InvalidName, InvalidPhone.
    """
    customer = await lock_customer(tx, customer_id)
    if expected_version and expected_version != customer.version:
        raise VersionMismatch("the profile changed meanwhile", version=customer.version)
    if changes.first_name is not None:
        customer.first_name = parse_name(changes.first_name)
    if changes.last_name is not None:
        customer.last_name = parse_name(changes.last_name)
    if changes.locale is not None:
        customer.locale = changes.locale
    if changes.phone_number is not None:
        region = region_of_locale(customer.locale)
        number = changes.phone_number
        customer.phone_number = parse_phone(number, region) if number else ""
    await tx.update(customer)
    return customer


async def set_customer_group(
    tx: Tx, customer_id: UUID, group: str, *, actor: Caller, expected_version: int
) -> Customer:
    """Puts a customer into a group; empty for none. An `expected_version` of 0 accepts any.

    Raises CustomerNotFound, VersionMismatch.
    """
    customer = await lock_customer(tx, customer_id)
    if expected_version and expected_version != customer.version:
        raise VersionMismatch("the customer changed meanwhile", version=customer.version)
    before = customer.customer_group
    if before == group:
        return customer
    customer.customer_group = group
    await tx.update(customer)
    await tx.emit(customer_group_changed(customer), key=customer.id)
    record_audit(
        tx,
        actor,
        "set_customer_group",
        f"customer:{customer_id}",
        before={"customer_group": before},
        after={"customer_group": group},
    )
    return customer


async def link_guest(tx: Tx, customer_id: UUID, guest_id: UUID) -> bool:
    """Links a guest to the customer whom they became. Idempotent.

    Returns False if the guest became another customer: a guest becomes one customer only.
    """
    if await tx.insert_new(
        CustomerGuest(guest_id=guest_id, customer_id=customer_id, linked_at=tx.now)
    ):
        return True
    return bool(await tx.one(_CUSTOMER_OF_GUEST, guest_id=guest_id) == customer_id)


async def record_login(tx: Tx, customer_id: UUID) -> bool:
    """Records the time of a login. This locks the row, which orders the customer's events.

    Returns False if the customer is gone.
    """
    return await tx.execute(_RECORD_LOGIN, customer_id=customer_id, now=tx.now) > 0


async def add_address(
    tx: Tx, customer_id: UUID, postal: PostalAddress, *, is_default: bool
) -> Address:
    """Adds an address; the first one becomes the default.

    Raises CustomerNotFound, TooManyAddresses.
    """
    await lock_customer(tx, customer_id)
    present = await list_addresses(tx, customer_id)
    if len(present) >= MAX_ADDRESSES:
        raise TooManyAddresses(
            f"a customer has at most {MAX_ADDRESSES} addresses: remove one first",
            most=MAX_ADDRESSES,
        )
    address = Address(
        id=uuid7(), customer_id=customer_id, is_default=False, created_at=tx.now, **asdict(postal)
    )
    if is_default or not present:
        await _make_default(tx, address)
    await tx.insert(address)
    return address


@dataclass(frozen=True, slots=True)
class AddressUpdate:
    """The new content of an address. An `expected_version` of 0 accepts any version."""

    address_id: UUID
    postal: PostalAddress
    is_default: bool
    expected_version: int = 0


async def update_address(tx: Tx, customer_id: UUID, wanted: AddressUpdate) -> Address:
    """Replaces an address.

    Raises CustomerNotFound, AddressNotFound, VersionMismatch.

    `is_default=False` does not clear the default: it moves only when another address becomes the
    default.
    """
    await lock_customer(tx, customer_id)
    address = await get_address(tx, customer_id, wanted.address_id)
    address.require_version(wanted.expected_version)
    address.replace(wanted.postal)
    if wanted.is_default and not address.is_default:
        await _make_default(tx, address)
    await tx.update(address)
    return address


async def remove_address(
    tx: Tx, customer_id: UUID, address_id: UUID, *, expected_version: int = 0
) -> None:
    """Removes an address. Idempotent. Raises CustomerNotFound, VersionMismatch.

    An `expected_version` of 0 accepts any version. After the removal of the default, the newest of
    the other addresses becomes the default.
    """
    await lock_customer(tx, customer_id)
    present = await list_addresses(tx, customer_id)
    removed = next((address for address in present if address.id == address_id), None)
    if removed is None:
        return
    removed.require_version(expected_version)
    await tx.delete(removed)
    others = [address for address in present if address.id != address_id]
    if removed.is_default and others:
        others[0].is_default = True
        await tx.update(others[0])


async def _make_default(tx: Tx, address: Address) -> None:
    """Makes an address the only default of its customer. The caller writes the row."""
    await tx.execute(_CLEAR_DEFAULT, customer=address.customer_id)
    address.is_default = True


async def set_consents(
    tx: Tx, customer_id: UUID, answers: Mapping[ConsentCategory, bool]
) -> list[Consent]:
    """Replaces the consents and returns all of them.

    A category that was granted and has no answer is withdrawn, as an answer of its own: consumers
    of the event see the denial.

    Raises CustomerNotFound. Idempotent: the same answer again writes nothing and emits nothing.
    Emits ConsentChanged.
    """
    customer = await lock_customer(tx, customer_id)
    present = {consent.category: consent.granted for consent in await get_consents(tx, customer_id)}
    withdrawn = {category: False for category, granted in present.items() if granted}
    changed = {
        category: granted
        for category, granted in {**withdrawn, **answers}.items()
        if present.get(category) is not granted
    }
    if changed:
        await _store_consents(tx, customer_id, changed)
        await tx.update(customer)
        await tx.emit(consent_changed(customer, {**present, **changed}), key=customer_id)
    return await get_consents(tx, customer_id)


async def _store_consents(
    tx: Tx, customer_id: UUID, changed: Mapping[ConsentCategory, bool]
) -> None:
    """Writes changed answers and one change each."""
    current = [
        Consent(customer_id=customer_id, category=category, granted=granted, changed_at=tx.now)
        for category, granted in changed.items()
    ]
    await tx.upsert_many(Consent, current)
    await tx.insert(
        *(
            ConsentChange(
                id=uuid7(),
                customer_id=customer_id,
                category=category,
                granted=granted,
                changed_at=tx.now,
            )
            for category, granted in changed.items()
        )
    )
