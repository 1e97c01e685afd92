"""Storing touchpoints: consent first, then the rows, then who is who."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.data.tx import Read, Tx
from journey.consents.model import (
    Answer,
    Given,
    Known,
    find_consents,
    find_withdrawals,
    store_answers,
)
from journey.people.model import (
    find_customers,
    find_merged_guests,
    find_new_sightings,
    get_person_of_customer,
    insert_customers,
    insert_sightings,
    lock_people,
    regroup_people,
)
from journey.touchpoints.erasure import delete_touchpoints_of_person
from journey.touchpoints.insert import insert_touchpoints
from journey.touchpoints.model import (
    Touchpoint,
    name_customers,
)

DefaultConsent = Callable[[str], bool]


class Seen(NamedTuple):
    """A touchpoint and what came with it about consent."""

    touchpoint: Touchpoint
    answer: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Recorded:
    """Outcome of recording touchpoints."""

    stored: list[Touchpoint]
    repeated: int
    refused: list[Touchpoint]


async def record_touchpoints(
    tx: Tx,
    seen: Sequence[Seen],
    is_granted_by_default: DefaultConsent,
    *,
    keeps_answers: bool = True,
) -> Recorded:
    """Stores new touchpoints that consent allows, and links the ids seen together.

    Idempotent by the touchpoints' ids.

    `keeps_answers` remembers the answers that came with them, for what comes without one.
    """
    if not seen:
        return Recorded([], 0, [])
    seen = await _with_customers(tx, seen)
    # By number: a UUID hashes itself in Python.
    handles = {
        id.int: id
        for row, _ in seen
        for id in (row.visitor_id, row.guest_id, row.customer_id)
        if id is not None
    }
    customers = {row.customer_id for row, _ in seen if row.customer_id}
    known = await find_consents(tx, handles.values(), customers)
    if keeps_answers:
        known = await _keep_answers(tx, seen, known, is_granted_by_default)
    permitted, refused = list[Touchpoint](), list[Touchpoint]()
    knows_any = bool(known.given or known.accounts)
    for row, answer in seen:
        may_be_kept = (answer is Answer.GRANTED and not knows_any) or known.holds(
            row, answer, by_default=is_granted_by_default(row.channel)
        )
        (permitted if may_be_kept else refused).append(row)
    stored = await insert_touchpoints(tx, permitted)
    await link_handles(tx, stored)
    return Recorded(stored, len(permitted) - len(stored), refused)


async def without_merged_guests(read: Read, seen: Sequence[Seen]) -> list[Seen]:
    """Returns the touchpoints without guests who were customers before.

    A guest's old token does not speak for the customer.
    """
    merged = await find_merged_guests(read, {row.guest_id for row, _ in seen if row.guest_id})
    return [
        Seen(row._replace(guest_id=None), answer)
        if row.guest_id in merged
        and row.visitor_id is not None
        and row.occurred_at > merged[row.guest_id]
        else Seen(row, answer)
        for row, answer in seen
    ]


async def _with_customers(tx: Tx, seen: Sequence[Seen]) -> Sequence[Seen]:
    """Returns the touchpoints with owners of unknown kind named as customers, if known."""
    unsure = {row.guest_id for row, _ in seen if row.guest_id and not row.customer_id}
    if not (customers := await find_customers(tx, unsure)):
        return seen
    return [
        Seen(row._replace(customer_id=row.guest_id, guest_id=None), answer)
        if row.guest_id in customers and row.customer_id is None
        else Seen(row, answer)
        for row, answer in seen
    ]


async def _keep_answers(
    tx: Tx, seen: Sequence[Seen], known: Known, is_granted_by_default: DefaultConsent
) -> Known:
    answers: dict[UUID, tuple[bool, datetime]] = {}
    for row, answer in seen:
        for id in known.news_of(row, answer, by_default=is_granted_by_default(row.channel)):
            if id not in answers or answers[id][1] < row.occurred_at:
                answers[id] = (known.answer_of(row, answer) is Answer.GRANTED, row.occurred_at)
    if not answers:
        return known
    await store_answers(tx, answers)
    given = {
        id: Given(is_granted, at, known.given[id].withdrawn_at if id in known.given else None)
        for id, (is_granted, at) in answers.items()
    }
    return Known({**known.given, **given}, known.accounts)


async def link_handles(tx: Tx, rows: Sequence[Touchpoint]) -> None:
    """Links visitors, guests and customers whom touchpoints show together.

    Set-wise; the result does not depend on the order.
    """
    sightings: dict[tuple[UUID, UUID], datetime] = {}
    customers = {row.customer_id for row in rows if row.customer_id}
    for row in rows:
        if row.customer_id is None and (row.visitor_id is None or row.guest_id is None):
            continue
        for pair in _pairs(row):
            if pair not in sightings or row.occurred_at < sightings[pair]:
                sightings[pair] = row.occurred_at
    news = await find_new_sightings(tx, sightings)
    strangers = customers - await find_customers(tx, customers)
    if not news and not strangers:
        return
    await lock_people(tx)
    discovered = await insert_customers(tx, strangers) if strangers else []
    if discovered:
        await name_customers(tx, discovered)
    if news:
        await insert_sightings(tx, news)
    await regroup_people(
        tx, [*discovered, *(handle for handle, _ in news), *(subject for _, subject in news)]
    )
    await _forget_withdrawn(tx, {*customers, *(subject for _, subject in news)})


def _pairs(row: Touchpoint) -> list[tuple[UUID, UUID]]:
    pairs = [
        (row.visitor_id, row.guest_id),
        (row.visitor_id, row.customer_id),
        (row.guest_id, row.customer_id),
    ]
    return [
        (handle, subject) for handle, subject in pairs if handle and subject and handle != subject
    ]


async def _forget_withdrawn(tx: Tx, customer_ids: set[UUID]) -> None:
    """Deletes touchpoints that just became a customer's and are older than their withdrawal."""
    for customer_id, at in (await find_withdrawals(tx, customer_ids)).items():
        person = await get_person_of_customer(tx, customer_id)
        await delete_touchpoints_of_person(tx, customer_id, person.handles, until=at)
