"""Staff members, their roles, and the scopes of each role."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.data.rows import Field, Row, code, states
from identity.errors import UnknownRole


class StaffRole(StrEnum):
    """A role of a staff member. It decides the scopes of sessions."""

    ADMIN = "admin"
    CATALOG_MANAGER = "catalog_manager"
    FULFILMENT = "fulfilment"
    SUPPORT = "support"


SCOPES_OF_ROLE: Final[Mapping[StaffRole, frozenset[str]]] = {
    StaffRole.ADMIN: frozenset(
        {
            "catalog.write",
            "reviews.moderate",
            "promotions.write",
            "orders.place",
            "orders.read",
            "orders.write",
            "taxes.write",
            "tax_exemptions.write",
            "delivery.write",
            "payments.write",
            "documents.read",
            "documents.write",
            "gift_cards.read",
            "gift_cards.write",
            "customers.read",
            "customers.write",
            "customers.erase",
            "feedback.texts.read",
            "dead_letters.read",
            "dead_letters.redrive",
            "keys.rotate",
            "api_keys.write",
            "journeys.read",
            "journeys.comment",
            "journeys.write",
            "journeys.export",
            "notifications.read",
            "notifications.write",
            "staff.read",
        }
    ),
    StaffRole.CATALOG_MANAGER: frozenset({"catalog.write", "reviews.moderate", "promotions.write"}),
    StaffRole.FULFILMENT: frozenset({"orders.read", "orders.write", "documents.read"}),
    StaffRole.SUPPORT: frozenset(
        {
            "orders.place",
            "orders.read",
            "documents.read",
            "gift_cards.read",
            "customers.read",
            "feedback.texts.read",
            "journeys.read",
            "journeys.comment",
            "notifications.read",
            "reviews.moderate",
            "staff.read",
        }
    ),
}


class Staff(Row, table=True):
    """A staff member."""

    __tablename__ = "staff"
    __table_args__ = (states("role", StaffRole),)

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True)
    role: StaffRole = code(StaffRole)
    created_at: datetime


def parse_staff_role(text: str) -> StaffRole:
    """Returns the role of a text. Raises UnknownRole."""
    try:
        return StaffRole(text)
    except ValueError:
        raise UnknownRole(f"one of {', '.join(StaffRole)}") from None
