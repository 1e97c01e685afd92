"""Recipients as messages, and messages as values."""

from typing import Final

from chassis.rpc.wire import EnumCodec
from notifications.errors import InvalidRecipient, InvalidStaffNoticeRecipient
from notifications.mails.recipients import normalize_recipient
from notifications.staff_notices.model import (
    EVIDENCE_DUE_HOURS,
    StaffNoticeKind,
    StaffNoticeRecipient,
)
from sojourn.notifications.v1 import staff_notices_pb2 as pb

KINDS: Final = EnumCodec(pb.StaffNoticeKind, StaffNoticeKind)


def recipient_from_proto(
    message: pb.StaffNoticeRecipient, *, allows_test_domains: bool
) -> StaffNoticeRecipient:
    """Returns the recipient of a message. Raises InvalidStaffNoticeRecipient."""

    def invalid(name: str, problem: str) -> InvalidStaffNoticeRecipient:
        return InvalidStaffNoticeRecipient(path=f"recipient.{name}", problem=problem)

    try:
        email = normalize_recipient(message.email, allows_test_domains=allows_test_domains)
    except InvalidRecipient:
        raise invalid("email", "not an e-mail address") from None
    if not message.kinds:
        raise invalid("kinds", "name at least one; an inactive recipient gets none")
    has_hours = message.HasField("evidence_due_hours")
    return StaffNoticeRecipient(
        code=message.code,
        email=email,
        locale=message.locale,
        kinds=sorted({KINDS.decode(each) for each in message.kinds}),
        channels=sorted(set(message.channels)),
        evidence_due_hours=message.evidence_due_hours if has_hours else EVIDENCE_DUE_HOURS,
        is_enabled=message.active if message.HasField("active") else True,
    )


def recipient_to_proto(recipient: StaffNoticeRecipient) -> pb.StaffNoticeRecipient:
    return pb.StaffNoticeRecipient(
        code=recipient.code,
        email=recipient.email,
        locale=recipient.locale,
        kinds=[KINDS.encode(each) for each in recipient.kinds],
        channels=recipient.channels,
        evidence_due_hours=recipient.evidence_due_hours,
        active=recipient.is_enabled,
        version=recipient.version,
    )
