"""Double opt-in: one mail asks the owner of an address to confirm it."""

import hashlib
import secrets
from typing import Final

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from notifications.errors import ConfirmationTokenNotFound, InvalidRecipient
from notifications.mails.actions import send_message
from notifications.mails.model import Mail, MailRules, MailState, NewMail
from notifications.mails.recipients import digest_address, normalize_recipient
from notifications.opt_ins.model import OPT_IN_VALIDITY, OptIn, OptInRequest
from notifications.preferences.actions import record_confirmed_address
from notifications.preferences.model import ConfirmedBy, Topic
from notifications.preferences.queries import is_confirmed, wants_topic
from notifications.templates.model import CONFIRM_REMINDERS

_opt_in: Final = insert(OptIn).values(
    email_digest=bindparam("email_digest"),
    token_digest=bindparam("token_digest"),
    asked_at=bindparam("now"),
)
_STORE: Final = prepare(
    _opt_in.on_conflict_do_update(
        index_elements=["email_digest"],
        set_={name: _opt_in.excluded[name] for name in ("token_digest", "asked_at")},
        where=col(OptIn.asked_at) <= bindparam("before"),
    )
)
_DELETE: Final = prepare(delete(OptIn).where(col(OptIn.email_digest) == bindparam("email_digest")))
_ADDRESS_OF_TOKEN: Final = prepare(
    select(OptIn.email_digest).where(
        OptIn.token_digest == bindparam("token_digest"), OptIn.asked_at > bindparam("since")
    )
)
_DELETE_EXPIRED: Final = prepare(delete(OptIn).where(col(OptIn.asked_at) <= bindparam("before")))


async def request_opt_in(tx: Tx, request: OptInRequest, rules: MailRules) -> Mail | None:
    """Queues the mail that asks an address's owner to confirm it, at most one in seven days.

    Returns None if the address is invalid, is confirmed already, has unsubscribed from reminders,
    or has a link that is still valid.
    """
    try:
        address = normalize_recipient(request.email, allows_test_domains=rules.allows_test_domains)
    except InvalidRecipient:
        return None
    digest = digest_address(address)
    if await is_confirmed(tx, digest) or not await wants_topic(tx, digest, Topic.REMINDERS):
        return None
    token = secrets.token_urlsafe(32)
    if not await _store_opt_in(tx, digest, token):
        return None
    new = NewMail(
        dedupe_key=f"confirm-reminders:{digest}:{tx.now.isoformat()}",
        template=CONFIRM_REMINDERS,
        recipient=address,
        variables={"token": token},
        locale=request.locale,
        channel=request.channel,
        owner_id=request.owner_id,
        cart_id=request.cart_id,
        expires_at=tx.now + OPT_IN_VALIDITY,
    )
    mail = await send_message(tx, new, rules)
    if mail.state is MailState.SUPPRESSED:
        # The mail is not sent, so the address may be asked again before the seven days are over.
        await tx.execute(_DELETE, email_digest=digest)
    return mail


async def confirm_address(tx: Tx, token: str) -> None:
    """Confirms the address of an opt-in link. Idempotent. Raises ConfirmationTokenNotFound."""
    since = tx.now - OPT_IN_VALIDITY
    email_digest: str | None = await tx.one(
        _ADDRESS_OF_TOKEN, token_digest=_digest_token(token), since=since
    )
    if email_digest is None:
        raise ConfirmationTokenNotFound("the link is invalid, expired, or replaced by a newer one")
    await record_confirmed_address(tx, email_digest, ConfirmedBy.LINK)


async def delete_expired_opt_ins(tx: Tx) -> None:
    """Deletes the opt-ins of links that are not valid any more."""
    await tx.execute(_DELETE_EXPIRED, before=tx.now - OPT_IN_VALIDITY)


async def _store_opt_in(tx: Tx, email_digest: str, token: str) -> bool:
    """Stores a new link. Returns False if the address has one that is still valid."""
    before = tx.now - OPT_IN_VALIDITY
    return bool(
        await tx.execute(
            _STORE,
            email_digest=email_digest,
            token_digest=_digest_token(token),
            now=tx.now,
            before=before,
        )
    )


def _digest_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
