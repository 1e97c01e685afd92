"""The edge of staff who keep payment methods."""

from typing import Final

from chassis import pagination
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from checkout.errors.payments import PaymentMethodNotFound
from checkout.payment_methods import wire
from checkout.payment_methods.actions import (
    delete_payment_method,
    put_payment_method,
    require_possible,
)
from checkout.payment_methods.model import PaymentMethod
from checkout.payment_methods.offers import seeded_methods
from checkout.payment_methods.queries import GROUP, find_methods
from checkout.payments.provider import Providers
from checkout.wiring import Components
from sojourn.checkout.v1 import payment_methods_pb2 as pb
from sojourn.checkout.v1 import payment_methods_pb2_grpc as pb_grpc

_SCOPE: Final = "payments.write"


class PaymentMethodServicer(Servicer, pb_grpc.PaymentMethodServiceServicer):
    """Payment methods for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components

    @read(scope=_SCOPE)
    async def ListPaymentMethods(
        self, request: pb.ListPaymentMethodsRequest, call: Call
    ) -> pb.ListPaymentMethodsResponse:
        size = pagination.size_of(request.page.size, default=50)
        after = pagination.code_of(request.page.token)
        async with call.read() as found:
            methods = [each for each in await self._methods(found) if each.code > after]
        page, token = pagination.page_by_code(methods, size)
        return pb.ListPaymentMethodsResponse(
            payment_methods=map(wire.method_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetPaymentMethod(
        self, request: pb.GetPaymentMethodRequest, call: Call
    ) -> pb.PaymentMethodRule:
        async with call.read() as found:
            methods = await self._methods(found)
        method = next((each for each in methods if each.code == request.code), None)
        if method is None:
            raise PaymentMethodNotFound(code=request.code[:40])
        return wire.method_to_proto(method)

    @write(scope=_SCOPE)
    async def PutPaymentMethod(
        self, request: pb.PutPaymentMethodRequest, call: Call
    ) -> pb.PaymentMethodRule:
        draft = wire.method_from_proto(request.payment_method)
        require_possible(draft, self._providers.of_shoppers)
        async with call.tx() as tx:
            method = await put_payment_method(
                tx,
                draft,
                seeds=seeded_methods(self._providers.main),
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.method_to_proto(method)

    @write(scope=_SCOPE)
    async def DeletePaymentMethod(
        self, request: pb.DeletePaymentMethodRequest, call: Call
    ) -> pb.DeletePaymentMethodResponse:
        async with call.tx() as tx:
            await delete_payment_method(
                tx,
                request.code,
                seeds=seeded_methods(self._providers.main),
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeletePaymentMethodResponse()

    @property
    def _providers(self) -> Providers:
        return self._components.participants.providers

    async def _methods(self, found: Read) -> list[PaymentMethod]:
        """Returns all methods by code; where none was ever stored, those that are offered."""
        if await GROUP.find_revision(found) is None:
            seeds = seeded_methods(self._providers.main)
            return sorted(seeds, key=lambda method: method.code)
        return await find_methods(found)
