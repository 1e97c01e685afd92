"""Requests and answers. Amounts are integer minor units; times are RFC 3339 in UTC."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from simulator.payments.ledger import EntryKind
from simulator.payments.model import Instrument, Payment, PaymentStatus, Signals
from simulator.payments.vault import SetUp, SetUpStatus

AmountMinor = Annotated[
    int, Field(strict=True, ge=1, le=10**15, description="Minor units of the currency.")
]


class Request(BaseModel):
    """An unknown member is refused: a misspelt option must not pass for its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewPayment(Request):
    reference: str = Field(min_length=1, max_length=255, description="The merchant's order id.")
    amount_minor: AmountMinor
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code.")
    payment_method: str = Field(
        min_length=1, max_length=255, description="Token of a payment method, such as `pm_card_ok`."
    )
    capture: bool = Field(
        default=False, description="Take the money at once instead of only holding it."
    )
    return_url: str | None = Field(
        default=None,
        max_length=2048,
        pattern=r"^https?://",
        description="Where a challenge page sends the customer afterwards.",
    )
    customer: str | None = Field(
        default=None, max_length=64, description="Of whom the payment method is, or will be."
    )
    save: bool = Field(
        default=False, description="Keep the payment method for the customer once it is authorized."
    )
    off_session: bool = Field(
        default=False, description="The customer is not there: a challenge is a decline."
    )
    in_parts: bool = Field(default=False, description="It is captured in parts.")


class NewCustomer(Request):
    reference: str = Field(min_length=1, max_length=255, description="The merchant's id of it.")


class NewSetUp(Request):
    customer: str = Field(min_length=1, max_length=64)
    payment_method: str | None = Field(
        default=None, max_length=255, description="Without one its confirmation is awaited."
    )
    return_url: str | None = Field(default=None, max_length=2048, pattern=r"^https?://")


class ConfirmSetUp(Request):
    payment_method: str = Field(min_length=1, max_length=255)


class CaptureRequest(Request):
    amount_minor: AmountMinor | None = Field(
        default=None, description="Default: all that is left. What it leaves is released."
    )
    final: bool = Field(
        default=True, description="Unless it is final, what it leaves stays on hold."
    )


class RefundRequest(Request):
    amount_minor: AmountMinor | None = Field(
        default=None, description="Default: all that is left to refund."
    )
    reason: str | None = Field(default=None, max_length=255)


class ChallengeOutcome(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"


class ChallengeAnswer(Request):
    outcome: ChallengeOutcome


class Action(BaseModel):
    """Action of the customer before the payment can go on."""

    type: Literal["three_d_secure"] = "three_d_secure"
    url: str = Field(description="The page of the customer's bank.")
    token: str = Field(description="Whoever has it can answer the challenge.")


class PaymentView(BaseModel):
    id: str
    reference: str
    status: PaymentStatus
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    currency: str
    decline_code: str | None = Field(
        description="Why it is declined: `card_declined`, `insufficient_funds` or "
        "`authentication_failed`."
    )
    action: Action | None = Field(description="Present while the status is `requires_action`.")
    created_at: str
    signals: Signals | None = Field(default=None, description="Signals against fraud, if any.")
    kept: dict[str, Any] | None = Field(
        default=None, description="The payment method that is kept for the customer."
    )
    in_parts: bool | None = Field(default=None, description="Whether it is captured in parts.")


class PaymentList(BaseModel):
    payments: list[PaymentView] = Field(description="Oldest first.")


class CancelOutcome(StrEnum):
    VOIDED = "voided"
    REFUNDED = "refunded"
    NOTHING_TO_UNDO = "nothing_to_undo"
    CANCELLED_BEFORE_CREATION = "cancelled_before_creation"


class Cancellation(BaseModel):
    idempotency_key: str
    outcome: CancelOutcome
    payment: PaymentView | None = Field(
        description="Null where no payment was ever made under the key."
    )


class LedgerEntry(BaseModel):
    seq: int
    payment_id: str
    reference: str
    kind: EntryKind
    amount_minor: int = Field(description="Always positive; the kind tells the direction.")
    currency: str
    at: str


class LedgerPage(BaseModel):
    entries: list[LedgerEntry]
    next_after_seq: int | None = Field(
        description="Pass it as `after_seq` for the next page; null on the last one."
    )


class CurrencySums(BaseModel):
    currency: str
    payment_count: int = Field(description="Payments that ever held or took money.")
    authorized_minor: int
    captured_minor: int
    voided_minor: int = Field(
        description="Holds released, whether by a void or by a capture of less."
    )
    refunded_minor: int
    net_captured_minor: int = Field(description="Captures less refunds.")
    holding_minor: int = Field(description="Authorized, and neither captured nor released.")


class ReferenceSums(CurrencySums):
    reference: str


class LedgerSummary(BaseModel):
    references: list[ReferenceSums] = Field(description="Never cut short.")


class LedgerTotals(BaseModel):
    entry_count: int
    last_seq: int
    currencies: list[CurrencySums]
    payments_by_status: dict[PaymentStatus, int]


class EventType(StrEnum):
    AUTHORIZED = "payment.authorized"
    CAPTURED = "payment.captured"
    VOIDED = "payment.voided"
    REFUNDED = "payment.refunded"
    DECLINED = "payment.declined"
    REQUIRES_ACTION = "payment.requires_action"
    DISPUTE_OPENED = "payment.dispute.opened"
    DISPUTE_CHANGED = "payment.dispute.changed"


class WebhookEvent(BaseModel):
    """A fact about a payment.

    Delivered at least once; order is not promised, `sequence` tells it.
    """

    id: str
    type: EventType
    created_at: str
    sequence: int = Field(description="Counts the events of one payment from 1, without gaps.")
    data: PaymentView = Field(description="The payment as it was right after the event.")
    dispute: str | None = Field(default=None, description="Id of the dispute that changed.")


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str


def snapshot_of(payment: Payment) -> dict[str, Any]:
    """A payment as a PaymentView has it."""
    action = None
    if payment.status is PaymentStatus.REQUIRES_ACTION:
        action = {
            "type": "three_d_secure",
            "url": payment.challenge_url,
            "token": payment.challenge_token,
        }
    return {
        "id": payment.payment_id,
        "reference": payment.reference,
        "status": payment.status,
        "amount_minor": payment.amount_minor,
        "captured_minor": payment.captured_minor,
        "refunded_minor": payment.refunded_minor,
        "currency": payment.currency,
        "decline_code": payment.decline_code,
        "action": action,
        "created_at": payment.created_at,
        **({"signals": asdict(payment.signals)} if payment.signals else {}),
        **({"kept": instrument_of(payment.kept)} if payment.kept else {}),
        **({"in_parts": True} if payment.in_parts else {}),
    }


def instrument_of(found: Instrument) -> dict[str, Any]:
    """An instrument that is kept, as merchants see it."""
    return {
        "id": found.instrument_id,
        "brand": found.brand,
        "last_four": found.last_four,
        "expires_month": found.expires_month,
        "expires_year": found.expires_year,
    }


def set_up_of(found: SetUp, kept: Instrument | None) -> dict[str, Any]:
    """A set-up as merchants see it; its instrument is shown once it is done."""
    is_open = found.status in (SetUpStatus.PENDING, SetUpStatus.REQUIRES_ACTION)
    waits = found.status is SetUpStatus.REQUIRES_ACTION
    is_done = found.status is SetUpStatus.DONE and kept is not None and kept.is_attached
    return {
        "id": found.set_up_id,
        "customer": found.customer_id,
        "status": found.status,
        "payment_method": instrument_of(kept) if is_done and kept else None,
        "client_secret": found.client_secret if is_open else None,
        "decline_code": found.decline_code,
        "action": {"type": "three_d_secure", "url": found.challenge_url} if waits else None,
    }


def encoded(payment: Payment) -> bytes:
    """A payment as JSON."""
    return to_json(snapshot_of(payment))
