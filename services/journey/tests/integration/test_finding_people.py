from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from journey import commands
from services.journey.tests.integration.test_importing import settings_of
from services.journey.tests.journey_world import World, an_id, order_placed
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.journey.v1 import journey_pb2, people_pb2

EMAIL = "ana.secret@example.com"


async def find(world: World, **query: Any) -> list[people_pb2.FoundPerson]:
    reply: people_pb2.FindPeopleResponse = await world.ask(
        world.people.FindPeople, people_pb2.FindPeopleRequest(**query), world.staff
    )
    return list(reply.people)


async def import_file(world: World, path: Path, content: str, *arguments: str) -> None:
    path.write_text(content)
    columns = ["--person", "user", "--time", "at", "--kind", "event"]
    given = commands.import_parser().parse_args([*columns, *arguments, str(path)])
    assert await commands.import_history(settings_of(world), given) == 0


async def test_a_buyer_is_found_by_address_order_and_customer(world: World) -> None:
    placed = order_placed()
    placed.order.number = "S-100042"
    await world.hear(placed, visitor="V", consent="granted")

    (by_email,) = await find(world, email=f" {EMAIL.upper()}")
    (by_number,) = await find(world, order_number="s-100042")

    assert by_email.person_id == by_number.person_id
    assert by_email.touchpoints == 1
    assert str(an_id("V")) in by_email.handles
    assert await find(world, email="nobody@example.com") == []
    async with world.database.read() as read:
        stored = await read.fetch("SELECT row_to_json(t)::text FROM person_key t")
    assert all("ana" not in text for (text,) in stored)


async def test_a_customer_is_found_by_the_address_of_the_registration(world: World) -> None:
    event = identity.CustomerRegistered(customer_id=str(an_id("C")), email=EMAIL)
    await world.hear(event, visitor="V", consent="granted")

    (found,) = await find(world, email=EMAIL)
    (same,) = await find(world, customer_id=str(an_id("C")))

    assert found == same
    assert (found.person_id, found.is_customer) == (str(an_id("C")), True)


async def test_nobody_is_found_by_what_consent_kept_out_or_took_back(world: World) -> None:
    await world.hear(order_placed(order="A", owner="A"))
    assert await find(world, email=EMAIL) == []

    await world.hear(order_placed(order="B", owner="B"), visitor="V", consent="granted")
    assert len(await find(world, email=EMAIL)) == 1
    await world.ask(
        world.touchpoints.WithdrawConsent,
        journey_pb2.WithdrawConsentRequest(visitor_id=str(an_id("V"))),
    )
    assert await find(world, email=EMAIL) == []
    async with world.database.read() as read:
        assert await read.fetch("SELECT count(*) FROM person_key") == [(0,)]


async def test_imported_people_are_found_by_their_old_ids_and_addresses(
    world: World, tmp_path: Path
) -> None:
    content = (
        "user,at,event,who,mail,order\n"
        f"b-1,2025-05-01T10:00:00Z,view,4711,{EMAIL},\n"
        f"b-1,2025-05-01T10:05:00Z,purchase,4711,{EMAIL},T-77\n"
        "b-2,2025-05-01T10:00:00Z,view,,,\n"
    )
    await import_file(
        world, tmp_path / "old.csv", content, "--customer", "who", "--email", "mail",
        "--subject", "order", "--rename-kind", "purchase=order.placed",
    )  # fmt: skip

    found = [
        await find(world, **query)
        for query in (
            {"imported_id": "b-1"},
            {"imported_id": "4711"},
            {"email": EMAIL},
            {"order_number": "T-77"},
        )
    ]

    assert all(len(people) == 1 and people[0] == found[0][0] for people in found)
    assert (found[0][0].is_customer, found[0][0].touchpoints) == (True, 2)
    (other,) = await find(world, imported_id="b-2")
    assert other.person_id != found[0][0].person_id


@pytest.mark.parametrize(
    "query", [{}, {"email": "no address"}, {"email": EMAIL, "imported_id": "x"}]
)
async def test_a_query_names_one_thing(world: World, query: dict[str, str]) -> None:
    with pytest.raises(DomainError) as refused:
        await find(world, **query)
    assert refused.value.reason == "INVALID_QUESTION"
