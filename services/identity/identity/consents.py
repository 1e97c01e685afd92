"""What customers consented to, and when: the present answers, and each change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from chassis.runtime.clock import uuid7
from identity.errors import UnknownConsentCategory


class Category(StrEnum):
    ANALYTICS = "analytics"
    MARKETING = "marketing"
    PERSONALIZATION = "personalization"


@dataclass(kw_only=True)
class Consent(Row, table="consent", key=("customer_id", "category")):
    """The present answer of a customer in one category."""

    customer_id: UUID
    category: Category
    granted: bool
    changed_at: datetime


@dataclass(kw_only=True)
class ConsentChange(Row, table="consent_change"):
    """One change, kept for as long as the customer is."""

    id: UUID
    customer_id: UUID
    category: Category
    granted: bool
    changed_at: datetime


def answers_of(granted: Mapping[str, bool]) -> dict[Category, bool]:
    """Answers by category. Raises UnknownConsentCategory."""
    try:
        return {Category(name): answer for name, answer in granted.items()}
    except ValueError:
        raise UnknownConsentCategory(f"one of {', '.join(Category)}") from None


async def store(tx: Tx, customer_id: UUID, changed: Mapping[Category, bool]) -> None:
    """Writes changed answers, and that they changed now."""
    await tx.run_many(
        "INSERT INTO consent (customer_id, category, granted, changed_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (customer_id, category) DO UPDATE SET granted = excluded.granted, changed_at = excluded.changed_at",
        [(customer_id, category, granted, tx.now) for category, granted in changed.items()],
    )
    await tx.insert(
        *(
            ConsentChange(id=uuid7(), customer_id=customer_id, category=category, granted=granted, changed_at=tx.now)
            for category, granted in changed.items()
        )
    )


async def all_of(read: Read, customer_id: UUID) -> list[Consent]:
    """The categories that were ever answered."""
    return await read.find(Consent, "WHERE customer_id = %s ORDER BY category", [customer_id])
