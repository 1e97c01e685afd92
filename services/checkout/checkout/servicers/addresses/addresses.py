"""AddressService."""

from chassis.postal_addresses import address_format, normalize_postal_address
from chassis.rpc.server import Call, Servicer, read
from checkout.addresses import wire
from checkout.checkouts.wire import address_from_proto
from checkout.errors.checkouts import CountryNotFound
from sojourn.checkout.v1 import addresses_pb2 as pb
from sojourn.checkout.v1 import addresses_pb2_grpc as pb_grpc


class AddressServicer(Servicer, pb_grpc.AddressServiceServicer):
    """Rules of addresses for anybody. It needs no database."""

    @read(public=True)
    async def GetAddressFormat(
        self, request: pb.GetAddressFormatRequest, call: Call
    ) -> pb.AddressFormat:
        format = address_format(request.country)
        if format is None:
            raise CountryNotFound(country=request.country.upper())
        return wire.format_to_proto(format)

    @read(public=True)
    async def CheckAddress(
        self, request: pb.CheckAddressRequest, call: Call
    ) -> pb.CheckAddressResponse:
        typed = address_from_proto(request.address)
        normal, problems = normalize_postal_address(typed)
        return wire.check_to_proto(typed, normal, problems)
