"""Touchpoints stored by lines of COPY are those that were given, whatever their texts hold."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from journey.touchpoints.insert import insert_touchpoints
from journey.touchpoints.model import Touchpoint
from services.journey.tests.journey_world import World

TEXTS = [
    "",
    "\\",
    "\\N",
    "\\.",
    "a\tb",
    "a\nb",
    "\r",
    "'\"{},",
    "Ä\u00a0é",
    "日本",
    "\u2028",
    "😀",
    "%s",
]
TEXT_FIELDS = [
    "channel", "reason", "subject", "session_id", "utm_source", "utm_medium", "utm_campaign",
    "utm_term", "utm_content", "click_id", "referrer_host", "device", "currency",
]  # fmt: skip


def any_touchpoint(draw: random.Random) -> Touchpoint:
    def id() -> UUID:
        return UUID(bytes=draw.randbytes(16))

    micros = timedelta(microseconds=draw.randrange(10**15))
    zone_less = datetime(2020, 1, 1, tzinfo=UTC)
    return Touchpoint(
        id=id(),
        visitor_id=id(),
        guest_id=draw.choice([None, id()]),
        customer_id=draw.choice([None, id()]),
        trace_id=draw.choice([None, id()]),
        occurred_at=zone_less + draw.choice([timedelta(), micros]),
        received_at=zone_less + micros,
        duration_ms=draw.choice([None, 0, 2**31 - 1]),
        kind=draw.choice(["search", "köp_nu"]),
        source=draw.choice(["import", "gateway"]),
        outcome=draw.choice(["ok", "error"]),
        properties=draw.choice(["{}", '{"a": "\\"x\\\\y\\n\\t"}', '{"b": "日本 \\u2028"}']),
        sequence=draw.choice([0, 7]),
        amount_minor=draw.choice([None, -1, 10**12]),
        import_id=draw.choice([None, id()]),
        **{name: draw.choice(TEXTS) for name in TEXT_FIELDS},
    )  # fmt: skip


async def test_what_is_stored_by_lines_is_what_is_stored_row_by_row(world: World) -> None:
    draw = random.Random(1)
    rows = [any_touchpoint(draw) for _ in range(300)]
    async with world.database.tx() as tx:
        by_lines = await insert_touchpoints(tx, rows)
    lines = {row.id: row for row in await world.rows()}

    async with world.database.tx() as tx:
        await tx.run("DELETE FROM touchpoint")
        for row in rows:
            await insert_touchpoints(tx, [row])
    alone = {row.id: row for row in await world.rows()}

    assert {row.id for row in by_lines} == {row.id for row in rows}
    assert lines == alone
    assert len(lines) == 300
    for row in rows:
        assert lines[row.id].subject == row.subject


async def test_rows_that_are_there_already_are_stored_once(world: World) -> None:
    draw = random.Random(2)
    rows = [any_touchpoint(draw) for _ in range(20)]
    async with world.database.tx() as tx:
        await insert_touchpoints(tx, rows[:12])

    async with world.database.tx() as tx:
        stored = await insert_touchpoints(tx, [*rows, rows[15]])
    async with world.database.tx() as tx:
        none = await insert_touchpoints(tx, rows)
    async with world.database.tx() as tx:
        one = await insert_touchpoints(tx, [*rows, last := any_touchpoint(draw)])

    assert {row.id for row in stored} == {row.id for row in rows[12:]}
    assert none == []
    assert one == [last]
    assert len(await world.rows()) == 21
