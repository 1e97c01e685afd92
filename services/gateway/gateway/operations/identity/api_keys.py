"""API keys, which staff give to machines."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.identity.v1.identity_pb2_grpc import ApiKeyServiceServicer

_WRITE: Final = staff("api_keys.write")
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/staff/api-keys",
        rpc=rpc(ApiKeyServiceServicer.CreateApiKey),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        is_secret=True,
        status=201,
        text="Makes an API key. Its text is in this answer only: a repeat answers the same key "
        "without it.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/api-keys",
        rpc=rpc(ApiKeyServiceServicer.ListApiKeys),
        callers=_WRITE,
        touchpoint=None,
        text="All API keys, newest first, without their texts.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/api-keys/{key_id}",
        rpc=rpc(ApiKeyServiceServicer.RevokeApiKey),
        callers=_WRITE,
        touchpoint=None,
        text="Ends an API key. Tokens that it got are good until they expire, within minutes. A "
        "repeat is fine.",
    ),
)
