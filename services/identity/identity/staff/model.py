"""Staff: who works here, and what each role may do."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.data.rows import Field, Row, code, states
from chassis.data.tx import Read
from identity.errors import UnknownRole


class Role(StrEnum):
    ADMIN = "admin"
    CATALOG_MANAGER = "catalog_manager"
    FULFILMENT = "fulfilment"
    SUPPORT = "support"


SCOPES: Final[Mapping[Role, frozenset[str]]] = {
    Role.ADMIN: frozenset(
        {
            "catalog.write",
            "promotions.write",
            "orders.read",
            "orders.write",
            "customers.read",
            "dead_letters.read",
            "dead_letters.redrive",
            "keys.rotate",
            "api_keys.write",
            "journeys.read",
            "journeys.write",
            "notifications.read",
            "notifications.write",
        }
    ),
    Role.CATALOG_MANAGER: frozenset({"catalog.write", "promotions.write"}),
    Role.FULFILMENT: frozenset({"orders.read", "orders.write"}),
    Role.SUPPORT: frozenset({"orders.read", "customers.read", "journeys.read", "notifications.read"}),
}


class Staff(Row, table=True):
    """A member of staff."""

    __tablename__ = "staff"
    __table_args__ = (states("role", Role),)

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True)
    role: Role = code(Role)
    created_at: datetime


def role_of(text: str) -> Role:
    """Raises UnknownRole."""
    try:
        return Role(text)
    except ValueError:
        raise UnknownRole(f"one of {', '.join(Role)}") from None


async def scopes_of(read: Read, staff_id: UUID) -> frozenset[str] | None:
    """What a member of staff may do; None where they work here no more."""
    member = await read.get(Staff, staff_id)
    return SCOPES[member.role] if member else None
