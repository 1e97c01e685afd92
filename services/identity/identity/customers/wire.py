"""Rows to messages, and back."""

from collections.abc import Sequence
from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from identity.api_keys.model import ApiKey, KeyRole
from identity.credentials.model import SubjectKind
from identity.customers.consents import Consent
from identity.customers.model import Customer
from identity.customers.postal import PostalAddress
from identity.customers.queries import Address
from identity.sessions.tokens import Opened
from sojourn.common.v1 import address_pb2 as common
from sojourn.identity.v1 import identity_pb2 as pb

KINDS: Final = EnumCodec(pb.SubjectKind, SubjectKind)
ROLES: Final = EnumCodec(pb.ApiKeyRole, KeyRole)


def session(opened: Opened) -> pb.Session:
    return pb.Session(
        access_token=opened.access_token,
        expires_in_seconds=opened.expires_in_seconds,
        refresh_token=opened.refresh_token,
        subject_id=str(opened.session.subject_id),
        kind=KINDS.encode(opened.session.kind),
        device_token=opened.device_token,
    )


def api_key(row: ApiKey) -> pb.ApiKey:
    return pb.ApiKey(
        id=str(row.id),
        name=row.name,
        role=ROLES.encode(row.role),
        created_at=timestamp(row.created_at),
        created_by=str(row.created_by),
        last_used_at=timestamp(row.last_used_at) if row.last_used_at else None,
        revoked_at=timestamp(row.revoked_at) if row.revoked_at else None,
        version=row.version,
    )


def customer(row: Customer) -> pb.Customer:
    return pb.Customer(
        id=str(row.id),
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        phone_number=row.phone_number,
        locale=row.locale,
        version=row.version,
        created_at=timestamp(row.created_at),
        email_confirmed=row.email_confirmed_at is not None,
    )


def address(row: Address) -> pb.CustomerAddress:
    postal = common.Address(**{name: getattr(row, name) for name in PostalAddress.__slots__})
    return pb.CustomerAddress(id=str(row.id), address=postal, is_default=row.is_default)


def postal_of(message: common.Address) -> PostalAddress:
    return PostalAddress(*(getattr(message, name) for name in PostalAddress.__slots__))


def consents(rows: Sequence[Consent]) -> pb.Consents:
    reply = pb.Consents(granted={row.category: row.granted for row in rows})
    if rows:
        reply.updated_at.FromDatetime(max(row.changed_at for row in rows))
    return reply
