from __future__ import annotations

import io

import pytest
from prometheus_client import REGISTRY, generate_latest

from chassis.testing import eventually
from checkout.testing import an_order
from notifications.delivery.renderer import Renderer, Rendering
from services.notifications.tests.notifications_world import World, placed


async def test_logs_and_metrics_hold_no_recipient_and_no_text(
    world: World, logs: io.StringIO
) -> None:
    address = "ana.secret@example.com"
    modes = ["refuse_permanently", "refuse_temporarily", "drop_after_data", "drop_before_keeping"]

    for mode in modes:
        world.postbox.misbehave(mode, times=1)
        await world.handle(placed(an_order(email=address)))
        async with world.working():
            await eventually(lambda: _none_waits(world))
    await world.postbox.hang_up()
    await world.handle(placed(an_order(email=address)))
    async with world.working():
        await eventually(lambda: _one_is_absent(world))

    seen = logs.getvalue() + generate_latest(REGISTRY).decode()
    assert "message failed" in seen
    assert "answer is missing" in seen
    assert [
        secret
        for secret in (address, "ana.secret", "Unter den Linden", "Roth", "Trail Runner")
        if secret in seen
    ] == []


async def _none_waits(world: World) -> bool:
    return {mail.state for mail in await world.mails()} <= {"sent", "failed"}


async def _one_is_absent(world: World) -> bool:
    return any(mail.absences for mail in await world.mails())


async def test_a_broken_template_fails_the_mail_and_logs_no_personal_data(
    world: World, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Renderer, name: str, context: dict[str, object], *_: object) -> Rendering:
        text = self._environment.from_string("{{ first_name }} {{ missing[number] }}").render(
            context
        )
        raise AssertionError(text)

    await world.handle(placed(an_order(email="ana.secret@example.com")))
    with monkeypatch.context() as patched:
        patched.setattr(Renderer, "_render_texts", broken)
        async with world.working():
            mail = await world.becomes("failed")

    assert mail.reason == "NOT_RENDERED"
    assert "template is broken" in logs.getvalue()
    assert "UndefinedError" in logs.getvalue()
    assert [secret for secret in ("ana.secret", "S-100042") if secret in logs.getvalue()] == []


@pytest.mark.parametrize("variables", ["7", "[]", '{"number": 1}'])
async def test_a_mail_with_invalid_stored_variables_fails(world: World, variables: str) -> None:
    await world.handle(placed(an_order()))
    async with world.database.tx() as tx:
        await tx.run("UPDATE mail SET variables = %s::jsonb", [variables])

    async with world.working():
        mail = await world.becomes("failed")

    assert mail.reason == "NOT_RENDERED"
