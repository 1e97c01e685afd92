"""The command `ask` on a real database."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

from chassis.testing import superuser_url
from journey.ask import ask, ask_parser
from services.journey.tests.journey_world import World, a_touchpoint, settings


async def run(world: World, *arguments: str) -> int:
    url = superuser_url(world.database.pool.conninfo.rsplit("/", 1)[1])
    chosen = settings(database_url=url)
    given: argparse.Namespace = ask_parser().parse_args(list(arguments))
    return await ask(chosen, given)


async def test_an_answer_is_printed_as_json(world: World, capsys: Any) -> None:
    await world.record_touchpoints(
        a_touchpoint("search", visitor="Ana"), a_touchpoint("search", visitor="Ben", channel="app")
    )

    code = await run(world, "trend", '{"interval": "week", "filter": {"channels": ["app"]}}')

    printed = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [(one["begin"], one["people"]) for one in printed["points"]] == [("2026-02-23", "1")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{", "cannot be read"),
        ('{"intervall": "week"}', "intervall"),
        ('{"time_zone": "Mars/Base"}', "time_zone"),
    ],
)
async def test_a_question_without_sense_is_told(
    world: World, capsys: Any, options: str, said: str
) -> None:
    assert await run(world, "trend", options) == 2
    assert said in capsys.readouterr().err


def test_help_needs_no_environment(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        ask_parser().parse_args(["--help"])

    assert "/v1/staff/questions" in capsys.readouterr().out
