"""The command that imports products as JSON Lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import json_format

from catalog import commands
from catalog.settings import Settings
from chassis.data.database import Database
from chassis.testing import superuser_url
from services.catalog.tests.catalog_replica import (
    a_product,
)


async def test_the_command_imports_json_lines_and_repeats_safely(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = tmp_path / "products.jsonl"
    lines.write_text(
        "\n".join(json_format.MessageToJson(a_product(f"Line {n}"), indent=None) for n in range(3))
    )
    settings = Settings(database_url=superuser_url(await _name_of(database)), import_batch_size=2)  # type: ignore[arg-type]  # a text is parsed
    arguments = ["--format", "jsonl", "--source", "feed", str(lines)]

    codes = [await commands.import_files(settings, arguments) for _ in range(2)]

    told = capsys.readouterr().out.splitlines()
    assert codes == [0, 0]
    assert [line.split(" in ")[0] for line in told if "created" in line] == [
        "3 created, 0 updated, 0 unchanged",
        "0 created, 0 updated, 3 unchanged",
    ]


async def test_the_command_stops_at_a_line_that_is_no_product(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = tmp_path / "products.jsonl"
    lines.write_text('{"externalId": "a", "colour": "red"}\n')
    settings = Settings(database_url=superuser_url(await _name_of(database)))  # type: ignore[arg-type]  # a text is parsed

    code = await commands.import_files(
        settings, ["--format", "jsonl", "--source", "feed", str(lines)]
    )

    assert (code, "line 1: json" in capsys.readouterr().out) == (1, True)


async def _name_of(database: Database) -> str:
    async with database.read() as read:
        record = await read.fetch_one("SELECT current_database()::text")
    assert record is not None
    return str(record[0])
