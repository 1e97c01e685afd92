"""The edge of staff who grant tax exemptions."""

from typing import Final

from chassis import pagination
from chassis.rpc.server import Call, Servicer, read, write
from checkout.tax_exemptions import wire
from checkout.tax_exemptions.actions import delete_tax_exemption, put_tax_exemption
from checkout.tax_exemptions.queries import get_tax_exemption, list_tax_exemptions
from sojourn.checkout.v1 import tax_exemptions_pb2 as pb
from sojourn.checkout.v1 import tax_exemptions_pb2_grpc as pb_grpc

_SCOPE: Final = "tax_exemptions.write"


class TaxExemptionServicer(Servicer, pb_grpc.TaxExemptionServiceServicer):
    """Tax exemptions for staff."""

    @read(scope=_SCOPE)
    async def ListTaxExemptions(
        self, request: pb.ListTaxExemptionsRequest, call: Call
    ) -> pb.ListTaxExemptionsResponse:
        size = pagination.size_of(request.page.size, default=50)
        async with call.read() as found:
            rows = await list_tax_exemptions(
                found,
                customer_id=wire.id_of(request.customer_id),
                organization_id=wire.id_of(request.organization_id),
                after=pagination.code_of(request.page.token),
                size=size + 1,
            )
        page, token = pagination.page_by_code(rows, size)
        return pb.ListTaxExemptionsResponse(
            tax_exemptions=map(wire.exemption_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetTaxExemption(
        self, request: pb.GetTaxExemptionRequest, call: Call
    ) -> pb.TaxExemption:
        async with call.read() as found:
            return wire.exemption_to_proto(await get_tax_exemption(found, request.code))

    @write(scope=_SCOPE)
    async def PutTaxExemption(
        self, request: pb.PutTaxExemptionRequest, call: Call
    ) -> pb.TaxExemption:
        draft = wire.exemption_from_proto(request.tax_exemption)
        async with call.tx() as tx:
            exemption = await put_tax_exemption(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.exemption_to_proto(exemption)

    @write(scope=_SCOPE)
    async def DeleteTaxExemption(
        self, request: pb.DeleteTaxExemptionRequest, call: Call
    ) -> pb.DeleteTaxExemptionResponse:
        async with call.tx() as tx:
            await delete_tax_exemption(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteTaxExemptionResponse()
