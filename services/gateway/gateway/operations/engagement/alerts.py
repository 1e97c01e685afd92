"""Alerts by mail: a product is back in stock, or costs less."""

from typing import Final

from gateway.composed.alerts import prepare_alert
from gateway.contracts.examples import UUID
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.subscriptions_pb2_grpc import AlertServiceServicer

_PATH: Final = "/v1/subscriptions/alerts"
_SMALL: Final = 16 * KIB
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=_PATH,
        rpc=rpc(AlertServiceServicer.CreateAlert),
        callers=PUBLIC,
        touchpoint="alert.create",
        body=WHOLE,
        hidden=frozenset({"address_confirmed"}),
        prepare=prepare_alert,
        key=KeyRule.NONE,
        most_bytes=_SMALL,
        example={"variant_id": UUID, "kind": "back_in_stock", "email": "ana@example.com"},
        text="Asks for a mail when a variant is back in stock or costs less. Guests get a mail "
        "with a link that starts it; customers are written to at their own address.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/confirm",
        rpc=rpc(AlertServiceServicer.ConfirmAlert),
        callers=PUBLIC,
        touchpoint="email.confirm",
        body=WHOLE,
        sends_token=False,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
        text="Starts an alert by the link of a mail. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/end",
        rpc=rpc(AlertServiceServicer.EndAlert),
        callers=PUBLIC,
        touchpoint="email.unsubscribe",
        body=WHOLE,
        sends_token=False,
        key=KeyRule.NONE,
        status=204,
        most_bytes=_SMALL,
        text="Ends an alert by the link that each of its mails has. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/unsubscribe",
        rpc=rpc(AlertServiceServicer.EndAlert),
        callers=PUBLIC,
        touchpoint="email.unsubscribe",
        query=Parameters(renamed={"token": "token"}),
        sends_token=False,
        key=KeyRule.NONE,
        status=204,
        most_bytes=_SMALL,
        name="UnsubscribeFromAlert",
        text="Ends an alert at once (RFC 8058): mail programs POST here. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/me/alerts",
        rpc=rpc(AlertServiceServicer.ListMyAlerts),
        callers=SHOPPER,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 20}),
        text="The caller's alerts.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/me/alerts/{id}",
        rpc=rpc(AlertServiceServicer.DeleteMyAlert),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Deletes an alert of the caller's.",
    ),
)
