"""Edits of the lines of orders, as calls ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from checkout.checkouts.model import Checkout
from checkout.idempotency import IdempotencyKey
from checkout.payment_methods.offers import OfferedMethod
from checkout.placing.model import Attempt


@dataclass(frozen=True, slots=True)
class LineEdit:
    """A call of EditOrderLines.

    `added` are steps by variant, `removed` steps by order line, and `method` is the code of what
    pays a higher price; empty for none.
    """

    key: IdempotencyKey
    order_id: UUID
    added: Mapping[UUID, int]
    removed: Mapping[UUID, int]
    method: str
    expected_version: int = 0


@dataclass(frozen=True, slots=True)
class DraftedEdit:
    """The order of what is added to another at `version`, and the method for a higher price."""

    version: int
    attempt: Attempt
    checkout: Checkout
    method: OfferedMethod | None
