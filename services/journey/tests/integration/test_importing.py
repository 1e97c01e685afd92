from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import superuser_url
from journey import commands
from services.journey.tests.journey_world import World, an_id, kinds
from sojourn.journey.v1 import journey_pb2 as pb


async def run(world: World, path: Path, *arguments: str) -> int:
    url = superuser_url(world.database.pool.conninfo.rsplit("/", 1)[1])
    settings = world.settings.model_copy(
        update={"database_url": type(world.settings.survey_secret)(url)}
    )
    columns = ["--visitor", "user", "--time", "at", "--kind", "event", "--properties", "plan,page"]
    return await commands.import_history(settings, [*columns, *arguments, str(path)])


def written(path: Path, rows: list[dict[str, Any]], format: str) -> Path:
    if format == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        lines = [
            ",".join(rows[0]),
            *(",".join(str(value) for value in row.values()) for row in rows),
        ]
        path.write_text("\ufeff" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("format", ["csv", "jsonl"])
async def test_an_import_can_be_repeated_and_grow(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    rows = [
        {
            "user": f"u{n % 7}",
            "at": 1_700_000_000 + n,
            "event": ("View", "Buy")[n % 2],
            "plan": n,
            "page": "x",
        }
        for n in range(50)
    ]
    file = written(tmp_path / "old", rows[:40], format)

    assert await run(world, file, "--format", format) == 0
    assert await run(world, file, "--format", format) == 0
    assert await run(world, written(file, rows, format), "--format", format) == 0

    assert capsys.readouterr().out.splitlines() == [
        "40 read, 40 stored, 0 repeated, 0 refused, 0 bad",
        "40 read, 0 stored, 40 repeated, 0 refused, 0 bad",
        "50 read, 10 stored, 40 repeated, 0 refused, 0 bad",
    ]
    await world.put_map("old", [kinds("view")], [kinds("buy")])
    assert [stage.people for stage in (await world.funnel(map="old")).segments[0].stages] == [7, 7]


async def test_rows_that_make_no_sense_are_told_by_number_and_who_withdrew_is_passed_over(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.ask(
        world.touchpoints.WithdrawConsent, pb.WithdrawConsentRequest(visitor_id=str(an_id("V")))
    )
    rows = [
        {"user": an_id("V"), "at": 1_700_000_000, "event": "view", "plan": "", "page": ""},
        {"user": "ana", "at": "secret", "event": "view", "plan": "", "page": ""},
        {"user": "ana", "at": 1_700_000_000, "event": "view", "plan": "", "page": ""},
    ]

    assert await run(world, written(tmp_path / "old", rows, "csv"), "--format", "csv") == 1

    told = capsys.readouterr()
    assert told.out == "3 read, 1 stored, 0 repeated, 1 refused, 1 bad\n"
    assert told.err == "row 2: time makes no sense\n"
    assert await run(world, tmp_path / "missing", "--format", "csv") == 2
