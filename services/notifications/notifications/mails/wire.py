"""Mails and attempts to messages of the contract, and requests to mails."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from chassis import pagination
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_optional_id
from chassis.rpc.wire import timestamp
from notifications.codecs import OUTCOMES, REASONS, STATES, TOPICS
from notifications.errors import InvalidVariables
from notifications.mails.model import Attempt, Mail, MailFilters, MailRules, NewMail
from notifications.mails.recipients import mask_address, normalize_recipient
from notifications.templates.model import get_template
from sojourn.notifications.v1 import notifications_pb2 as pb


def decode_new_mail(request: pb.SendRequest, *, caller: str, key: str, rules: MailRules) -> NewMail:
    """Raises UnknownTemplate, InvalidRecipient, InvalidVariables, InvalidId.

    The dedupe key begins with the name of the caller, so that callers may use the same idempotency
    keys.
    """
    return NewMail(
        dedupe_key=f"{caller}:{key}",
        template=get_template(request.template),
        recipient=normalize_recipient(
            request.recipient, allows_test_domains=rules.allows_test_domains
        ),
        variables=_decode_variables(request.variables),
        locale=request.locale,
        channel=request.channel,
        owner_id=parse_optional_id(request.owner_id, field="owner_id"),
        order_id=parse_optional_id(request.order_id, field="order_id"),
        cart_id=parse_optional_id(request.cart_id, field="cart_id"),
        expires_at=request.expires_at.ToDatetime(tzinfo=UTC)
        if request.HasField("expires_at")
        else None,
    )


def _decode_variables(struct: Struct) -> dict[str, Any]:
    """Raises InvalidVariables if a number is NaN or infinite."""
    try:
        return dict(MessageToDict(struct))
    except ValueError:
        raise InvalidVariables("a variable is not a finite number") from None


def decode_filters(request: pb.ListMessagesRequest) -> MailFilters:
    """Raises UnknownTemplate, InvalidId."""
    return MailFilters(
        state=STATES.decode(request.state) if request.state else None,
        template=get_template(request.template).name if request.template else "",
        order_id=parse_optional_id(request.order_id, field="order_id"),
        owner_id=parse_optional_id(request.owner_id, field="owner_id"),
    )


def decode_page_token(token: str) -> UUID | None:
    """Returns the id of the last mail of the page before; None for the first page.

    Raises InvalidPageToken.
    """
    position = pagination.position_of(token, length=1)
    if position is None:
        return None
    try:
        return UUID(str(position[0]))
    except ValueError:
        raise InvalidPageToken from None


def encode_message(mail: Mail, message_id: str, attempts: Sequence[Attempt] = ()) -> pb.Message:
    """`message_id` is the Message-ID of the mail's header."""
    return pb.Message(
        id=str(mail.id),
        template=mail.template,
        topic=TOPICS.encode(mail.topic),
        locale=mail.locale,
        masked_recipient=mask_address(mail.recipient),
        state=STATES.encode(mail.state),
        reason=REASONS.encode(mail.reason) if mail.reason else None,
        subject=mail.subject,
        owner_id=str(mail.owner_id or ""),
        order_id=str(mail.order_id or ""),
        cart_id=str(mail.cart_id or ""),
        channel=mail.channel,
        version=mail.version,
        trace_id=mail.trace_id,
        queued_at=timestamp(mail.queued_at),
        sent_at=timestamp(mail.sent_at) if mail.sent_at else None,
        attempts=[_encode_attempt(attempt) for attempt in attempts],
        message_id=message_id,
    )


def _encode_attempt(attempt: Attempt) -> pb.Attempt:
    return pb.Attempt(
        number=attempt.number,
        begun_at=timestamp(attempt.begun_at),
        ended_at=timestamp(attempt.ended_at) if attempt.ended_at else None,
        outcome=OUTCOMES.encode(attempt.outcome),
        code_class=attempt.code_class,
    )
