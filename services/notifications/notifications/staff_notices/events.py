"""Events of recipients. They hold no address."""

from notifications.staff_notices.model import StaffNoticeRecipient
from sojourn.notifications.v1 import staff_notices_pb2 as pb


def recipient_changed(recipient: StaffNoticeRecipient) -> pb.StaffNoticeRecipientChanged:
    return pb.StaffNoticeRecipientChanged(code=recipient.code, version=recipient.version)


def recipient_deleted(code: str) -> pb.StaffNoticeRecipientDeleted:
    return pb.StaffNoticeRecipientDeleted(code=code)
