"""Double opt-in: whoever asks for mails to an address that is not confirmed makes us write once, to ask the address's owner."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from notifications.errors import ConfirmationTokenNotFound, InvalidRecipient
from notifications.mails import actions as queueing
from notifications.mails import recipients
from notifications.mails.actions import MailRules, Wish
from notifications.mails.model import Mail, MailState
from notifications.preferences import confirmed_addresses
from notifications.preferences import model as preferences
from notifications.preferences.confirmed_addresses import ConfirmedBy
from notifications.preferences.topics import Topic
from notifications.templates import model as templates

# For so long a link is good, and its address is not asked again.
PAUSE: Final = timedelta(days=7)


class OptIn(Row, table=True):
    """The last link that asked an address's owner."""

    __tablename__ = "opt_in"

    email_digest: str = Field(primary_key=True)
    token_digest: str = Field(unique=True)
    asked_at: datetime = Field(index=True)


_asking: Final = insert(OptIn).values(
    email_digest=bindparam("email_digest"), token_digest=bindparam("token_digest"), asked_at=bindparam("now")
)
_CLAIM: Final = prepare(
    _asking.on_conflict_do_update(
        index_elements=["email_digest"],
        set_={name: _asking.excluded[name] for name in ("token_digest", "asked_at")},
        where=col(OptIn.asked_at) <= bindparam("before"),
    )
)
_GIVE_BACK: Final = prepare(delete(OptIn).where(col(OptIn.email_digest) == bindparam("email_digest")))
_ADDRESS_OF_TOKEN: Final = prepare(
    select(OptIn.email_digest).where(OptIn.token_digest == bindparam("token_digest"), OptIn.asked_at > bindparam("since"))
)
_DELETE_OLD: Final = prepare(delete(OptIn).where(col(OptIn.asked_at) <= bindparam("before")))


@dataclass(frozen=True, slots=True)
class OptInRequest:
    """A wish for reminders to an address."""

    email: str = field(repr=False)
    locale: str = ""
    channel: str = ""
    owner_id: UUID | None = None
    cart_id: UUID | None = None


async def ask_for_opt_in(tx: Tx, request: OptInRequest, rules: MailRules) -> Mail | None:
    """Queues the mail that asks an address's owner, at most one in seven days; None where none is needed or allowed."""
    try:
        address = recipients.normalized(request.email, allows_test_domains=rules.allows_test_domains)
    except InvalidRecipient:
        return None
    digest = recipients.digest_of(address)
    if await confirmed_addresses.is_confirmed(tx, digest) or not await preferences.wants(tx, digest, Topic.REMINDERS):
        return None
    token = secrets.token_urlsafe(32)
    if not await _claim(tx, digest, _digest_of(token)):
        return None
    wish = Wish(
        dedupe_key=f"confirm-reminders:{digest}:{tx.now.isoformat()}",
        template=templates.CONFIRM_REMINDERS,
        recipient=address,
        variables={"token": token},
        locale=request.locale,
        channel=request.channel,
        owner_id=request.owner_id,
        cart_id=request.cart_id,
        expires_at=tx.now + PAUSE,
    )
    mail = await queueing.queue(tx, wish, rules)
    if mail.state is MailState.SUPPRESSED:
        # Nobody was asked, so that asking later is no second time.
        await tx.execute(_GIVE_BACK, email_digest=digest)
    return mail


async def confirm_address(tx: Tx, token: str) -> None:
    """Confirms the address of a link's token. Idempotent. Raises ConfirmationTokenNotFound."""
    email_digest: str | None = await tx.one(_ADDRESS_OF_TOKEN, token_digest=_digest_of(token), since=tx.now - PAUSE)
    if email_digest is None:
        raise ConfirmationTokenNotFound("the link is not good, too old, or replaced by a newer one")
    await confirmed_addresses.confirm(tx, email_digest, ConfirmedBy.LINK)


async def delete_old(tx: Tx) -> None:
    """Deletes what no link refers to any more."""
    await tx.execute(_DELETE_OLD, before=tx.now - PAUSE)


async def _claim(tx: Tx, email_digest: str, token_digest: str) -> bool:
    return bool(await tx.execute(_CLAIM, email_digest=email_digest, token_digest=token_digest, now=tx.now, before=tx.now - PAUSE))


def _digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
