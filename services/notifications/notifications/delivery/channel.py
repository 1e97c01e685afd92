"""What carries mails out of the house: a protocol, chosen by settings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as bytes on the wire, with its envelope. `message_id` is the same at every attempt."""

    message_id: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


class Result(StrEnum):
    """How an offer ended.

    UNSUPPORTED: the server takes no address whose local part is not ASCII.
    AWAY: nothing was handed over, and it was not the mail's fault. IN_DOUBT: the content was on its way when the answer was lost.
    """

    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    UNSUPPORTED = "unsupported"
    AWAY = "away"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said. `code_class` is the first digit of its reply, 0 where there was none."""

    result: Result
    code_class: int = 0

    @classmethod
    def of_code(cls, code: int) -> "Answer":
        """The answer in an SMTP reply code."""
        match code // 100:
            case 2:
                return cls(Result.ACCEPTED, 2)
            case 5:
                return cls(Result.REFUSED_FOR_GOOD, 5)
            case _:
                return cls(Result.REFUSED_FOR_NOW, 4)


class Knowledge(StrEnum):
    """What a server can tell of a letter that was offered before. UNKNOWN: it keeps no record that we can ask."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN = "unknown"
    AWAY = "away"


class MailChannel(Protocol):
    """Carries letters. Neither method raises for what a server or a network does."""

    async def offer(self, letter: Letter, before_content: Callable[[], Awaitable[None]]) -> Answer:
        """Offers a letter. Awaits `before_content` when all is ready for the content and not a byte of it is sent; what that raises
        ends the offer and is passed on."""
        ...

    async def ask(self, message_id: str) -> Knowledge:
        """Whether an earlier offer of the letter was accepted."""
        ...
