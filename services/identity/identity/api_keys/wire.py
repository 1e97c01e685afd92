"""API keys as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from identity.api_keys.actions import ApiKeySession
from identity.api_keys.model import ApiKey, ApiKeyRole
from sojourn.identity.v1 import identity_pb2 as pb

API_KEY_ROLES: Final = EnumCodec(pb.ApiKeyRole, ApiKeyRole)


def encode_api_key(key: ApiKey) -> pb.ApiKey:
    """Returns the message of a key, without its text."""
    return pb.ApiKey(
        id=str(key.id),
        name=key.name,
        role=API_KEY_ROLES.encode(key.role),
        created_at=timestamp(key.created_at),
        created_by=str(key.created_by),
        last_used_at=timestamp(key.last_used_at) if key.last_used_at else None,
        revoked_at=timestamp(key.revoked_at) if key.revoked_at else None,
        version=key.version,
    )


def encode_api_key_session(session: ApiKeySession) -> pb.Session:
    """Returns the message of an API key's session."""
    return pb.Session(
        access_token=session.access_token,
        expires_in_seconds=session.expires_in_seconds,
        subject_id=str(session.guest_id),
        kind=pb.SUBJECT_KIND_GUEST,
    )
