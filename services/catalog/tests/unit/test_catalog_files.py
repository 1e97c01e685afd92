"""Files as merchants send them, as records and problems with their places."""

from __future__ import annotations

import pytest

from catalog.channels.model import Channel, Channels, TaxDisplay
from catalog.imports.csv_files import guarded, plain, rows_of
from catalog.jobs.model import DataKind, FileFormat, ImportOptions
from catalog.jobs.read_file import Reading, read_file

CHANNELS = Channels(
    [
        Channel(
            code="web",
            name="Web",
            is_default=True,
            locales=["en"],
            currencies=["EUR"],
            countries=["DE"],
            tax_display=TaxDisplay.GROSS,
            warehouses=["main"],
            hosts=[],
            price_list="web",
        )
    ]
)


def read(text: str | bytes, kind: DataKind, format: FileFormat = FileFormat.AUTO) -> Reading:
    content = text.encode() if isinstance(text, str) else text
    return read_file(content, ImportOptions(kind=kind, format=format), CHANNELS)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffsku;on_hand\nÄ-1;5\n".encode(),
        "sku;on_hand\r\nÄ-1;5\r\n".encode("cp1252"),
        "sku\ton_hand\nÄ-1\t5\n".encode("utf-16"),
        "sku\ton_hand\nÄ-1\t5\n".encode("utf-16-le"),
        'sep=;\r\nsku;on_hand\r\n="Ä-1";5\r\n'.encode(),
        '"sku,on_hand"\n"Ä-1,5"\n'.encode(),
        "sku|on_hand\rÄ-1|5\r".encode(),
        "sku,on_hand\nA\u0308-1,5\n,,\n".encode(),
    ],
)
def test_a_stock_file_of_any_tool_is_read(content: bytes) -> None:
    reading = read(content, DataKind.STOCK)

    assert reading.problems == []
    assert [(each.message.sku, each.message.on_hand) for each in reading.records] == [("Ä-1", 5)]


def test_each_mistake_has_its_line_column_value_and_rule() -> None:
    reading = read(
        "sku,on_hand,quantity,reason\nA,1,,\nB,x,,\nC,,5,gift\nD,1,5,\nA,2,,\nE,,5,\n,1,,\n",
        DataKind.STOCK,
    )

    assert [record.message.sku for record in reading.records] == ["A"]
    assert [(each.line, each.column, each.value) for each in reading.problems] == [
        (3, "on_hand", "x"),
        (4, "reason", "gift"),
        (5, "on_hand", "1"),
        (6, "sku", "A"),
        (7, "reason", "0"),
        (8, "sku", ""),
    ]


def test_an_unknown_column_or_document_is_refused_by_its_name() -> None:
    csv = read("sku,onhand\nA,1\n", DataKind.STOCK)
    json = read('{"sku":"A","onhand":1}\n\n[1]\n{"sku":\n', DataKind.STOCK, FileFormat.JSONL)

    assert (csv.records, csv.problems[0].column) == ([], "onhand")
    assert "known are sku" in csv.problems[0].allowed
    assert [each.line for each in json.problems] == [1, 3, 4]
    assert "onhand" in json.problems[0].allowed


def test_tiers_of_a_csv_join_their_price_and_a_lost_one_is_a_problem() -> None:
    reading = read(
        "sku,currency,min_quantity,price\nA,,10,4.50\nA,,,5.00\nB,,5,1.00\n",
        DataKind.PRICES,
    )

    (record,) = reading.records
    assert record.message.price.amount_minor == 500
    assert [(t.min_quantity, t.amount_minor) for t in record.message.tiers] == [(10, 450)]
    assert [each.line for each in reading.problems] == [4]


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5 °C", "@home", "'quoted", "'=x", "plain"])
def test_no_cell_of_an_export_is_a_formula_and_each_comes_back(text: str) -> None:
    assert plain(guarded(text)) == text
    assert guarded(text)[0] not in "=+-@"


def test_lines_count_as_an_editor_shows_them() -> None:
    rows = list(rows_of(b'sep=,\na,b\n"1\n2",3\n4,5\n'))

    assert [line for line, _ in rows] == [3, 5]
