"""Events to touchpoints, and their recording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from chassis.data.tx import Tx
from chassis.events.consumer import Envelope
from journey import metrics
from journey import wire as messages
from journey.consents.model import Answer, answer_of
from journey.people.keys import EmailKeys, PersonKey, insert_keys
from journey.reminders.actions import cancel_reminders
from journey.reminders.model import Reason
from journey.settings import Settings
from journey.surveys.mailing import Address, schedule_surveys
from journey.touchpoints.model import (
    MOST_SESSION,
    Source,
    Touchpoint,
    parse_reason,
    serialize_properties,
)
from journey.touchpoints.record import Seen, record_touchpoints


class Trust(Enum):
    """Trust that the visitor of an event's trace is the shopper of the event."""

    SHOPPER = "shopper"
    # A saga may go on in a webhook's trace, whose visitor is nobody. A consent in the baggage tells
    # a shopper's browser.
    IF_CONSENTED = "if_consented"
    # Staff ship and cancel, and their visitor is no shopper.
    OWNER_ONLY = "owner_only"


class Amount(Protocol):
    """A message of money."""

    @property
    def amount_minor(self) -> int: ...

    @property
    def currency(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event's facts of a shopper, who is found by `keys` and written to at `address`.

    `properties` without a value are left out. An owner is a guest until they are known to be a
    customer.
    """

    kind: str
    owner_id: str = ""
    customer_id: str = ""
    trust: Trust = Trust.SHOPPER
    channel: str = ""
    device: str = ""
    subject: str = ""
    outcome: str = "ok"
    reason: str = ""
    amount: Amount | None = None
    properties: Mapping[str, object] = field(default_factory=dict)
    keys: tuple[UUID, ...] = ()
    address: Address | None = None


def seen_of(envelope: Envelope, now: datetime, fact: Fact) -> Seen | None:
    """An event's touchpoint; None where it tells of nobody."""
    carried = baggage_of(envelope.headers)
    answer = answer_of(carried.get("consent", ""))
    if fact.trust is Trust.OWNER_ONLY or (
        fact.trust is Trust.IF_CONSENTED and answer is not Answer.GRANTED
    ):
        carried, answer = {}, Answer.UNKNOWN
    visitor_id, guest_id, customer_id = (
        uuid_of(carried.get("visitor", "")),
        uuid_of(fact.owner_id),
        uuid_of(fact.customer_id),
    )
    if visitor_id is None and guest_id is None and customer_id is None:
        return None
    row = Touchpoint(
        id=envelope.event_id,
        visitor_id=visitor_id,
        guest_id=guest_id if guest_id != customer_id else None,
        customer_id=customer_id,
        trace_id=messages.trace_of(envelope.trace_id),
        occurred_at=envelope.occurred_at,
        received_at=now,
        duration_ms=None,
        kind=fact.kind,
        source=Source.EVENT,
        channel=fact.channel or carried.get("channel", ""),
        outcome=fact.outcome,
        reason=parse_reason(fact.reason),
        subject=fact.subject,
        session_id=carried.get("session", "")[:MOST_SESSION],
        properties=serialize_properties(messages.texts_of(fact.properties)),
        amount_minor=fact.amount.amount_minor if fact.amount else None,
        currency=fact.amount.currency if fact.amount else "",
        device=fact.device,
    )
    return Seen(row, answer)


def baggage_of(headers: Mapping[str, str]) -> dict[str, str]:
    """All that an event's baggage carries."""
    return dict(
        part.strip().split("=", 1) for part in headers.get("baggage", "").split(",") if "=" in part
    )


def uuid_of(text: str) -> UUID | None:
    """Returns None if `text` is no UUID."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class Recorder:
    """Records the facts of a batch of events together: any order of them is right."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def _email_keys(self, email: str) -> tuple[UUID, ...]:
        """Returns the key of an address that an event names; none for what is no address."""
        try:
            return (EmailKeys(self._settings.people_key)(email),) if email else ()
        except ValueError:
            return ()

    async def _record(self, tx: Tx, envelope: Envelope, fact: Fact) -> None:
        seen = seen_of(envelope, tx.now, fact)
        if seen is None:
            return
        row = seen.touchpoint
        if not row.channel:
            seen = Seen(row._replace(channel=self._settings.default_channel), seen.answer)
        tx.gather((seen, fact), self._record_all, named="touchpoints")

    async def _record_all(self, tx: Tx, told: list[tuple[Seen, Fact]]) -> None:
        recorded = await record_touchpoints(
            tx, [seen for seen, _ in told], self._settings.is_granted_by_default
        )
        metrics.count(Source.EVENT, recorded)
        if self._settings.notifications_target:
            addresses = {seen.touchpoint.id: fact.address for seen, fact in told}
            await schedule_surveys(
                tx, [(row, to) for row in recorded.stored if (to := addresses[row.id])]
            )
        keys = {seen.touchpoint.id: fact.keys for seen, fact in told if fact.keys}
        await insert_keys(
            tx,
            (
                PersonKey(key_id=key, handle_id=owner_id)
                for row in recorded.stored
                if (owner_id := row.customer_id or row.guest_id) is not None
                for key in keys.get(row.id, ())
            ),
        )

    def _shopper_is_back(self, tx: Tx, key_id: str, version: int) -> None:
        if key := uuid_of(key_id):
            tx.gather((key, version), self._note_returns, named="returns")

    async def _note_returns(self, tx: Tx, returns: list[tuple[UUID, int]]) -> None:
        metrics.reminders.labels(Reason.CAME_BACK).inc(
            await cancel_reminders(tx, dict(sorted(returns)))
        )
