"""Consents: answers that came with requests, answers of accounts, and withdrawals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, case, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from chassis.data.rows import Field, Row, columns_of, counter
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from journey.arrays import array_of, ids_in
from journey.touchpoints.model import Touchpoint


class Consent(Row, table=True):
    """The last answer that came with a request, by visitor, guest or customer."""

    __tablename__ = "consent"

    handle_id: UUID = Field(primary_key=True)
    is_granted: bool
    decided_at: datetime
    withdrawn_at: datetime | None


class AccountConsent(Row, table=True):
    """The answers of a customer's account; None was never answered.

    `version` is that of the newest event heard.
    """

    __tablename__ = "account_consent"

    customer_id: UUID = Field(primary_key=True)
    analytics: bool | None
    marketing: bool | None
    version: int = counter()
    withdrawn_at: datetime | None
    marketing_refused_at: datetime | None


class Answer(StrEnum):
    """Answer about consent that a touchpoint itself carries."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"


def answer_of(text: str) -> Answer:
    """Anything that is not an answer is no answer."""
    return Answer(text) if text in ("granted", "denied") else Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that a request brought, kept for what comes without one."""

    is_granted: bool
    decided_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's answers in their account; None was never answered."""

    analytics: bool | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """Known answers of some handles and customers."""

    given: Mapping[UUID, Given] = field(default_factory=dict)
    accounts: Mapping[UUID, Account] = field(default_factory=dict)

    def holds(self, row: Touchpoint, answer: Answer, *, by_default: bool) -> bool:
        """Returns whether a touchpoint may be stored.

        Nothing up to a withdrawal, and nothing of a customer whose account refuses. Then the first
        that is there decides: the touchpoint's own answer, the account's, the last one of the
        visitor, the guest or the customer, the channel's default.
        """
        account = self.accounts.get(row.customer_id) if row.customer_id else None
        given = [self.given[id] for id in row.handles if id in self.given] if self.given else []
        if not given and account is None:
            return by_default if answer is Answer.UNKNOWN else answer is Answer.GRANTED
        withdrawn = [
            one.withdrawn_at
            for one in (*given, *((account,) if account else ()))
            if one.withdrawn_at is not None
        ]
        if any(row.occurred_at <= at for at in withdrawn) or (
            account and account.analytics is False
        ):
            return False
        if answer is not Answer.UNKNOWN:
            return answer is Answer.GRANTED
        if account and account.analytics:
            return True
        return given[0].is_granted if given else by_default

    def answer_of(self, row: Touchpoint, answer: Answer) -> Answer:
        """Returns the touchpoint's own consent, or else the last consent of its person.

        A visitor's consent holds for the customer they become.
        """
        if answer is not Answer.UNKNOWN or not self.given:
            return answer
        given = [self.given[id].is_granted for id in row.handles if id in self.given]
        return answer if not given else Answer.GRANTED if given[0] else Answer.DENIED

    def news_of(self, row: Touchpoint, answer: Answer, *, by_default: bool) -> list[UUID]:
        """Returns the handles whose consent is stored: granted, or refused against the default."""
        answer = self.answer_of(row, answer)
        if answer is Answer.UNKNOWN:
            return []
        granted = answer is Answer.GRANTED
        news = []
        for id in row.handles:
            before = self.given.get(id)
            if before is None:
                if granted or by_default:
                    news.append(id)
            elif before.is_granted is not granted and before.decided_at < row.occurred_at:
                news.append(id)
        return news


NOTHING: Final = Known()


async def find_consents(
    read: Read, handles: Collection[UUID], customers: Collection[UUID]
) -> Known:
    """Returns the known answers of these handles and customers."""
    given = await read.all(_GIVEN, handles=array_of(handles))
    accounts = await read.all(_ACCOUNTS, customer_ids=list(customers)) if customers else []
    return Known(
        {row[0]: Given(*row[1:]) for row in given}, {row[0]: Account(*row[1:]) for row in accounts}
    )


async def store_answers(tx: Tx, answers: Mapping[UUID, tuple[bool, datetime]]) -> None:
    """Keeps the latest answer of each handle."""
    ordered = sorted(answers)
    await tx.run(
        "INSERT INTO consent (handle_id, is_granted, decided_at) SELECT * FROM unnest(%s::uuid[], "
        "%s::bool[], %s::timestamptz[])"
        " ON CONFLICT (handle_id) DO UPDATE SET is_granted = excluded.is_granted, decided_at = "
        "excluded.decided_at"
        " WHERE excluded.decided_at > consent.decided_at",
        [ordered, [answers[id][0] for id in ordered], [answers[id][1] for id in ordered]],
    )


async def store_withdrawal(tx: Tx, handles: Sequence[UUID], at: datetime) -> None:
    """Remembers that these handles' consent was taken back at a time."""
    await tx.run(
        "INSERT INTO consent (handle_id, is_granted, decided_at, withdrawn_at) SELECT h, FALSE, "
        "%(at)s, %(at)s"
        " FROM unnest(%(handles)s::uuid[]) AS h ON CONFLICT (handle_id) DO UPDATE SET"
        " is_granted = CASE WHEN consent.decided_at <= %(at)s THEN FALSE ELSE consent.is_granted "
        "END,"
        " decided_at = greatest(consent.decided_at, %(at)s), withdrawn_at = "
        "greatest(consent.withdrawn_at, %(at)s)",
        {"handles": sorted(handles), "at": at},
    )


async def store_account_consent(
    tx: Tx, customer_id: UUID, granted: Mapping[str, bool], *, version: int, at: datetime
) -> None:
    """Stores a customer's consents of the newest version, and a refusal's time in any case."""
    analytics, marketing = granted.get("analytics"), granted.get("marketing")
    await tx.execute(
        _PUT_ACCOUNT,
        customer_id=customer_id,
        analytics=analytics,
        marketing=marketing,
        version=version,
        withdrawn_at=at if analytics is False else None,
        marketing_refused_at=at if marketing is False else None,
    )


async def find_withdrawals(read: Read, customer_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When customers took their consent back, of those who ever did."""
    return dict(await read.all(_WITHDRAWALS, customer_ids=list(customer_ids)))


async def has_refused_mail_since(read: Read, customer_id: UUID, at: datetime) -> bool:
    """Returns whether a customer refused marketing in their account since a time."""
    return await read.one(_REFUSED_MAIL, customer_id=customer_id, at=at) is not None


_handles: Final = ids_in("handles")
_GIVEN: Final = prepare(
    select(Consent.handle_id, Consent.is_granted, Consent.decided_at, Consent.withdrawn_at).join(
        _handles, _handles.c.id == col(Consent.handle_id)
    )
)
_ACCOUNTS: Final = prepare(
    select(AccountConsent.customer_id, AccountConsent.analytics, AccountConsent.withdrawn_at).where(
        one_of(AccountConsent.customer_id, "customer_ids")
    )
)
_put: Final = insert(AccountConsent).values(
    {name: bindparam(name) for name in columns_of(AccountConsent)}
)
_is_newer: Final = _put.excluded.version > col(AccountConsent.version)
_PUT_ACCOUNT: Final = prepare(
    _put.on_conflict_do_update(
        index_elements=["customer_id"],
        set_={
            "analytics": case(
                (_is_newer, _put.excluded.analytics), else_=col(AccountConsent.analytics)
            ),
            "marketing": case(
                (_is_newer, _put.excluded.marketing), else_=col(AccountConsent.marketing)
            ),
            "version": func.greatest(AccountConsent.version, _put.excluded.version),
            "withdrawn_at": func.greatest(AccountConsent.withdrawn_at, _put.excluded.withdrawn_at),
            "marketing_refused_at": func.greatest(
                AccountConsent.marketing_refused_at, _put.excluded.marketing_refused_at
            ),
        },
    )
)
_WITHDRAWALS: Final = prepare(
    select(AccountConsent.customer_id, AccountConsent.withdrawn_at).where(
        one_of(AccountConsent.customer_id, "customer_ids"),
        col(AccountConsent.withdrawn_at).is_not(None),
    )
)
_REFUSED_MAIL: Final = prepare(
    select(AccountConsent.customer_id).where(
        col(AccountConsent.customer_id) == bindparam("customer_id"),
        col(AccountConsent.marketing).is_(False),
        col(AccountConsent.marketing_refused_at) > bindparam("at"),
    )
)
