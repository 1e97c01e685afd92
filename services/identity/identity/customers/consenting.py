"""Consenting, and taking it back."""

from collections.abc import Mapping
from uuid import UUID

from chassis.data.tx import Tx
from identity.customers import consents
from identity.customers import model as customers
from identity.customers.consents import Category, Consent
from sojourn.identity.v1.events_pb2 import ConsentChanged


async def set_consents(tx: Tx, customer_id: UUID, answers: Mapping[Category, bool]) -> list[Consent]:
    """Sets answers; other categories stay. The same answer again changes nothing. Returns all. Raises CustomerNotFound."""
    customer = await customers.locked(tx, customer_id)
    present = {consent.category: consent.granted for consent in await consents.all_of(tx, customer_id)}
    changed = {category: granted for category, granted in answers.items() if present.get(category) is not granted}
    if changed:
        await consents.store(tx, customer_id, changed)
        await tx.update(customer)
        granted = {str(category): answer for category, answer in {**present, **changed}.items()}
        await tx.emit(ConsentChanged(customer_id=str(customer_id), granted=granted, version=customer.version), key=customer_id)
    return await consents.all_of(tx, customer_id)
