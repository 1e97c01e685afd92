"""The gRPC edge."""

from uuid import UUID

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import Denied, InvalidPageToken
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from notifications import metrics
from notifications.mails import actions as queueing
from notifications.mails import attempts, recipients
from notifications.mails import model as mails
from notifications.mails import redrive as redriving
from notifications.mails import wire as messages
from notifications.mails.actions import MailRules, Wish
from notifications.mails.model import Filters
from notifications.opt_ins import actions as opting_in
from notifications.preferences import actions as subscribing
from notifications.templates import model as templates
from notifications.wiring import Parts
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc


class NotificationServicer(Servicer, pb_grpc.NotificationServiceServicer):
    """Messages and their delivery."""

    def __init__(self, database: Database, verifier: TokenVerifier, parts: Parts) -> None:
        super().__init__(database, verifier)
        self._letterhead, self._rules = parts.letterhead, parts.rules

    @write(scope="notifications.send", needs_key=True)
    async def Send(self, request: pb.SendRequest, call: Call) -> pb.Message:
        wish = _wish(request, call, self._rules)
        async with call.tx() as tx:
            mail = await queueing.queue(tx, wish, self._rules)
        return self._message(mail)

    @read(scope="notifications.read")
    async def ListMessages(self, request: pb.ListMessagesRequest, call: Call) -> pb.ListMessagesResponse:
        size = pagination.size_of(request.page.size)
        filters = Filters(
            state=messages.STATES.decode(request.state) if request.state else None,
            template=templates.named(request.template).name if request.template else "",
            order_id=parse_optional_id(request.order_id, field="order_id"),
            owner_id=parse_optional_id(request.owner_id, field="owner_id"),
        )
        before = _before(request.page.token)
        async with call.read() as read:
            found = await mails.newest(read, filters, before=before, limit=size + 1)
        shown = found[:size]
        token = pagination.token_of([str(shown[-1].id)]) if len(found) > size else ""
        return pb.ListMessagesResponse(messages=[self._message(mail) for mail in shown], next_page_token=token)

    @read(scope="notifications.read")
    async def GetMessage(self, request: pb.GetMessageRequest, call: Call) -> pb.Message:
        mail_id = parse_id(request.message_id, field="message_id")
        async with call.read() as read:
            mail = await mails.of(read, mail_id)
            return messages.message(mail, self._letterhead.message_id(mail), await attempts.of(read, mail_id))

    @write(scope="notifications.write", needs_key=True)
    async def RedriveMessage(self, request: pb.RedriveMessageRequest, call: Call) -> pb.Message:
        mail_id = parse_id(request.message_id, field="message_id")
        async with call.tx() as tx:
            mail = await redriving.redrive(tx, mail_id, call.caller)
        return self._message(mail)

    def _message(self, mail: mails.Mail) -> pb.Message:
        return messages.message(mail, self._letterhead.message_id(mail))


class PreferenceServicer(Servicer, pb_grpc.PreferenceServiceServicer):
    """Which topics somebody wants mail about."""

    def __init__(self, database: Database, verifier: TokenVerifier, parts: Parts) -> None:
        super().__init__(database, verifier)
        self._tokens = parts.unsubscribe_tokens

    @read()
    async def GetPreferences(self, request: pb.GetPreferencesRequest, call: Call) -> pb.Preferences:
        customer_id = _customer(call.caller)
        async with call.read() as read:
            return messages.preferences(await subscribing.wanted_by(read, customer_id))

    @write()
    async def SetPreferences(self, request: pb.SetPreferencesRequest, call: Call) -> pb.Preferences:
        customer_id = _customer(call.caller)
        async with call.tx() as tx:
            wanted = await subscribing.change(tx, customer_id, request.wanted)
        return messages.preferences(wanted)

    @write(public=True)
    async def Unsubscribe(self, request: pb.UnsubscribeRequest, call: Call) -> pb.UnsubscribeResponse:
        # Idempotent by itself: nothing is stored of the call.
        async with call.tx(stores_reply=False) as tx:
            topic = await subscribing.unsubscribe(tx, request.token, self._tokens)
        metrics.unsubscribes.labels(topic).inc()
        return pb.UnsubscribeResponse(topic=messages.TOPICS.encode(topic))

    @write(public=True)
    async def ConfirmAddress(self, request: pb.ConfirmAddressRequest, call: Call) -> pb.ConfirmAddressResponse:
        # Idempotent by itself: nothing is stored of the call.
        async with call.tx(stores_reply=False) as tx:
            await opting_in.confirm_address(tx, request.token)
        metrics.confirmations.inc()
        return pb.ConfirmAddressResponse()


def _wish(request: pb.SendRequest, call: Call, rules: MailRules) -> Wish:
    return Wish(
        dedupe_key=queueing.dedupe_key_of(call.caller.name, call.key),
        template=templates.named(request.template),
        recipient=recipients.normalized(request.recipient, allows_test_domains=rules.allows_test_domains),
        variables=messages.variables_of(request.variables),
        locale=request.locale,
        channel=request.channel,
        owner_id=parse_optional_id(request.owner_id, field="owner_id"),
        order_id=parse_optional_id(request.order_id, field="order_id"),
        cart_id=parse_optional_id(request.cart_id, field="cart_id"),
        expires_at=messages.time_of(request.expires_at) if request.HasField("expires_at") else None,
    )


def _before(token: str) -> UUID | None:
    position = pagination.position_of(token, length=1)
    if position is None:
        return None
    try:
        return UUID(str(position[0]))
    except ValueError:
        raise InvalidPageToken from None


def _customer(caller: Caller) -> UUID:
    """The customer who calls. A service acts for one. Raises Denied."""
    if caller.kind not in ("customer", "service"):
        raise Denied("only customers have preferences", kind=caller.kind)
    return caller.shopper_id
