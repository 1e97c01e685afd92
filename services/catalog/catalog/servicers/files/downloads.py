"""The edge of paid digital goods: what orders brought, and downloads."""

from datetime import timedelta

from catalog.digital_goods.files import read_part, start_download
from catalog.digital_goods.queries import list_delivered_goods
from catalog.digital_goods.wire import encode_delivered_good
from catalog.media.model import signing_key
from catalog.media.store import MediaStore
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import digital_goods_pb2 as pb
from sojourn.catalog.v1 import digital_goods_pb2_grpc as pb_grpc


class DownloadServicer(Servicer, pb_grpc.DownloadServiceServicer):
    """Paid digital goods of buyers."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        store: MediaStore,
        *,
        link_lifetime: timedelta,
    ) -> None:
        super().__init__(database, verifier)
        self._store, self._link_lifetime = store, link_lifetime

    @read(scope="stock.reserve")
    async def ListDeliveredGoods(
        self, request: pb.ListDeliveredGoodsRequest, call: Call
    ) -> pb.ListDeliveredGoodsResponse:
        order_id = parse_id(request.order_id, "order_id")
        async with call.read() as read:
            goods = await list_delivered_goods(read, order_id)
            key, now = await signing_key(read), read.now
        expires_at = now + self._link_lifetime
        return pb.ListDeliveredGoodsResponse(
            goods=[
                encode_delivered_good(each, key=key, now=now, expires_at=expires_at)
                for each in goods
            ]
        )

    @write(public=True)
    async def ReadDownload(
        self, request: pb.ReadDownloadRequest, call: Call
    ) -> pb.ReadDownloadResponse:
        # It commits before the store is asked, which may need a connection of its own.
        async with self.database.tx() as tx:
            file, number, next_token = await start_download(tx, request.token)
        content = await read_part(self._store, file, number)
        return pb.ReadDownloadResponse(
            name=file.name, size_bytes=file.size_bytes, content=content, next_token=next_token
        )
