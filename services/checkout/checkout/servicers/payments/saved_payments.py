"""SavedPaymentMethodService."""

from uuid import UUID

from chassis.data.database import Database
from chassis.data.idempotency import claim_key, find_reply, store_reply
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.crashes import crash_point
from checkout.errors.payments import PaymentDeclined, PaymentMethodNotFound
from checkout.errors.saved_payments import PaymentMethodNotSavable, SavedPaymentMethodNotFound
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.payment_methods.model import PaymentMethod
from checkout.payments.provider import Method
from checkout.payments.vaults.tokens import accept_return_url, accept_token
from checkout.payments.vaults.vault import ProviderSetUp
from checkout.saved_payments.actions import (
    begin_set_up,
    delete_saved_method,
    set_default_method,
)
from checkout.saved_payments.messages import saved_method_to_proto
from checkout.saved_payments.model import SavedMethodStatus, by_preference, default_of
from checkout.saved_payments.queries import find_saved_methods, get_saved_method
from checkout.saved_payments.saved import require_account
from checkout.wiring import Components
from sojourn.checkout.v1 import saved_payment_methods_pb2 as pb
from sojourn.checkout.v1 import saved_payment_methods_pb2_grpc as pb_grpc


class SavedPaymentMethodServicer(Servicer, pb_grpc.SavedPaymentMethodServiceServicer):
    """Saved payment methods of the customer who calls."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components, self._saved = components, components.saved_payments

    @read(delegated=True)
    async def ListSavedPaymentMethods(
        self, request: pb.ListSavedPaymentMethodsRequest, call: Call
    ) -> pb.ListSavedPaymentMethodsResponse:
        async with call.read() as found:
            methods = await find_saved_methods(found, call.caller.shopper_id)
        chosen, now = default_of(methods), self.database.clock.now()
        return pb.ListSavedPaymentMethodsResponse(
            saved_payment_methods=[
                saved_method_to_proto(each, now, is_default=each is chosen)
                for each in by_preference(methods)
                if each.is_shown
            ]
        )

    @write(needs_key=True)
    async def SetUpPaymentMethod(
        self, request: pb.SetUpPaymentMethodRequest, call: Call
    ) -> pb.SavedPaymentMethod:
        require_account(call.caller)
        token = accept_token(request.payment_token) if request.payment_token else ""
        return_url = accept_return_url(request.return_url)
        method_id = await self._begin(request, call)
        crash_point("after:begin_set_up:commit")
        async with call.read() as found:
            method, _ = await get_saved_method(found, method_id, call.caller.shopper_id)
        if method.status is SavedMethodStatus.PENDING:
            set_up = await self._saved.set_up(method, token=token, return_url=return_url)
            return await self._show(method_id, call, set_up)
        return await self._show(method_id, call)

    @write()
    async def ConfirmPaymentMethod(
        self, request: pb.ConfirmPaymentMethodRequest, call: Call
    ) -> pb.SavedPaymentMethod:
        method_id = _id_of(request.saved_payment_method_id)
        async with call.read() as found:
            method, _ = await get_saved_method(found, method_id, call.caller.shopper_id)
        return await self._show(method_id, call, await self._saved.confirm(method))

    @write()
    async def SetDefaultPaymentMethod(
        self, request: pb.SetDefaultPaymentMethodRequest, call: Call
    ) -> pb.SavedPaymentMethod:
        method_id, customer_id = _id_of(request.saved_payment_method_id), call.caller.shopper_id
        async with call.tx() as tx:
            await set_default_method(tx, method_id, customer_id)
            method, is_default = await get_saved_method(tx, method_id, customer_id)
            return saved_method_to_proto(method, tx.now, is_default=is_default)

    @write()
    async def DeleteSavedPaymentMethod(
        self, request: pb.DeleteSavedPaymentMethodRequest, call: Call
    ) -> pb.DeleteSavedPaymentMethodResponse:
        method_id = _id_of(request.saved_payment_method_id)
        async with call.tx() as tx:
            await delete_saved_method(tx, method_id, call.caller.shopper_id)
        return pb.DeleteSavedPaymentMethodResponse()

    async def _begin(self, request: pb.SetUpPaymentMethodRequest, call: Call) -> UUID:
        """Inserts the method of a key and returns its id; that of a twin wins.

        The reply is not stored: it has a secret of the provider.
        """
        key = IdempotencyKey(call.caller.name, call.key, fingerprint_of(request))
        async with call.read() as found:
            known = await find_reply(found, caller=key.caller, method=call.method, key=key.key)
        if known is not None:
            call.answers_again()
            return _claimed(key, known)
        row, method = await self._savable(request.payment_method_id, call)
        async with self.database.tx() as tx:
            claimed = await claim_key(
                tx,
                caller=key.caller,
                method=call.method,
                key=key.key,
                fingerprint=key.fingerprint,
            )
            if claimed:
                return _claimed(key, claimed)
            made = await begin_set_up(
                tx, call.caller.shopper_id, provider=row.provider, provider_method=method.id
            )
            store_reply(tx, caller=key.caller, method=call.method, key=key.key, reply=made.id.bytes)
            return made.id

    async def _savable(self, code: str, call: Call) -> tuple[PaymentMethod, Method]:
        """Returns the shop's method of a code, or the first that can be saved.

        Raises PaymentMethodNotFound, PaymentMethodNotSavable.
        """
        for is_latest in (False, True):
            # One that is not known here may have been set a moment ago.
            offers = await self._components.payment_offers(call.caller, is_latest=is_latest)
            enabled = [
                (row, method)
                for row, method in offers.methods
                if row.is_enabled and code in ("", row.code)
            ]
            for row, method in enabled:
                if method.can_be_saved:
                    return row, method
        if code and not enabled:
            raise PaymentMethodNotFound(code=code[:40])
        raise PaymentMethodNotSavable(problem="method", payment_method_id=code)

    async def _show(
        self, method_id: UUID, call: Call, set_up: ProviderSetUp | None = None
    ) -> pb.SavedPaymentMethod:
        """Returns a method as it is now. Raises PaymentDeclined for a set-up that failed."""
        async with call.read() as found:
            method, is_default = await get_saved_method(found, method_id, call.caller.shopper_id)
        if method.status is SavedMethodStatus.FAILED:
            raise PaymentDeclined(decline_code=method.decline_code)
        now = self.database.clock.now()
        return saved_method_to_proto(method, now, is_default=is_default, set_up=set_up)


def _claimed(key: IdempotencyKey, claimed: tuple[bytes, bytes | None]) -> UUID:
    """Returns the method of a claimed key. Raises KeyReused."""
    fingerprint, method_id = claimed
    key.require_same_request(fingerprint)
    assert method_id is not None, "the commit that claims a key stores its method"
    return UUID(bytes=bytes(method_id))


def _id_of(text: str) -> UUID:
    return parse_id_or(text, SavedPaymentMethodNotFound())
