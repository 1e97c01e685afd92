from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from chassis.testing import superuser_url
from journey import commands
from journey.settings import Settings
from services.journey.tests.journey_world import World, an_id, kinds
from sojourn.journey.v1 import journey_pb2 as pb

COLUMNS = ["--person", "user", "--time", "at", "--kind", "event"]


def settings_of(world: World) -> Settings:
    url = superuser_url(world.database.pool.conninfo.rsplit("/", 1)[1])
    return world.settings.model_copy(
        update={"database_url": type(world.settings.survey_secret)(url)}
    )


async def run(world: World, path: Path, *arguments: str) -> int:
    given = commands.import_parser().parse_args([*COLUMNS, *arguments, str(path)])
    return await commands.import_history(settings_of(world), given)


def written(path: Path, rows: list[dict[str, Any]], format: str = "jsonl") -> Path:
    if format == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        lines = [
            ",".join(rows[0]),
            *(",".join(str(value) for value in row.values()) for row in rows),
        ]
        path.write_text("\ufeff" + "\n".join(lines) + "\n")
    return path


def events(count: int) -> list[dict[str, Any]]:
    return [
        {
            "user": f"u{n % 7}",
            "at": 1_700_000_000 + n,
            "event": ("View", "Buy")[n % 2],
            "plan": n,
            "page": "x",
        }
        for n in range(count)
    ]


@pytest.mark.parametrize("format", ["csv", "jsonl"])
async def test_an_import_can_be_repeated_and_grow(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    file = written(tmp_path / "old", events(40), format)

    assert await run(world, file, "--properties", "plan") == 0
    assert await run(world, file, "--properties", "plan,page") == 0
    assert await run(world, written(file, events(50), format)) == 0

    told = [line for line in capsys.readouterr().out.splitlines() if "read" in line]
    assert told == [
        "40 read, 40 stored, 0 repeated, 0 withheld, 0 refused",
        "40 read, 0 stored, 40 repeated, 0 withheld, 0 refused",
        "50 read, 10 stored, 40 repeated, 0 withheld, 0 refused",
    ]
    await world.put_map("old", [kinds("view")], [kinds("buy")])
    assert [stage.people for stage in (await world.funnel(map="old")).segments[0].stages] == [7, 7]


async def test_lines_that_make_no_sense_are_told_and_who_withdrew_is_passed_over(
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

    assert await run(world, written(tmp_path / "old", rows, "csv")) == 1

    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "3 read, 1 stored, 0 repeated, 1 withheld, 1 refused"
    assert "line 3, time (column at)" in told.err
    assert await run(world, tmp_path / "missing") == 2


async def test_a_dry_run_stores_nothing(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(world, written(tmp_path / "old", events(10)), "--dry-run") == 0

    assert "10 stored, 0 repeated, 0 withheld, 0 refused (dry run)" in capsys.readouterr().out
    assert await world.kinds() == []


async def test_an_import_can_be_undone(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [{"user": "u0", "at": 1_600_000_000, "event": "old", "who": "c0"}]
    told = [{"user": "u1", "at": 1_600_000_000 + n, "event": "new", "who": "c1"} for n in range(5)]
    await run(world, written(tmp_path / "kept", kept), "--customer", "who")
    capsys.readouterr()
    await run(world, written(tmp_path / "told", [*kept, *told]), "--customer", "who")
    import_id = capsys.readouterr().out.split()[-1]

    given = argparse.Namespace(id=import_id)
    assert await commands.undo(settings_of(world), given) == 0

    assert capsys.readouterr().out == "5 touchpoints deleted\n"
    assert await world.kinds() == ["old"]
    async with world.database.read() as read:
        assert await read.fetch("SELECT count(*) FROM sighting") == [(1,)]
        persons = await read.fetch("SELECT count(*) FROM person WHERE handle_id <> customer_id")
        assert persons == [(1,)]


def test_help_and_wrong_options_need_no_environment(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        commands.import_parser().parse_args(["--help"])
    assert raised.value.code == 0
    said = capsys.readouterr().out
    assert "--person COL" in said
    assert "--preset" in said
