"""Returns: goods that buyers send back, from the request to the refund."""

from typing import Final

from gateway.composed.orders import document_answer
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from gateway.operations.checkouts import COMPLETE_SECONDS
from gateway.operations.uploads import upload
from sojourn.checkout.v1.exchanges_pb2_grpc import ExchangeServiceServicer
from sojourn.checkout.v1.return_pictures_pb2_grpc import ReturnPictureServiceServicer
from sojourn.checkout.v1.returns_pb2_grpc import (
    ReturnReasonServiceServicer,
    ReturnServiceServicer,
)

_WRITE: Final = staff("orders.write")
_PATH: Final = "/v1/returns/{return_id}"
_STAFF_PATH: Final = "/v1/staff/returns/{return_id}"
_PICTURE: Final = f"{_PATH}/pictures/{{number}}"
_JPEG: Final = "image/jpeg"
_REASON: Final = "/v1/staff/return-reasons/{code}"
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/return-reasons",
        rpc=rpc(ReturnServiceServicer.ListReturnReasons),
        callers=PUBLIC,
        touchpoint=None,
        text="Reasons for returns that buyers may give.",
    ),
    Endpoint(
        method="POST",
        path="/v1/orders/{order_id}/returns",
        rpc=rpc(ReturnServiceServicer.RequestReturn),
        callers=SHOPPER,
        touchpoint="return.request",
        body=WHOLE,
        status=201,
        text="Asks to send goods of an order back, within the shop's days from their delivery.",
    ),
    Endpoint(
        method="POST",
        path="/v1/returns/linked",
        rpc=rpc(ReturnServiceServicer.RequestLinkedReturn),
        callers=PUBLIC,
        touchpoint="return.request",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        limit=Limit.LOGIN,
        status=201,
        most_bytes=64 * KIB,
        text="Asks to send goods back of the order of an access token. The token is a secret, and "
        "so is posted.",
    ),
    Endpoint(
        method="GET",
        path="/v1/returns",
        rpc=rpc(ReturnServiceServicer.ListReturns),
        callers=SHOPPER,
        touchpoint="return.list",
        hidden=frozenset({"all_buyers"}),
        query=Parameters(defaults={"page_size": 20}),
        text="The caller's returns, newest first; also those of one order.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(ReturnServiceServicer.GetReturn),
        callers=SHOPPER,
        touchpoint="return.view",
        text="A return, with its label and where to send the goods once it is accepted.",
    ),
    upload(
        _PICTURE,
        rpc(ReturnPictureServiceServicer.PutReturnPicture),
        SHOPPER,
        text="Adds a picture to a return before the goods came back, or replaces the one of the "
        "number: JPEG, PNG or WebP, up to 8 MiB and 40 megapixels. A repeat is fine.",
        example="the bytes of a picture",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/pictures",
        rpc=rpc(ReturnPictureServiceServicer.ListReturnPictures),
        callers=SHOPPER,
        touchpoint=None,
        text="The pictures of a return, by number.",
    ),
    Endpoint(
        method="GET",
        path=_PICTURE,
        rpc=rpc(ReturnPictureServiceServicer.ReadReturnPicture),
        callers=SHOPPER,
        touchpoint=None,
        compose=document_answer,
        answer_media=_JPEG,
        text="A picture of a return, without what it said of its camera and place.",
    ),
    Endpoint(
        method="DELETE",
        path=_PICTURE,
        rpc=rpc(ReturnPictureServiceServicer.DeleteReturnPicture),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Deletes a picture of a return. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/cancel",
        rpc=rpc(ReturnServiceServicer.CancelReturn),
        callers=SHOPPER,
        touchpoint="return.cancel",
        key=KeyRule.OPTIONAL,
        text="Keeps the goods after all, before they came back. A repeat is fine.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/returns",
        rpc=rpc(ReturnServiceServicer.ListReturns),
        callers=staff("orders.read"),
        touchpoint=None,
        fixed={"all_buyers": True},
        query=Parameters(defaults={"page_size": 20}),
        name="ListAllReturns",
        text="All buyers' returns, newest first; also those in one state, or of one order.",
    ),
    Endpoint(
        method="GET",
        path=f"{_STAFF_PATH}/pictures",
        rpc=rpc(ReturnPictureServiceServicer.ListReturnPictures),
        callers=staff("orders.read"),
        touchpoint=None,
        name="ListAnyReturnPictures",
        text="The pictures of a return, by number.",
    ),
    Endpoint(
        method="GET",
        path=f"{_STAFF_PATH}/pictures/{{number}}",
        rpc=rpc(ReturnPictureServiceServicer.ReadReturnPicture),
        callers=staff("orders.read"),
        touchpoint=None,
        compose=document_answer,
        answer_media=_JPEG,
        name="ReadAnyReturnPicture",
        text="A picture of a return.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/orders/{order_id}/returns",
        rpc=rpc(ReturnServiceServicer.RequestReturn),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        name="RequestAnyReturn",
        text="Opens a return for a buyer, e.g. who brings the goods to a store; at any time.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/orders/{order_id}/returns/in-store",
        rpc=rpc(ReturnServiceServicer.ReturnInStore),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        text="Takes goods back over the counter of a store: opens a return, receives it, and "
        "refunds it if you say so.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/accept",
        rpc=rpc(ReturnServiceServicer.AcceptReturn),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Lets the buyer send the goods, with a label or without. A repeat changes the label.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/reject",
        rpc=rpc(ReturnServiceServicer.RejectReturn),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Does not take the goods back, and tells the buyer why. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/receive",
        rpc=rpc(ReturnServiceServicer.ReceiveReturn),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        deadline_seconds=COMPLETE_SECONDS,
        text="Records what came back, in which condition, and the warehouse that it goes to: by "
        "parcel, or over the counter of a store. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/exchange",
        rpc=rpc(ExchangeServiceServicer.ExchangeReturn),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=COMPLETE_SECONDS,
        text="Replaces goods of a return by an order of its own, which waits for them unless the "
        "shop ships it at once, and is paid with what the refund would give back; what it costs "
        "more is asked for by bank transfer.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/refund",
        rpc=rpc(ReturnServiceServicer.RefundReturn),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=COMPLETE_SECONDS,
        text="Gives back what was paid for the goods that came back, less a deduction.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/return-reasons",
        rpc=rpc(ReturnReasonServiceServicer.ListReturnReasonRules),
        callers=_WRITE,
        touchpoint=None,
        text="All reasons for returns, by code.",
    ),
    Endpoint(
        method="PUT",
        path=_REASON,
        rpc=rpc(ReturnReasonServiceServicer.PutReturnReason),
        callers=_WRITE,
        touchpoint=None,
        body="return_reason",
        paths={"code": "return_reason.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a reason by its code.",
    ),
    Endpoint(
        method="DELETE",
        path=_REASON,
        rpc=rpc(ReturnReasonServiceServicer.DeleteReturnReason),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a reason; returns that have it keep it. A repeat is fine.",
    ),
)
