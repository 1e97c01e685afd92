"""Files of exports against the rows that they are made of, over random histories."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from journey.errors import InvalidQuestion
from journey.exports.files import open_file, scan_tables
from journey.exports.model import USUAL_COLUMNS, ExportFormat, ExportOptions, require_columns
from journey.questions.filters import Filter
from services.journey.tests.histories import HistoryStore, Row, a_history

COLUMNS = ("person_id", "occurred_at", "kind", "channel", "amount_minor", "property:page")
SEEDS = range(15)


def plain(rows: Sequence[Row], channel: str) -> list[dict[str, Any]]:
    return [
        {
            "person_id": row.person,
            "occurred_at": datetime.fromtimestamp(row.at / 1e6, UTC),
            "kind": row.kind,
            "channel": row.text("channel"),
            "amount_minor": row.number("amount_minor"),
            "property:page": row.text("property:page"),
        }
        for row in rows
        if row.counts and row.text("channel") == channel
    ]


def written(rows: Sequence[Row], form: ExportFormat) -> tuple[bytes, list[str]]:
    options = ExportOptions(columns=COLUMNS, format=form)

    async def write() -> tuple[bytes, list[str]]:
        file, content, people = open_file(options), b"", list[str]()
        chosen = Filter(channels=("web",))
        async for table, who in scan_tables(HistoryStore(rows), chosen, options):
            content += file.add(table)
            people += who
        return content + file.close(), people

    return asyncio.run(write())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parquet_file_has_the_touchpoints_that_the_filter_lets_through(seed: int) -> None:
    rows = a_history(seed)

    content, people = written(rows, ExportFormat.PARQUET)

    table = parquet.read_table(pa.BufferReader(content))
    assert table.column_names == list(COLUMNS)
    assert table.to_pylist() == plain(rows, "web")
    assert sorted(people) == sorted({row["person_id"] for row in plain(rows, "web")})


@pytest.mark.parametrize("seed", SEEDS)
def test_a_csv_file_says_the_same_with_times_in_utc(seed: int) -> None:
    rows = a_history(seed)

    content, _ = written(rows, ExportFormat.CSV)

    read = list(csv.DictReader(io.StringIO(content.decode())))
    assert [
        {
            **row,
            "occurred_at": datetime.fromisoformat(row["occurred_at"]),
            "amount_minor": int(row["amount_minor"]) if row["amount_minor"] else None,
        }
        for row in read
    ] == plain(rows, "web")


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-1", "'-1"), ("a=1", "a=1"), ("", "")],
)
def test_a_cell_of_csv_is_no_formula_and_parquet_keeps_the_text(text: str, cell: str) -> None:
    table = pa.table({"subject": [text]})

    def content_of(form: ExportFormat) -> bytes:
        file = open_file(ExportOptions(columns=("subject",), format=form))
        return file.add(table) + file.close()

    read = list(csv.DictReader(io.StringIO(content_of(ExportFormat.CSV).decode())))
    kept = parquet.read_table(pa.BufferReader(content_of(ExportFormat.PARQUET)))
    assert [row["subject"] for row in read] == [cell]
    assert kept.to_pylist() == [{"subject": text}]


@pytest.mark.parametrize("form", ExportFormat)
def test_a_file_without_touchpoints_has_its_columns(form: ExportFormat) -> None:
    content, people = written([], form)

    assert people == []
    if form is ExportFormat.PARQUET:
        assert parquet.read_table(pa.BufferReader(content)).column_names == list(COLUMNS)
    else:
        assert next(csv.reader(io.StringIO(content.decode()))) == list(COLUMNS)


def test_a_column_that_touchpoints_do_not_have_is_refused_by_its_place() -> None:
    require_columns(USUAL_COLUMNS)

    with pytest.raises(InvalidQuestion) as refusal:
        require_columns(("kind", "email"))
    assert refusal.value.metadata["field"] == "columns[1]"


@pytest.mark.parametrize(
    ("column", "tells"), [("click_id", True), ("property:term", True), ("person_id", False)]
)
def test_what_people_typed_tells_of_them(column: str, tells: bool) -> None:
    assert ExportOptions(columns=("kind", column)).tells_of_people is tells
