from __future__ import annotations

from chassis.testing import sample_value
from notifications.maintenance import erase_old_data, measure_backlog
from services.notifications.tests.notifications_edge import Edge
from services.notifications.tests.notifications_world import World, placed


async def test_old_mails_lose_their_personal_data_and_keep_their_dedupe_key(
    world: World, edge: Edge
) -> None:
    event = placed()
    await world.handle(event)
    async with world.working():
        mail = await world.becomes("sent")

    await erase_old_data(world.database, 90)
    kept = await world.mail()
    world.database.clock.shift_to(91 * 86_400)
    await erase_old_data(world.database, 90)
    await world.handle(event)
    erased = await world.mail()

    assert kept.recipient == event.order.email
    assert (erased.recipient, erased.variables, erased.body_html, erased.subject) == (
        "",
        {},
        "",
        "",
    )
    assert (erased.id, erased.state) == (mail.id, "sent")


async def test_the_age_of_the_oldest_unsent_mail_is_measured(world: World, edge: Edge) -> None:
    await edge.send()
    world.database.clock.shift_to(60)
    await measure_backlog(world.database)

    assert 60 <= sample_value("mail_oldest_queued_seconds") < 90
