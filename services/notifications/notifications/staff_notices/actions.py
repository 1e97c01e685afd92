"""Changes of recipients by staff, and mails to them."""

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from notifications.errors import InvalidStaffNoticeRecipient
from notifications.mails.actions import send_message
from notifications.mails.model import MailRules, NewMail
from notifications.mails.recipients import digest_address
from notifications.staff_notices import events
from notifications.staff_notices.model import (
    MOST_RECIPIENTS,
    DisputedPayment,
    StaffNotice,
    StaffNoticeRecipient,
)
from notifications.staff_notices.queries import find_known_keys, find_recipients
from notifications.templates.model import STAFF_NOTICE

# One change at a time: two new recipients would not count each other.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('staff_notice_recipient'))"
_RECORD_DISPUTE: Final = (
    "INSERT INTO disputed_payment (dispute_id, order_version, number, channel, reason, currency,"
    " amount_minor, respond_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (dispute_id) DO UPDATE SET order_version = excluded.order_version,"
    " number = excluded.number, reason = excluded.reason, currency = excluded.currency,"
    " amount_minor = excluded.amount_minor, respond_by = excluded.respond_by"
    " WHERE excluded.order_version > disputed_payment.order_version"
)


async def put_recipient(
    tx: Tx, draft: StaffNoticeRecipient, *, caller: Caller, expected_version: int = 0
) -> StaffNoticeRecipient:
    """Creates or replaces a recipient by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Emits StaffNoticeRecipientChanged. Raises
    InvalidStaffNoticeRecipient, VersionMismatch.
    """
    await tx.fetch(_ONE_AT_A_TIME)
    before = await tx.lock(StaffNoticeRecipient, draft.code)
    _require_version(before, expected_version)
    if before is None:
        await _require_room(tx)
        draft.version = 1
        await tx.insert(draft)
    else:
        draft.version = before.version
        if draft == before:
            return before
        await tx.update(draft)
    _record(tx, caller, "put", before=before, after=draft)
    await tx.emit(events.recipient_changed(draft), key=_subject(draft.code))
    return draft


async def delete_recipient(tx: Tx, code: str, *, caller: Caller, expected_version: int = 0) -> None:
    """Deletes a recipient. Idempotent.

    Emits StaffNoticeRecipientDeleted. Raises VersionMismatch.
    """
    before = await tx.lock(StaffNoticeRecipient, code) if code.isprintable() else None
    if before is None:
        return
    _require_version(before, expected_version)
    await tx.delete(before)
    _record(tx, caller, "delete", before=before, after=None)
    await tx.emit(events.recipient_deleted(code), key=_subject(code))


async def notify_staff(
    tx: Tx,
    notice: StaffNotice,
    rules: MailRules,
    recipients: Sequence[StaffNoticeRecipient] | None = None,
) -> int:
    """Queues a mail of a notice to each address once, and returns how many are new.

    Idempotent. Without `recipients` those are told that get its kind in its channel.
    """
    if recipients is None:
        recipients = await find_recipients(tx, notice.kind, notice.channel)
    by_key = {_key(notice, each): each for each in reversed(recipients)}
    known = await find_known_keys(tx, list(by_key)) if by_key else set()
    for key, each in by_key.items():
        if key in known:
            continue
        await send_message(
            tx,
            NewMail(
                dedupe_key=key,
                template=STAFF_NOTICE,
                recipient=each.email,
                variables={"kind": notice.kind.value, **notice.variables},
                locale=each.locale,
                channel=notice.channel,
            ),
            rules,
        )
    return len(by_key) - len(known)


async def record_dispute(tx: Tx, dispute: DisputedPayment) -> None:
    """Keeps a dispute as an event told of it; an older event changes nothing."""
    await tx.run(
        _RECORD_DISPUTE,
        [
            dispute.dispute_id,
            dispute.order_version,
            dispute.number,
            dispute.channel,
            dispute.reason,
            dispute.currency,
            dispute.amount_minor,
            dispute.respond_by,
        ],
    )


def _key(notice: StaffNotice, recipient: StaffNoticeRecipient) -> str:
    return f"staff:{notice.kind}:{notice.subject}:{digest_address(recipient.email)}"


def _subject(code: str) -> str:
    return f"staff_notice_recipient:{code}"


def _require_version(before: StaffNoticeRecipient | None, expected: int) -> None:
    version = before.version if before else 0
    if expected not in (0, version):
        raise VersionMismatch("the recipient changed meanwhile", version=version)


async def _require_room(tx: Tx) -> None:
    row = await tx.fetch_one("SELECT count(*) FROM staff_notice_recipient")
    if row and row[0] >= MOST_RECIPIENTS:
        raise InvalidStaffNoticeRecipient(
            path="recipient.code", problem=f"a shop has at most {MOST_RECIPIENTS} recipients"
        )


def _record(
    tx: Tx,
    caller: Caller,
    verb: str,
    *,
    before: StaffNoticeRecipient | None,
    after: StaffNoticeRecipient | None,
) -> None:
    """Writes the audit row. The address is personal: the row says only whether it changed."""
    was, becomes = (_audited(each) if each else None for each in (before, after))
    if becomes is not None:
        becomes["email_changed"] = before is None or after is None or before.email != after.email
    code = (after or before).code  # type: ignore[union-attr]  # one of them is there
    record_audit(
        tx, caller, f"staff_notice_recipient.{verb}", _subject(code), before=was, after=becomes
    )


def _audited(recipient: StaffNoticeRecipient) -> dict[str, JsonValue]:
    return recipient.model_dump(mode="json", exclude={"email"})
