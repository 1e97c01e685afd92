"""The edge of alerts about stock and prices."""

from uuid import UUID

from catalog.directory import Directory
from catalog.servicers.engagement.callers import require_customer
from catalog.subscriptions.actions import (
    confirm_alert,
    create_alert,
    delete_my_alert,
    end_alert,
)
from catalog.subscriptions.queries import list_alerts
from catalog.subscriptions.wire import decode_wish, encode_alert
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id, parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import subscriptions_pb2 as pb
from sojourn.catalog.v1 import subscriptions_pb2_grpc as pb_grpc

_LAST = UUID(int=2**128 - 1)


class AlertServicer(Servicer, pb_grpc.AlertServiceServicer):
    """Alerts."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        directory: Directory,
        *,
        allows_test_domains: bool,
    ) -> None:
        super().__init__(database, verifier)
        self._directory, self._allows_test_domains = directory, allows_test_domains

    @write(public=True)
    async def CreateAlert(
        self, request: pb.CreateAlertRequest, call: Call
    ) -> pb.CreateAlertResponse:
        caller = call.caller
        wish = decode_wish(request, caller.subject_id if caller.kind == "customer" else None)
        async with call.tx() as tx:
            channels = (await self._directory.context(tx)).channels
            asked = request.view
            view = channels.view(
                asked.channel, asked.locale, asked.currency, asked.accepted_locales
            )
            await create_alert(
                tx,
                channels.by_code[view.channel],
                view,
                wish,
                allows_test_domains=self._allows_test_domains,
            )
        # The same for an address that has the alert: a stranger learns nothing of it.
        return pb.CreateAlertResponse(needs_confirmation=not wish.is_confirmed)

    @write(public=True)
    async def ConfirmAlert(
        self, request: pb.ConfirmAlertRequest, call: Call
    ) -> pb.ConfirmAlertResponse:
        async with call.tx() as tx:
            await confirm_alert(tx, request.token)
        return pb.ConfirmAlertResponse()

    @write(public=True)
    async def EndAlert(self, request: pb.EndAlertRequest, call: Call) -> pb.EndAlertResponse:
        async with call.tx() as tx:
            await end_alert(tx, request.token)
        return pb.EndAlertResponse()

    @read()
    async def ListMyAlerts(
        self, request: pb.ListMyAlertsRequest, call: Call
    ) -> pb.ListMyAlertsResponse:
        customer_id = require_customer(call.caller)
        size = size_of(request.page.size, default=20)
        after = position_of(request.page.token, length=1)
        before = parse_id_or(str(after[0]), InvalidPageToken()) if after else _LAST
        async with call.read() as read:
            found = await list_alerts(read, customer_id, before=before, size=size + 1)
        return pb.ListMyAlertsResponse(
            alerts=map(encode_alert, found[:size]),
            next_page_token=token_of([str(found[size - 1].id)]) if len(found) > size else "",
        )

    @write()
    async def DeleteMyAlert(
        self, request: pb.DeleteMyAlertRequest, call: Call
    ) -> pb.DeleteMyAlertResponse:
        customer_id = require_customer(call.caller)
        async with call.tx() as tx:
            await delete_my_alert(
                tx,
                parse_id(request.id, "id"),
                customer_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteMyAlertResponse()
