"""The worked example of docs/journeys.md."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from journey.ask import ASK
from journey.commands import COMMANDS
from services.journey.tests.integration.test_importing import settings_of
from services.journey.tests.journey_world import World
from sojourn.journey.v1 import people_pb2

PAGE = Path(__file__).parents[4] / "docs" / "journeys.md"
BLOCK = re.compile(r"```(csv|sh|text)\n(.*?)```", re.DOTALL)
KNOWN = {**COMMANDS, "ask": ASK}


async def test_the_worked_example_is_true(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    settings, answers = settings_of(world), list[str]()
    for kind, content in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "csv":
            (tmp_path / "history.csv").write_text(content, encoding="utf-8")
        elif kind == "sh":
            _, _, _, name, *arguments = shlex.split(content)
            command = KNOWN[name]
            await command.run(settings, command.parser().parse_args(arguments))
            told = capsys.readouterr()
            answers.append(told.out)
            if name == "import":
                assert "CSV, parted by semicolon, 8 columns" in told.err
                assert "line 8, time (column at)" in told.err
        elif content[0].isdigit():
            assert answers[-1].splitlines()[0] == content.strip()

    funnel = json.loads(answers[2])
    assert {
        one.get("value"): [step.get("reached", "0") for step in one["steps"]]
        for one in funnel["segments"]
    } == {"google": ["2", "0"], "newsletter": ["1", "1"]}
    for query in (
        {"email": "ana@example.com"},
        {"order_number": "T-1001"},
        {"imported_id": "b-17"},
    ):
        request = people_pb2.FindPeopleRequest(**query)
        found = await world.ask(world.people.FindPeople, request, world.staff)
        assert [person.touchpoints for person in found.people] == [3]
