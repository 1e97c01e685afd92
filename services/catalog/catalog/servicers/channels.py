"""The edge of channels as staff keep them."""

from catalog.channels import wire
from catalog.channels.actions import FIELDS, create_channel, delete_channel, update_channel
from catalog.channels.queries import get_channel, list_channels
from catalog.listings.republishing import is_republishing
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import channels_pb2 as pb
from sojourn.catalog.v1 import channels_pb2_grpc as pb_grpc


class ChannelAdminServicer(Servicer, pb_grpc.ChannelAdminServiceServicer):
    """Channels: processes follow by their set's version, gateways by the event."""

    @read(scope="catalog.write")
    async def ListChannels(
        self, request: pb.ListChannelsRequest, call: Call
    ) -> pb.ListChannelsResponse:
        async with call.read() as read:
            is_publishing = await is_republishing(read)
            channels = await list_channels(read)
        return pb.ListChannelsResponse(
            channels=[wire.encode_channel(each, is_publishing=is_publishing) for each in channels]
        )

    @read(scope="catalog.write")
    async def GetChannel(self, request: pb.GetChannelRequest, call: Call) -> pb.StaffChannel:
        async with call.read() as read:
            is_publishing = await is_republishing(read)
            channel = await get_channel(read, request.code)
        return wire.encode_channel(channel, is_publishing=is_publishing)

    @write(scope="catalog.write", needs_key=True)
    async def CreateChannel(self, request: pb.CreateChannelRequest, call: Call) -> pb.StaffChannel:
        values = wire.values_of(request.settings, FIELDS)
        async with call.tx() as tx:
            channel = await create_channel(
                tx,
                request.settings.code,
                values,
                prices_include_tax=request.settings.prices_include_tax,
                actor_id=call.caller.subject_id,
            )
            return wire.encode_channel(channel, is_publishing=True)

    @write(scope="catalog.write")
    async def UpdateChannel(self, request: pb.UpdateChannelRequest, call: Call) -> pb.StaffChannel:
        values = wire.values_of(request.settings, list(request.update_mask))
        async with call.tx() as tx:
            channel = await update_channel(
                tx,
                request.code,
                values,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
            return wire.encode_channel(channel, is_publishing=await is_republishing(tx))

    @write(scope="catalog.write")
    async def DeleteChannel(
        self, request: pb.DeleteChannelRequest, call: Call
    ) -> pb.DeleteChannelResponse:
        async with call.tx() as tx:
            await delete_channel(
                tx,
                request.code,
                expected_version=request.expected_version,
                actor_id=call.caller.subject_id,
            )
        return pb.DeleteChannelResponse()
