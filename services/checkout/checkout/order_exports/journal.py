"""Double entries of what happens to orders and gift cards. Each entry balances to the cent.

A sale is booked when its order is placed, a payment when it is captured, a refund when it is done:
a refund takes revenue, delivery and taxes back in the proportion in which the order has them, so
that refunds of the whole order take exactly what the sale booked. What is cancelled before it was
paid is taken back in the same way from what is owed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.line_item import ItemKind
from checkout.captures.model import PaymentCapture
from checkout.claims.model import Claim
from checkout.gift_cards.model import (
    STORE_CREDIT,
    EntryKind,
    GiftCard,
    GiftCardEntry,
    GiftCardSource,
)
from checkout.order_exports.model import JournalAccounts, Role
from checkout.orders.amounts import is_tax_included
from checkout.orders.model import OrderLine, OrderStatus
from checkout.orders.view import OrderView
from checkout.payments.model import CapturePoint, Payment
from checkout.payments.refunds import RefundStatus, RepaidBy
from checkout.returns.model import Return


@dataclass(frozen=True, slots=True)
class Posting:
    """A debit of an account, or a credit where the amount is negative."""

    account: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry. The amounts of its postings add up to 0."""

    kind: str
    at: datetime
    subject_id: UUID
    order_id: UUID | None
    order_number: str
    channel: str
    currency: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Reversal:
    """Money of an order that goes back, or is no longer owed where there is no payment."""

    kind: str
    at: datetime
    subject_id: UUID
    amount_minor: int
    payment_id: UUID | None = None
    is_credited: bool = False


@dataclass(frozen=True, slots=True)
class OrderBooks:
    """An order with its returns and claims, and the accounts of its channel."""

    view: OrderView
    accounts: JournalAccounts
    returns: Sequence[Return] = field(default=())
    parts: Sequence[PaymentCapture] = field(default=())
    claims: Sequence[Claim] = field(default=())

    def sale(self) -> list[Entry]:
        """Returns the entry of the sale; none of an order that costs nothing."""
        order, owed = self.view.order, self.accounts.account_of(Role.RECEIVABLE)
        if order.placed_at is None or not order.total_minor:
            return []
        postings = [Posting(owed, order.total_minor), *_negated(self._composition())]
        return [self._entry("sale", order.placed_at, order.id, postings)]

    def captures(self, *, later: bool) -> list[Entry]:
        """Returns entries of payments: those of the placing, or those that came later."""
        owed, order = self.accounts.account_of(Role.RECEIVABLE), self.view.order
        found = []
        for payment in self.view.payments:
            at = payment.captured_at or order.placed_at
            if payment.capture_at is CapturePoint.SHIPMENT:
                continue
            if payment.captured_minor and at and (payment.captured_at is not None) is later:
                taken = Posting(self._money_of(payment), payment.captured_minor)
                postings = [taken, Posting(owed, -payment.captured_minor)]
                found.append(self._entry("capture", at, payment.id, postings))
        return found

    def captured_parts(self) -> list[Entry]:
        """Returns entries of what was taken with shipments."""
        owed = self.accounts.account_of(Role.RECEIVABLE)
        payments = {each.id: each for each in self.view.payments}
        return [
            self._entry(
                "capture",
                part.captured_at,
                part.id,
                [
                    Posting(self._money_of(payments[part.payment_id]), part.amount_minor),
                    Posting(owed, -part.amount_minor),
                ],
            )
            for part in self.parts
            if part.captured_at is not None
        ]

    def failed_refunds(self) -> list[Entry]:
        """Returns entries of refunds that failed later: they are owed again, and paid again."""
        owed, found = self.accounts.account_of(Role.RECEIVABLE), list[Entry]()
        payments = {each.id: each for each in self.view.payments}
        for each in self.view.refunds:
            amount, payment = each.amount_minor, payments[each.payment_id]
            money = self._money_of(payment)
            if each.failed_at:
                postings = [Posting(money, amount), Posting(owed, -amount)]
                found.append(self._entry("refund_failure", each.failed_at, each.id, postings))
            if each.repaid_at:
                if each.repaid_by is RepaidBy.BANK_TRANSFER:
                    money = self.accounts.account_of(Role.CLEARING, "bank_transfer")
                postings = [Posting(owed, amount), Posting(money, -amount)]
                found.append(self._entry("refund", each.repaid_at, each.id, postings))
        return found

    def reversals(self) -> list[Entry]:
        """Returns entries of refunds and of what is no longer owed, in order of time."""
        payments = {each.id: each for each in self.view.payments}
        owed, found, done = self.accounts.account_of(Role.RECEIVABLE), [], 0
        for each in self._reversals():
            payment = payments[each.payment_id] if each.payment_id else None
            account = self._money_of(payment) if payment else owed
            if each.is_credited:
                account = self.accounts.account_of(Role.GIFT_CARDS, STORE_CREDIT)
            parts = self._share(done, done + each.amount_minor)
            done += each.amount_minor
            postings = [*parts, Posting(account, -each.amount_minor)]
            found.append(self._entry(each.kind, each.at, each.subject_id, postings))
        return found

    def _entry(
        self, kind: str, at: datetime, subject_id: UUID, postings: Sequence[Posting]
    ) -> Entry:
        order = self.view.order
        return Entry(
            kind=kind,
            at=at,
            subject_id=subject_id,
            order_id=order.id,
            order_number=order.number or "",
            channel=order.channel_id,
            currency=order.currency,
            postings=_merged(postings),
        )

    def _money_of(self, payment: Payment) -> str:
        """Returns the account of a payment's money: a gift card's is owed to its holder."""
        if payment.gift_card_id:
            is_credit = payment.method_id == STORE_CREDIT
            return self.accounts.account_of(Role.GIFT_CARDS, STORE_CREDIT if is_credit else "")
        return self.accounts.account_of(Role.CLEARING, payment.method_id)

    def _composition(self) -> list[Posting]:
        """Returns what the total is made of: revenue without tax, taxes, and the rest.

        The rest is delivery and fees.
        """
        order, accounts = self.view.order, self.accounts
        is_included, found = is_tax_included(order), list[Posting]()
        for line in self.view.lines:
            found += self._of_line(line, is_included=is_included)
        for tax in order.tax_lines:
            account = accounts.account_of(Role.TAX, tax.category)
            found.append(Posting(account, tax.amount_minor))
        rest = order.total_minor - sum(each.amount_minor for each in found)
        return list(_merged([*found, Posting(accounts.account_of(Role.REVENUE, "delivery"), rest)]))

    def _of_line(self, line: OrderLine, *, is_included: bool) -> Iterator[Posting]:
        net = line.total_minor - line.tax_minor if is_included else line.total_minor
        account = (
            self.accounts.account_of(Role.GIFT_CARDS_SOLD)
            if line.kind is ItemKind.GIFT_CARD
            else self.accounts.account_of(Role.REVENUE, line.tax_class)
        )
        off = line.discount_minor if self.accounts.has_discounts else 0
        if off and is_included and line.total_minor:
            off = off * net // line.total_minor
        yield Posting(account, net - off)
        if off:
            yield Posting(self.accounts.account_of(Role.DISCOUNTS), off)

    def _share(self, start_minor: int, end_minor: int) -> list[Posting]:
        """Returns the parts of the composition from one amount of the total to another.

        Parts that follow each other add up to the composition.
        """
        total, before, found = self.view.order.total_minor, 0, list[Posting]()
        for each in self._composition():
            after = before + each.amount_minor
            part = sum(
                sign * (amount * after // total - amount * before // total)
                for sign, amount in ((1, end_minor), (-1, start_minor))
            )
            found.append(Posting(each.account, part))
            before = after
        return found

    def _reversals(self) -> list[Reversal]:
        view = self.view
        found = [
            Reversal(
                "refund",
                each.refunded_at,
                each.id,
                each.amount_minor,
                each.payment_id,
                each.customer_id is not None,
            )
            for each in view.refunds
            if each.refunded_at and (each.status is RefundStatus.DONE or each.failed_at)
        ]
        found += [
            Reversal("cancellation", each.created_at, each.id, each.voided_minor)
            for each in view.cancellations
            if each.voided_minor
        ]
        found += [
            Reversal("return", each.received_at, each.id, each.voided_minor)
            for each in self.returns
            if each.voided_minor and each.received_at
        ]
        found += [
            Reversal("claim", each.settled_at, each.id, each.voided_minor)
            for each in self.claims
            if each.voided_minor and each.settled_at
        ]
        found += self._cancelled_debt(
            sum(each.amount_minor for each in found if each.payment_id is None)
        )
        return sorted(found, key=lambda each: (each.at, each.subject_id))

    def _cancelled_debt(self, voided_minor: int) -> Iterator[Reversal]:
        """Yields what was still owed of an order when it was cancelled."""
        order, captured = self.view.order, sum(each.captured_minor for each in self.view.payments)
        left = order.total_minor - captured - voided_minor
        for event in self.view.history:
            if event.status is OrderStatus.CANCELLING and left > 0:
                yield Reversal("cancellation", event.at, event.id, left)
                return


def gift_card_entries(
    card: GiftCard, entry: GiftCardEntry, accounts: JournalAccounts, order_number: str
) -> list[Entry]:
    """Returns the entry of a change of a card; none of payments, which orders book."""
    if entry.kind in (EntryKind.CAPTURE, EntryKind.REFUND):
        return []
    is_sold = card.source is GiftCardSource.SOLD and entry.kind is not EntryKind.ADJUSTMENT
    other = accounts.account_of(Role.GIFT_CARDS_SOLD if is_sold else Role.GIFT_CARD_EXPENSE)
    postings = [
        Posting(other, entry.amount_minor),
        Posting(
            accounts.account_of(Role.GIFT_CARDS, STORE_CREDIT if card.is_store_credit else ""),
            -entry.amount_minor,
        ),
    ]
    return [
        Entry(
            kind=f"store_credit_{entry.kind}"
            if card.is_store_credit
            else f"gift_card_{entry.kind}",
            at=entry.at,
            subject_id=entry.id,
            order_id=card.order_id,
            order_number=order_number,
            channel=card.channel,
            currency=card.currency,
            postings=_merged(postings),
        )
    ]


def _negated(postings: Sequence[Posting]) -> Iterator[Posting]:
    return (Posting(each.account, -each.amount_minor) for each in postings)


def _merged(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """Returns one posting an account, in the order in which they come; none of 0."""
    sums: dict[str, int] = {}
    for each in postings:
        sums[each.account] = sums.get(each.account, 0) + each.amount_minor
    return tuple(Posting(account, amount) for account, amount in sums.items() if amount)
