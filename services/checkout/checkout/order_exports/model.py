"""Kinds of exports, and the accounts of journals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chassis.data.rows import Field, Row, counter, document
from checkout.errors.orders import InvalidJournalAccounts, InvalidOrderSearch
from checkout.orders.model import OrderStatus

_ROLE: Final = re.compile(r"([a-z_]+)(:[A-Za-z0-9_.\-]{1,64})?")
MOST_ACCOUNT: Final = 64


class ExportKind(StrEnum):
    """Kinds of exports."""

    ORDERS = "orders"
    LINES = "lines"
    JOURNAL = "journal"


class Role(StrEnum):
    """Roles of accounts."""

    RECEIVABLE = "receivable"
    CLEARING = "clearing"
    REVENUE = "revenue"
    DISCOUNTS = "discounts"
    TAX = "tax"
    GIFT_CARDS = "gift_cards"
    GIFT_CARDS_SOLD = "gift_cards_sold"
    GIFT_CARD_EXPENSE = "gift_card_expense"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Choice of what is exported. `until` is not in the time."""

    kind: ExportKind
    since: datetime
    until: datetime
    channel: str = ""
    currency: str = ""
    status: OrderStatus | None = None
    tag: str = ""

    def require_valid(self) -> None:
        """Raises InvalidOrderSearch."""
        if self.until <= self.since:
            raise InvalidOrderSearch(path="until", problem="it is not after since")
        if self.kind is ExportKind.JOURNAL and (self.status or self.tag):
            raise InvalidOrderSearch(
                path="status" if self.status else "tag", problem="a journal is of all orders"
            )


class JournalAccounts(Row, table=True):
    """Accounts of a channel by role, or by role and detail."""

    __tablename__ = "journal_accounts"

    channel: str = Field(primary_key=True)
    accounts: dict[str, str] = document(dict[str, str], default_factory=dict)
    version: int = counter(default=1)

    @property
    def has_discounts(self) -> bool:
        """Whether discounts are booked to an account of their own."""
        return Role.DISCOUNTS.value in self.accounts

    def account_of(self, role: Role, detail: str = "") -> str:
        """Returns the account of a role and detail, else that of the role, else its own name."""
        name = f"{role.value}:{detail}" if detail else role.value
        return self.accounts.get(name) or self.accounts.get(role.value) or name


def require_accounts(accounts: Mapping[str, str]) -> None:
    """Raises InvalidJournalAccounts, which names the role."""
    for name, account in accounts.items():
        found = _ROLE.fullmatch(name)
        if not found or found[1] not in list(Role):
            raise InvalidJournalAccounts(
                path=f"accounts.accounts[{name[:80]}]",
                problem=f"a role, or a role and a detail: {', '.join(Role)}",
            )
        if not (0 < len(account) <= MOST_ACCOUNT and account.isprintable()):
            raise InvalidJournalAccounts(
                path=f"accounts.accounts[{name}]", problem=f"1 to {MOST_ACCOUNT} characters"
            )
