"""Tokens of download links: which part of which file, for which order, and until when."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from catalog.errors import InvalidDownloadToken
from catalog.signed_tokens import read_signed, sign

_PURPOSE: Final = b"catalog download"


@dataclass(frozen=True, slots=True)
class DownloadTicket:
    """The facts that a token carries. Part 1 counts as a download; others follow it."""

    order_id: UUID
    file_id: UUID
    expires_at: datetime
    part: int = 1


def sign_download(ticket: DownloadTicket, key: bytes) -> str:
    """Returns the token of a ticket."""
    expires = int(ticket.expires_at.timestamp())
    return sign(
        [ticket.order_id.hex, ticket.file_id.hex, expires, ticket.part], key, purpose=_PURPOSE
    )


def read_download_token(token: str, key: bytes, now: datetime) -> DownloadTicket:
    """Returns the ticket of a token. Raises InvalidDownloadToken where it is forged or over."""
    facts = read_signed(token, key, purpose=_PURPOSE)
    if facts is None:
        raise InvalidDownloadToken
    order, file, expires, part = facts
    expires_at = datetime.fromtimestamp(expires, UTC)
    if now >= expires_at:
        raise InvalidDownloadToken("the link's time is over; ask for another one")
    return DownloadTicket(UUID(order), UUID(file), expires_at, part)
