from __future__ import annotations

import pytest

from chassis.rpc.errors import Invalid
from services.journey.tests.journey_world import SECRET, World, a_touchpoint, an_id, at
from services.journey.tests.mail_tokens import mail_token
from sojourn.identity.v1 import events_pb2 as identity
from sojourn.journey.v1 import events_pb2
from sojourn.journey.v1 import mails_pb2 as pb

PATH = "/surveys/secret?utm_source=sojourn&utm_campaign=survey"


async def record(world: World, path: str = PATH, **request: object) -> str:
    message = pb.RecordMailTouchpointRequest(
        # Fields of a message as a test names them: the stub cannot know their types.
        **{"token": mail_token(SECRET, path=path), **request}  # type: ignore[arg-type]
    )
    reply = await world.ask(world.mails.RecordMailTouchpoint, message)
    return str(reply.path)


async def allow(world: World, *, is_granted: bool = True, version: int = 2) -> None:
    event = identity.ConsentChanged(
        customer_id=str(an_id("C")), granted={"analytics": is_granted}, version=version
    )
    await world.hear(event, seconds=version)


async def test_opens_and_clicks_of_a_customer_who_allows_it_are_touchpoints_once(
    world: World,
) -> None:
    await allow(world)

    for _ in range(2):
        assert await record(world) == PATH
        assert await record(world, "") == ""

    rows = [row for row in await world.rows() if row.kind.startswith("mail.")]
    campaign = {
        "template": "survey",
        "campaign": "survey",
        "campaign_source": "sojourn",
        "campaign_medium": "email",
    }
    assert [(row.kind, row.customer_id, row.visitor_id, row.properties) for row in rows] == [
        ("mail.clicked", an_id("C"), None, {**campaign, "page": "surveys"}),
        ("mail.opened", an_id("C"), None, campaign),
    ]
    assert {(row.subject, row.utm_source, row.source) for row in rows} == {
        (str(an_id("M")), "", "event")
    }


async def test_without_consent_a_link_leads_on_and_nothing_is_recorded(world: World) -> None:
    assert await record(world) == PATH
    await allow(world, is_granted=True)
    assert await record(world, consent=events_pb2.CONSENT_DENIED) == PATH
    await allow(world, is_granted=False, version=3)
    assert await record(world) == PATH
    # The grant of whoever clicks is not the recipient's.
    assert await record(world, consent=events_pb2.CONSENT_GRANTED) == PATH

    assert not [row for row in await world.rows() if row.kind.startswith("mail.")]


async def test_machines_are_told_from_people(world: World) -> None:
    await allow(world)

    await record(world, "", proxy=pb.MAIL_PROXY_APPLE)
    await record(world, "", device="phone", proxy=pb.MAIL_PROXY_GMAIL)
    await record(world, device="bot")
    await record(world, "", is_prefetch=True)

    rows = [row for row in await world.rows() if row.kind.startswith("mail.")]
    assert {(row.kind, row.device, row.properties.get("proxy", "")) for row in rows} == {
        ("mail.opened", "bot", "apple"),
        ("mail.opened", "phone", "gmail"),
        ("mail.clicked", "bot", ""),
    }


async def test_a_click_does_not_make_the_browser_the_recipients(world: World) -> None:
    await allow(world)
    await world.record_touchpoints(a_touchpoint(visitor="V", seconds=5))

    await record(world)

    async with world.database.read() as read:
        assert await read.fetch("SELECT * FROM sighting") == []
    assert at(5) in {row.occurred_at for row in await world.rows()}


@pytest.mark.parametrize("token", ["", "nonsense", mail_token("another's secret", path=PATH)])
async def test_a_token_that_notifications_did_not_make_is_refused(world: World, token: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await record(world, token=token)

    assert refusal.value.reason == "INVALID_MAIL_TOKEN"
