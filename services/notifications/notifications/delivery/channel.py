"""The protocol of a mail channel, which settings choose, and its values."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MimeMessage:
    """A mail in MIME with its SMTP envelope. `message_id` is the same at every attempt."""

    message_id: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


class SubmissionStatus(StrEnum):
    """The end of a submission.

    UNSUPPORTED: the server accepts no address whose local part is not ASCII. AWAY: the server is
    unavailable or refuses every mail of ours; it got no content. IN_DOUBT: the reply to the content
    is missing.
    """

    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    UNSUPPORTED = "unsupported"
    AWAY = "away"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class SubmissionResult:
    """The result of a submission.

    `code_class` is the first digit of the SMTP reply, 0 without a reply.
    """

    status: SubmissionStatus
    code_class: int = 0

    @classmethod
    def from_reply_code(cls, code: int) -> "SubmissionResult":
        """Returns the result that an SMTP reply code states."""
        match code // 100:
            case 2:
                return cls(SubmissionStatus.ACCEPTED, 2)
            case 5:
                return cls(SubmissionStatus.REFUSED_FOR_GOOD, 5)
            case _:
                return cls(SubmissionStatus.REFUSED_FOR_NOW, 4)


class ReceiptStatus(StrEnum):
    """The server's record of an earlier submission.

    UNKNOWN: the server keeps no records. AWAY: the records are unavailable.
    """

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN = "unknown"
    AWAY = "away"


class MailChannel(Protocol):
    """Submits mails to a server. No method raises for a failure of the server or of the network."""

    async def submit(
        self, message: MimeMessage, before_content: Callable[[], Awaitable[None]]
    ) -> SubmissionResult:
        """Submits a message.

        Awaits `before_content` right before the first byte of the content. An exception from it
        ends the submission and is raised.
        """
        ...

    async def find_receipt(self, message_id: str) -> ReceiptStatus:
        """Returns whether the server accepted an earlier submission of the message."""
        ...
