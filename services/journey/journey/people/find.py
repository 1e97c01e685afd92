"""Finding people by what is known of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from chassis.data.tx import Read
from journey.errors import InvalidQuestion
from journey.people.keys import EmailKeys, find_handles, order_key
from journey.people.model import (
    Person,
    find_customers,
    get_person_of_customer,
    get_person_of_handle,
)
from journey.touchpoints.model import FROM_TOUCHPOINT, OF_PERSON, derive_imported_person

MOST_PEOPLE: Final = 50
_SEEN: Final[LiteralString] = (
    f"SELECT count(*), min(t.occurred_at), max(t.occurred_at) FROM {FROM_TOUCHPOINT}"
    f" WHERE {OF_PERSON}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonQuery:
    """By what people are sought; exactly one of the fields."""

    email: str = ""
    order_number: str = ""
    customer_id: UUID | None = None
    imported_id: str = ""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person, and how many touchpoints of theirs there are, from when to when."""

    person: Person
    touchpoints: int
    first_at: datetime
    last_at: datetime


async def find_people(read: Read, query: PersonQuery, email_keys: EmailKeys) -> list[FoundPerson]:
    """Returns the people whom a query means, those who came last first. Raises InvalidQuestion."""
    handles = await _handles_of(read, query, email_keys)
    people = {person.id: person for person in await _people_of(read, handles)}
    found = [
        FoundPerson(person, *seen)
        for person in people.values()
        if (seen := await _seen(read, person)) is not None
    ]
    return sorted(found, key=lambda one: one.last_at, reverse=True)


async def _handles_of(read: Read, query: PersonQuery, email_keys: EmailKeys) -> list[UUID]:
    given = [query.email, query.order_number, query.customer_id, query.imported_id]
    if sum(map(bool, given)) != 1:
        raise InvalidQuestion(
            "give exactly one of email, order_number, customer_id and imported_id", field="email"
        )
    if query.customer_id is not None:
        return [query.customer_id]
    if query.email:
        try:
            key = email_keys(query.email)
        except ValueError as error:
            raise InvalidQuestion(str(error), field="email") from None
        # Without another id of theirs, an imported person is known by the address alone.
        return [key, *await find_handles(read, key)]
    if query.order_number:
        return await find_handles(read, order_key(query.order_number))
    imported = (derive_imported_person(kind, query.imported_id) for kind in ("visitor", "customer"))
    return [id for id in imported if id is not None]


async def _people_of(read: Read, handles: Iterable[UUID]) -> list[Person]:
    sought = list(dict.fromkeys(handles))[:MOST_PEOPLE]
    customers = await find_customers(read, sought)
    return [
        await get_person_of_customer(read, id)
        if id in customers
        else await get_person_of_handle(read, id)
        for id in sought
    ]


async def _seen(read: Read, person: Person) -> tuple[int, datetime, datetime] | None:
    (found,) = await read.fetch(_SEEN, {"person": person.id, "handles": list(person.handles)})
    count, first_at, last_at = found
    return (count, first_at, last_at) if count else None
