"""Requests for service tokens as values."""

from identity.service_tokens.actions import ServiceTokenRequest
from sojourn.identity.v1 import identity_pb2 as pb


def decode_service_token_request(request: pb.IssueServiceTokenRequest) -> ServiceTokenRequest:
    """Returns the request of a message."""
    return ServiceTokenRequest(
        client_id=request.client_id,
        client_secret=request.client_secret,
        act_for=request.act_for,
        audience=request.audience,
        subject_token=request.subject_token,
    )
