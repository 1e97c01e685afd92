"""What customers consented to, and when: the present answers, and each change."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index, bindparam
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, states
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.runtime.clock import uuid7
from identity.errors import UnknownConsentCategory


class Category(StrEnum):
    ANALYTICS = "analytics"
    MARKETING = "marketing"
    PERSONALIZATION = "personalization"


class Consent(Row, table=True):
    """The present answer of a customer in one category."""

    __tablename__ = "consent"
    __table_args__ = (states("category", Category),)

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id", ondelete="CASCADE")
    category: Category = code(Category, primary_key=True)
    granted: bool
    changed_at: datetime


class ConsentChange(Row, table=True):
    """One change, kept for as long as the customer is."""

    __tablename__ = "consent_change"
    __table_args__ = (Index("consent_change_customer_id", "customer_id", "id"),)

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id", ondelete="CASCADE")
    category: Category = code(Category)
    granted: bool
    changed_at: datetime


_ALL: Final = prepare(select(Consent).where(Consent.customer_id == bindparam("customer_id")).order_by(col(Consent.category)))


def answers_of(granted: Mapping[str, bool]) -> dict[Category, bool]:
    """Answers by category. Raises UnknownConsentCategory."""
    try:
        return {Category(name): answer for name, answer in granted.items()}
    except ValueError:
        raise UnknownConsentCategory(f"one of {', '.join(Category)}") from None


async def store(tx: Tx, customer_id: UUID, changed: Mapping[Category, bool]) -> None:
    """Writes changed answers, and that they changed now."""
    present = [
        Consent(customer_id=customer_id, category=category, granted=granted, changed_at=tx.now) for category, granted in changed.items()
    ]
    await tx.upsert_many(Consent, present)
    await tx.insert(
        *(
            ConsentChange(id=uuid7(), customer_id=customer_id, category=category, granted=granted, changed_at=tx.now)
            for category, granted in changed.items()
        )
    )


async def all_of(read: Read, customer_id: UUID) -> list[Consent]:
    """The categories that were ever answered."""
    return await read.all(_ALL, customer_id=customer_id)
