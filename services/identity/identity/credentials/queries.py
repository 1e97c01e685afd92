"""Reads of credentials."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, bindparam, not_, or_
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from identity.credentials.model import (
    MAX_RECIPES,
    Contact,
    Credential,
    SubjectKind,
    UnconfirmedCredential,
)
from identity.customers.model import Customer
from identity.staff.model import Staff

_CREDENTIAL_OF_SUBJECT: Final = prepare(
    select(Credential).where(Credential.subject_id == bindparam("subject_id"))
)
_UNCONFIRMED_AMONG: Final = prepare(
    select(UnconfirmedCredential.customer_id).where(
        UnconfirmedCredential.email_digest == bindparam("email_digest"),
        one_of(UnconfirmedCredential.customer_id, "customer_ids"),
    )
)
_is_known: Final = one_of(UnconfirmedCredential.customer_id, "known")
_FIND_UNCONFIRMED: Final = prepare(
    select(UnconfirmedCredential)
    .where(
        UnconfirmedCredential.email_digest == bindparam("email_digest"),
        one_of(UnconfirmedCredential.password_hash, "hashes"),
        or_(not_(bindparam("only_known", type_=Boolean())), _is_known),
    )
    .order_by(_is_known.desc(), col(UnconfirmedCredential.customer_id))
    .limit(1)
)


async def get_confirmed_credential(read: Read, email_digest: bytes) -> Credential | None:
    """Returns the credential of the account that confirmed an address."""
    return await read.get(Credential, email_digest)


async def get_unconfirmed_credential(read: Read, customer_id: UUID) -> UnconfirmedCredential | None:
    """Returns the credential of a customer who has not confirmed the address."""
    return await read.get(UnconfirmedCredential, customer_id)


async def get_credential_of_subject(
    read: Read, subject_id: UUID
) -> Credential | UnconfirmedCredential | None:
    """Returns the credential of a customer, confirmed or not, or of a staff member."""
    confirmed: Credential | None = await read.one(_CREDENTIAL_OF_SUBJECT, subject_id=subject_id)
    return confirmed or await get_unconfirmed_credential(read, subject_id)


async def sample_unconfirmed_hashes(read: Read, email_digest: bytes) -> list[str]:
    """Returns one hash per pair of salt and parameters of an address's unconfirmed accounts.

    These are at most `MAX_RECIPES`. The cost does not depend on the number of accounts: the query
    skips from one pair to the next in the index.
    """
    rows = await read.fetch(
        "WITH RECURSIVE sample AS ("
        " (SELECT recipe, password_hash FROM unconfirmed_credential WHERE email_digest = %(email)s "
        "ORDER BY recipe LIMIT 1)"
        " UNION ALL SELECT following.recipe, following.password_hash FROM sample CROSS JOIN LATERAL"
        " (SELECT recipe, password_hash FROM unconfirmed_credential WHERE email_digest = %(email)s "
        "AND recipe > sample.recipe"
        " ORDER BY recipe LIMIT 1) AS following"
        ") SELECT password_hash FROM sample LIMIT %(most)s",
        {"email": email_digest, "most": MAX_RECIPES},
    )
    return [password_hash for (password_hash,) in rows]


async def filter_unconfirmed_customers(
    read: Read, email_digest: bytes, customer_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Returns those of the customers who registered with the address and did not confirm it."""
    return frozenset(
        await read.all(_UNCONFIRMED_AMONG, email_digest=email_digest, customer_ids=[*customer_ids])
    )


async def find_unconfirmed_credential(
    read: Read,
    email_digest: bytes,
    password_hashes: Sequence[str],
    *,
    known: Collection[UUID],
    only_known: bool,
) -> UnconfirmedCredential | None:
    """Returns the unconfirmed credential of an address that has one of the hashes.

    Of several it returns one in `known`, else the oldest. `only_known` excludes all others.
    """
    return await read.one(
        _FIND_UNCONFIRMED,
        email_digest=email_digest,
        hashes=[*password_hashes],
        known=[*known],
        only_known=only_known,
    )


async def find_contact(read: Read, kind: SubjectKind, subject_id: UUID) -> Contact | None:
    """Returns the contact of a customer or a staff member, or None if there is no such account."""
    if kind is SubjectKind.STAFF:
        member = await read.get(Staff, subject_id)
        return Contact(member.email) if member else None
    customer = await read.get(Customer, subject_id)
    return Contact(customer.email, customer.locale, customer.channel) if customer else None
