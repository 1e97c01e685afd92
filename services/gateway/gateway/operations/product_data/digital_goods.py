"""Digital goods: files and licence keys that buyers get with their payment."""

from typing import Final

from gateway.composed.catalogue_files import download_answer
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, MIB, WHOLE, Endpoint, KeyRule
from gateway.operations.uploads import SECONDS, upload
from sojourn.catalog.v1.digital_goods_pb2_grpc import (
    DigitalGoodServiceServicer,
    DownloadServiceServicer,
)
from sojourn.checkout.v1.digital_goods_pb2_grpc import OrderDigitalGoodsServiceServicer

_CATALOG: Final = staff("catalog.write")
_GOOD: Final = "/v1/staff/digital-goods/{sku}"
_FILE: Final = "/v1/staff/digital-files/{id}"
PUBLIC_TEXT: Final = "Digital goods of orders: licence keys, and links to files that expire."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/orders/{order_id}/digital-goods",
        rpc=rpc(OrderDigitalGoodsServiceServicer.ListDigitalGoods),
        callers=SHOPPER,
        touchpoint="order.digital_goods",
        is_secret=True,
        text="The licence keys and files of a paid order, with links that expire. Ask again for "
        "other links.",
    ),
    Endpoint(
        method="POST",
        path="/v1/orders/links/digital-goods",
        rpc=rpc(OrderDigitalGoodsServiceServicer.ListLinkedDigitalGoods),
        callers=PUBLIC,
        touchpoint="order.digital_goods",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="The licence keys and files of the order of an access token, for buyers without a "
        "session. The token is a secret, and so is posted.",
    ),
    Endpoint(
        method="GET",
        path="/v1/downloads/{token}",
        rpc=rpc(DownloadServiceServicer.ReadDownload),
        callers=PUBLIC,
        touchpoint="order.download",
        compose=download_answer,
        answer_media="application/octet-stream",
        sends_token=False,
        is_secret=True,
        deadline_seconds=SECONDS,
        text="The file of a download link. Each call counts as a download.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_GOOD,
        rpc=rpc(DigitalGoodServiceServicer.GetDigitalGood),
        callers=_CATALOG,
        touchpoint=None,
        text="The digital good of a SKU: its settings, its files, and how many keys it has.",
    ),
    Endpoint(
        method="PUT",
        path=_GOOD,
        rpc=rpc(DigitalGoodServiceServicer.PutDigitalGood),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        is_keyed=True,
        example={"needs_keys": True, "download_limit": 5, "low_keys_at_most": 20},
        text="Makes a variant a digital good, or changes how it is sold. If it needs keys, it is "
        "sold out without free ones; any other never sells out.",
    ),
    Endpoint(
        method="DELETE",
        path=_GOOD,
        rpc=rpc(DigitalGoodServiceServicer.DeleteDigitalGood),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Makes the variant a thing again. Buyers keep what they have.",
    ),
    Endpoint(
        method="POST",
        path=f"{_GOOD}/keys",
        rpc=rpc(DigitalGoodServiceServicer.ImportLicenceKeys),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        is_secret=True,
        key=KeyRule.OPTIONAL,
        most_bytes=4 * MIB,
        example={"keys": ["AAAA-BBBB-CCCC-0001", "AAAA-BBBB-CCCC-0002"]},
        text="Adds licence keys to the pool of a SKU; known ones are passed over, so that a "
        "repeat is fine. Each is given out once.",
    ),
    Endpoint(
        method="GET",
        path=f"{_GOOD}/keys",
        rpc=rpc(DigitalGoodServiceServicer.ListLicenceKeys),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Licence keys of a SKU by their last characters, newest first, with the orders that "
        "took them.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/licence-keys/{id}/revoke",
        rpc=rpc(DigitalGoodServiceServicer.RevokeLicenceKey),
        callers=_CATALOG,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Takes a licence key out of sale, or back from its buyer, for good. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_GOOD}/files",
        rpc=rpc(DigitalGoodServiceServicer.CreateDigitalFile),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"name": "manual.pdf"},
        text="Begins a file of a SKU, whose content comes in parts.",
    ),
    upload(
        f"{_FILE}/parts/{{number}}",
        rpc(DigitalGoodServiceServicer.AddDigitalFilePart),
        _CATALOG,
        text="Sends a part of a file as it is, up to 8 MiB; parts count from 1 to 128. The same "
        "number again replaces it.",
        example="a part of the file",
    ),
    Endpoint(
        method="POST",
        path=f"{_FILE}/complete",
        rpc=rpc(DigitalGoodServiceServicer.CompleteDigitalFile),
        callers=_CATALOG,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Gives a file to all who bought the good, in place of another one of its name. A "
        "repeat is fine.",
    ),
    Endpoint(
        method="DELETE",
        path=_FILE,
        rpc=rpc(DigitalGoodServiceServicer.DeleteDigitalFile),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a file: nobody can download it any more.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/orders/{order_id}/digital-goods/revoke",
        rpc=rpc(DigitalGoodServiceServicer.RevokeDigitalGoods),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=204,
        key=KeyRule.OPTIONAL,
        example={"sku": "EBOOK"},
        text="Takes back what an order brought, or a SKU of it: keys are revoked, and files cannot "
        "be downloaded. A refund of all of an order does so by itself.",
    ),
)
