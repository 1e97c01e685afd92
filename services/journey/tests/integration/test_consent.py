from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from prometheus_client import REGISTRY
from psycopg.sql import SQL, Identifier

from chassis.data.database import Database
from chassis.rpc.errors import Internal
from chassis.testing import sample_value
from journey import metrics
from journey.consents.model import Answer
from journey.people.keys import EmailKeys, PersonKey, insert_keys
from journey.touchpoints.model import Source
from services.journey.tests.journey_world import (
    World,
    a_touchpoint,
    a_world,
    an_id,
    at,
    order_placed,
    orders_of,
)
from services.journey.tests.surveys import a_survey, a_text, answered, put
from sojourn.cart.v1 import events_pb2 as cart
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.journey.v1 import journey_pb2 as pb


def line_added(owner: str = "G") -> cart.CartLineAdded:
    return cart.CartLineAdded(
        cart_id=str(an_id("K")), version=2, owner_id=str(an_id(owner)), channel="default"
    )


def consent(analytics: bool, version: int = 2, customer: str = "C") -> identity.ConsentChanged:
    return identity.ConsentChanged(
        customer_id=str(an_id(customer)), granted={"analytics": analytics}, version=version
    )


async def count(database: Database, table: str) -> int:
    async with database.read() as read:
        found = await (
            await (await read.connected()).execute(f"SELECT count(*) FROM {table}".encode())
        ).fetchone()
        assert found
        return int(found[0])


@pytest.mark.parametrize("answer", [Answer.UNKNOWN, Answer.DENIED])
async def test_without_consent_nothing_at_all_is_stored(world: World, answer: Answer) -> None:
    recorded = await world.record_touchpoints(
        a_touchpoint(visitor="V", guest="G", customer="C"), answer=answer
    )
    await world.hear(line_added(), visitor="V")
    await world.hear(order_placed(owner="G"), visitor="V")

    assert (len(recorded.stored), len(recorded.refused)) == (0, 1)
    for table in ("touchpoint", "sighting", "person", "customer", "consent"):
        assert await count(world.database, table) == 0


async def test_what_is_dropped_for_want_of_consent_was_settled_too(world: World) -> None:
    def settled() -> float:
        return sample_value("touchpoint_lag_seconds_count", source="gateway")

    before = settled()

    recorded = await world.record_touchpoints(a_touchpoint(visitor="V"), answer=Answer.DENIED)
    metrics.count(Source.GATEWAY, recorded)

    assert settled() - before == 1


async def test_a_consent_covers_the_events_that_come_without_one(world: World) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V", guest="G", seconds=0))

    await world.hear(line_added(), seconds=1, visitor="V")
    await world.hear(order_placed(owner="G"), seconds=2)

    assert await world.kinds() == ["product.view", "cart.line_added", "order.placed"]


async def test_who_changes_their_mind_is_not_followed_from_then_on(world: World) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V", seconds=0))
    await world.record_touchpoints(a_touchpoint(visitor="V", seconds=5), answer=Answer.DENIED)

    await world.hear(line_added(), seconds=6, visitor="V")

    assert await world.kinds() == ["product.view"]


async def test_an_accounts_answer_counts_where_the_request_has_none(world: World) -> None:
    await world.hear(consent(True), seconds=0)
    await world.record_touchpoints(
        a_touchpoint("a", customer="C", seconds=1), answer=Answer.UNKNOWN
    )
    await world.record_touchpoints(
        a_touchpoint("b", customer="D", seconds=1), answer=Answer.UNKNOWN
    )
    await world.record_touchpoints(a_touchpoint("c", customer="C", seconds=1), answer=Answer.DENIED)

    assert await world.kinds() == ["account.consent_changed", "a"]


async def test_a_channels_default_counts_where_nobody_answered(database: Database) -> None:
    async with a_world(database, consent_by_channel={"us": "granted"}) as world:
        await world.record_touchpoints(
            a_touchpoint("a", visitor="V", channel="us"), answer=Answer.UNKNOWN
        )
        await world.record_touchpoints(a_touchpoint("b", visitor="V"), answer=Answer.UNKNOWN)
        await world.record_touchpoints(
            a_touchpoint("c", visitor="W", channel="us"), answer=Answer.DENIED
        )
        # The refusal is remembered where the default would not know of it.
        await world.record_touchpoints(
            a_touchpoint("d", visitor="W", channel="us", seconds=1), answer=Answer.UNKNOWN
        )

        assert await world.kinds() == ["a"]


async def test_an_accounts_withdrawal_deletes_all_that_is_theirs_and_nothing_of_others(
    world: World,
) -> None:
    await world.record_touchpoints(a_touchpoint("a", visitor="V", seconds=0))
    await world.record_touchpoints(a_touchpoint("b", visitor="V", guest="G", seconds=1))
    await world.record_touchpoints(a_touchpoint("c", visitor="V", customer="C", seconds=2))
    await world.record_touchpoints(a_touchpoint("d", customer="C", seconds=3))
    await world.record_touchpoints(a_touchpoint("e", visitor="W", customer="D", seconds=3))

    await world.hear(consent(False), seconds=10)

    assert await world.kinds() == ["e"]
    # Late ones, from before and after, with and without the customer's name.
    await world.record_touchpoints(a_touchpoint("f", visitor="V", seconds=5))
    await world.record_touchpoints(a_touchpoint("g", visitor="V", customer="C", seconds=5))
    await world.record_touchpoints(a_touchpoint("h", visitor="V", customer="C", seconds=15))
    await world.hear(line_added(), seconds=5, visitor="V")
    await world.hear(order_placed(), seconds=15)
    assert await world.kinds() == ["e"]
    assert await count(world.database, "sighting") == 1


async def test_a_new_consent_begins_anew(world: World) -> None:
    await world.hear(consent(True, 2), seconds=0)
    await world.hear(consent(False, 3), seconds=10)
    await world.hear(consent(True, 4), seconds=20)

    await world.record_touchpoints(
        a_touchpoint("late", customer="C", seconds=9), answer=Answer.UNKNOWN
    )
    await world.record_touchpoints(
        a_touchpoint("new", customer="C", seconds=21), answer=Answer.UNKNOWN
    )

    assert await world.kinds() == ["account.consent_changed", "new"]


async def test_the_answers_of_an_account_end_the_same_in_any_order(world: World) -> None:
    changes = [(consent(True, 2), 0), (consent(False, 3), 10), (consent(True, 4), 20)]
    for number, order in enumerate(orders_of(changes)):
        customer = f"C{number}"
        for event, seconds in order:
            event.customer_id = str(an_id(customer))
            await world.hear(event, seconds=seconds)
            await world.record_touchpoints(
                a_touchpoint("early", customer=customer, seconds=5), answer=Answer.UNKNOWN
            )

        async with world.database.read() as read:
            found = await read.fetch(
                "SELECT kind, occurred_at FROM touchpoint WHERE customer_id = %s", [an_id(customer)]
            )
        assert {(kind, when) for kind, when in found} == {("account.consent_changed", at(20))}


async def test_a_visitors_withdrawal_deletes_what_they_did_and_is_remembered(world: World) -> None:
    rows = [
        a_touchpoint("a", visitor="V", guest="G"),
        a_touchpoint("b", guest="G"),
        a_touchpoint("c", visitor="V", customer="C"),
    ]
    await world.record_touchpoints(
        *rows, a_touchpoint("d", visitor="W", customer="C"), a_touchpoint("e", customer="C")
    )

    for _ in range(2):
        await world.ask(
            world.touchpoints.WithdrawConsent, pb.WithdrawConsentRequest(visitor_id=str(an_id("V")))
        )

    assert sorted(await world.kinds()) == ["d", "e"]
    await world.record_touchpoints(*rows)
    await world.record_touchpoints(a_touchpoint("f", guest="G", seconds=1))
    assert sorted(await world.kinds()) == ["d", "e"]
    # They come back later, and agree.
    async with world.database.read() as read:
        later = (read.now - at(0)).total_seconds() + 60
    await world.record_touchpoints(a_touchpoint("g", visitor="V", seconds=later))
    assert sorted(await world.kinds()) == ["d", "e", "g"]


async def test_history_that_becomes_a_customers_only_later_goes_too_where_they_withdrew(
    world: World,
) -> None:
    await world.record_touchpoints(a_touchpoint("anonymous", visitor="V", seconds=0))
    await world.hear(consent(False, 2), seconds=10)
    await world.hear(consent(True, 3), seconds=20)

    await world.record_touchpoints(a_touchpoint("login", visitor="V", customer="C", seconds=30))

    assert await world.kinds() == ["account.consent_changed", "login"]


async def tables_that_name(world: World, *ids: UUID) -> set[str]:
    """The tables of journey, those of every schema, in which any of some ids stands anywhere."""
    found = set()
    async with world.database.read() as read:
        tables = await read.fetch(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = "
            "'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        connection = await read.connected()
        for schema, table in tables:
            rows = SQL("SELECT count(*) FROM {} t WHERE t::text ~ %s").format(
                Identifier(schema, table)
            )
            cursor = await connection.execute(rows, ["|".join(map(str, ids))])
            ((count,),) = await cursor.fetchall()
            if count:
                found.add(table)
    return found


async def live_through_all(world: World) -> None:
    """V is a guest G, imports know them by an e-mail address, and C buys and answers a survey."""
    email = EmailKeys(b"s" * 32)("ana.secret@example.com")
    async with world.database.tx() as tx:
        await insert_keys(
            tx, [PersonKey(key_id=email, handle_id=an_id(name)) for name in ("V", "G", "C")]
        )
    await world.record_touchpoints(
        a_touchpoint("a", visitor="V", guest="G", seconds=1, subject=str(an_id("K"))),
        a_touchpoint("b", visitor="V", customer="C", seconds=2),
    )
    await world.hear(order_placed(order="O", owner="C", cart="K"), seconds=3, visitor="V")
    await world.ask(
        world.touchpoints.RecordFeedback,
        pb.RecordFeedbackRequest(
            token=world.surveys.token_of(an_id("O"), an_id("C")), score=2, comment="Geheimrat"
        ),
    )
    await put(world, a_survey(follow_up_at=6, questions=[a_text()]))
    await answered(world, 2, "Geheimrat", visitor="V", customer="C")


async def test_after_a_withdrawal_of_the_account_no_store_names_the_person(world: World) -> None:
    await live_through_all(world)
    assert {"touchpoint", "person_key", "feedback", "survey_invitation"} <= await tables_that_name(
        world, *map(an_id, "VGCO")
    )
    async with world.database.read() as read:
        later = (read.now - at(0)).total_seconds() + 60

    await world.hear(consent(False), seconds=later)

    # What is left is the refusal itself, and that the id is a customer's: nobody is seen with it.
    assert await tables_that_name(world, an_id("C")) == {
        "account_consent",
        "consent",
        "customer",
        "person",
    }
    async with world.database.read() as read:
        assert await read.fetch("SELECT handle_id, group_id, customer_id FROM person") == [
            (an_id("C"),) * 3
        ]
    assert await tables_that_name(world, *map(an_id, "VG")) == {"consent"}
    # The cart's version, by which a late reminder is told, names no person.
    assert await tables_that_name(world, *map(an_id, "OK")) <= {"cart_activity"}
    for table in ("survey_invitation", "survey_answer", "follow_up"):
        assert await count(world.database, table) == 0


async def test_after_a_withdrawal_of_a_visitor_no_store_names_them(world: World) -> None:
    email = EmailKeys(b"s" * 32)("ana.secret@example.com")
    async with world.database.tx() as tx:
        await insert_keys(
            tx, [PersonKey(key_id=email, handle_id=an_id(name)) for name in ("V", "G")]
        )
    await world.record_touchpoints(a_touchpoint("a", visitor="V", guest="G", seconds=1))
    await world.hear(order_placed(owner="G"), seconds=3, visitor="V")
    await world.ask(
        world.touchpoints.RecordFeedback,
        pb.RecordFeedbackRequest(token=world.surveys.token_of(an_id("O"), an_id("G")), score=2),
    )
    await put(world, a_survey(follow_up_at=6, questions=[a_text()]))
    await answered(world, 2, "Geheimrat", visitor="V")

    await world.ask(
        world.touchpoints.WithdrawConsent, pb.WithdrawConsentRequest(visitor_id=str(an_id("V")))
    )

    assert await tables_that_name(world, *map(an_id, "VG")) == {"consent"}
    assert await tables_that_name(world, *map(an_id, "OK")) <= {"cart_activity"}
    for table in ("survey_invitation", "survey_answer", "follow_up"):
        assert await count(world.database, table) == 0


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """All that is logged, as operators see it."""
    written, before = io.StringIO(), structlog.get_config()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    structlog.configure(**{**before, "logger_factory": structlog.PrintLoggerFactory(written)})
    yield written
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)


async def test_neither_logs_nor_metrics_tell_who_somebody_is(
    world: World, logs: io.StringIO
) -> None:
    from prometheus_client import generate_latest

    abandoned = cart.CartAbandoned(
        cart_id=str(an_id("K")), version=3, owner_id=str(an_id("G")), email="ana.secret@example.com"
    )
    await world.hear(abandoned, visitor="V", consent="granted")
    token = world.surveys.token_of(an_id("O"), an_id("G"))
    await world.ask(
        world.touchpoints.RecordFeedback,
        pb.RecordFeedbackRequest(token=token, score=3, comment="Geheimrat was here"),
    )
    async with world.database.tx() as tx:
        await tx.run("ALTER TABLE feedback ADD CONSTRAINT broken CHECK (score > 3)  NOT VALID")
    with pytest.raises(Internal):
        await world.ask(
            world.touchpoints.RecordFeedback,
            pb.RecordFeedbackRequest(token=token, score=2, comment="Geheimrat was here"),
        )

    assert "CheckViolation" in logs.getvalue()
    seen = logs.getvalue() + generate_latest(REGISTRY).decode()
    assert [
        secret for secret in ("ana.secret", "Geheimrat", token, str(an_id("V"))) if secret in seen
    ] == []


async def test_an_erased_customer_is_forgotten_for_good(world: World) -> None:
    await world.record_touchpoints(a_touchpoint("a", visitor="V", customer="C", seconds=0))
    await world.record_touchpoints(a_touchpoint("b", visitor="W", customer="D", seconds=0))
    key = EmailKeys(world.settings.people_key)("jane@example.org")
    async with world.database.tx() as tx:
        await insert_keys(tx, [PersonKey(key_id=key, handle_id=an_id("X"))])
    erased = identity.CustomerErased(customer_id=str(an_id("C")), email="jane@example.org")

    await world.hear(erased, seconds=10)
    await world.hear(erased, seconds=10)
    # Neither what comes late nor a later answer of the account brings anything back.
    await world.hear(consent(True, version=9), seconds=11)
    await world.record_touchpoints(a_touchpoint("c", customer="C", seconds=12))

    assert await world.kinds() == ["b"]
    assert await count(world.database, "person_key") == 0
