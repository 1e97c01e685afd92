"""Delegations of messages as values, and tokens as messages."""

from typing import Final

from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.wire import EnumCodec
from chassis.runtime.clock import uuid7
from identity.credentials.model import SubjectKind
from identity.delegations.model import ContactPoint, Delegation
from identity.errors import AmbiguousShopper
from identity.sessions.wire import SUBJECT_KINDS
from sojourn.identity.v1 import delegations_pb2 as pb

_CONTACT_POINTS: Final = EnumCodec(pb.ContactPoint, ContactPoint)


def decode_delegation(request: pb.DelegateSessionRequest) -> Delegation:
    """Returns the wanted delegation; a request without a shopper is for a new guest.

    Raises AmbiguousShopper, InvalidId, InvalidField.
    """
    via = _CONTACT_POINTS.decode(request.via)
    if request.customer_id and request.guest_id:
        raise AmbiguousShopper("name the customer or the guest", path="guest_id")
    if request.customer_id:
        customer_id = parse_id(request.customer_id, "customer_id")
        return Delegation(SubjectKind.CUSTOMER, customer_id, via)
    guest_id = parse_optional_id(request.guest_id, "guest_id") or uuid7()
    return Delegation(SubjectKind.GUEST, guest_id, via)


def encode_delegated_session(
    delegation: Delegation, access_token: str, expires_in_seconds: int
) -> pb.DelegatedSession:
    return pb.DelegatedSession(
        access_token=access_token,
        expires_in_seconds=expires_in_seconds,
        subject_id=str(delegation.shopper_id),
        kind=SUBJECT_KINDS.encode(delegation.kind),
        via=_CONTACT_POINTS.encode(delegation.via),
    )
