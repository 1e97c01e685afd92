"""Sessions as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec
from identity.credentials.model import SubjectKind
from identity.sessions.tokens import SessionTokens
from sojourn.identity.v1 import identity_pb2 as pb

SUBJECT_KINDS: Final = EnumCodec(pb.SubjectKind, SubjectKind)


def encode_session(tokens: SessionTokens) -> pb.Session:
    """Returns the message of a session with its tokens."""
    return pb.Session(
        access_token=tokens.access_token,
        expires_in_seconds=tokens.expires_in_seconds,
        refresh_token=tokens.refresh_token,
        subject_id=str(tokens.session.subject_id),
        kind=SUBJECT_KINDS.encode(tokens.session.kind),
        device_token=tokens.device_token,
        organization_id=str(tokens.organization_id or ""),
    )
