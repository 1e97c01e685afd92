from __future__ import annotations

import gzip
import io
import json
import random
from datetime import UTC, datetime
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from chassis.runtime.clock import uuid7
from journey.imports import rows
from journey.imports.columns import parse_properties
from journey.imports.inputs import UnreadableFile
from journey.imports.model import DateOrder, ImportOptions, Refusal
from journey.imports.read_file import ReadingContext, read_file
from journey.imports.rows import Imported
from journey.imports.times import TimeReader, UnreadableTime, parse_zone
from journey.people.keys import EmailKeys
from journey.touchpoints.model import Touchpoint

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MINIMAL = {"person": ["user"], "time": ["at"], "kind": ["event"]}


def options(columns: dict[str, list[str]] | None = None, **changes: Any) -> ImportOptions:
    return ImportOptions(columns=MINIMAL if columns is None else columns, **changes)


def read(content: str | bytes, given: ImportOptions | None = None) -> list[Imported | Refusal]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    context = ReadingContext(uuid7(), NOW, "default", EmailKeys(b"key"))
    return list(read_file(file, given or options(), context).rows)


def touchpoints(content: str | bytes, given: ImportOptions | None = None) -> list[Touchpoint]:
    found = read(content, given)
    assert not [one for one in found if isinstance(one, Refusal)]
    return [one.touchpoint for one in found if isinstance(one, Imported)]


def refusals(content: str | bytes, given: ImportOptions | None = None) -> list[Refusal]:
    return [one for one in read(content, given) if isinstance(one, Refusal)]


LINES = [
    {"user": "ana", "at": "2026-05-01T10:00:00Z", "event": "View", "plan": "pro"},
    {"user": "ben", "at": "2026-05-01T10:00:01Z", "event": "Köp nu", "plan": ""},
]


def as_csv(rows: list[dict[str, Any]], mark: str = ",") -> str:
    return "\n".join(mark.join(map(str, one)) for one in ([*rows[0]], *(r.values() for r in rows)))


def as_json(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        as_csv(LINES),
        as_csv(LINES, ";"),
        as_csv(LINES, "\t"),
        "\ufeff" + as_csv(LINES),
        as_csv(LINES).replace("\n", "\r\n"),
        as_json(LINES),
        "\ufeff" + as_json(LINES),
        json.dumps(LINES),
        as_parquet(LINES),
        gzip.compress(as_csv(LINES).encode()),
        gzip.compress(as_parquet(LINES)),
    ],
    ids=["csv", ";", "tab", "bom", "crlf", "jsonl", "bom jsonl", "array", "parquet", "gz", "gz2"],
)
def test_every_form_of_a_file_gives_the_same_touchpoints(content: str | bytes) -> None:
    first, second = touchpoints(content, options(properties={"plan": "plan"}))

    assert [first.kind, second.kind] == ["view", "köp_nu"]
    assert (first.properties, second.properties) == ('{"plan":"pro"}', "{}")
    assert first.occurred_at == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert [first.id, second.id] == [one.id for one in touchpoints(as_csv(LINES))]


def test_a_misspelt_column_is_refused_before_the_first_line_and_suggested() -> None:
    with pytest.raises(UnreadableFile, match=r"no column what \(did you mean .*Columns: user, at"):
        read(as_csv(LINES), options({**MINIMAL, "kind": ["what"]}, properties={"p": "plan"}))
    with pytest.raises(UnreadableFile, match=r"no column evnt \(did you mean event"):
        read(as_json(LINES), options({**MINIMAL, "kind": ["evnt"]}))
    with pytest.raises(UnreadableFile, match="no column for kind"):
        read(as_csv(LINES), options({"person": ["user"], "time": ["at"]}))
    with pytest.raises(UnreadableFile, match=r"personn is no field \(did you mean person"):
        read(as_csv(LINES), options({**MINIMAL, "personn": ["user"]}))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (as_csv(LINES).encode("utf-16"), "UTF-16"),
        (as_csv(LINES).encode("utf-16-le"), "UTF-16"),
        (as_csv(LINES).encode("latin-1"), r"line 3: byte 0xf6 .* --encoding"),
        (gzip.compress(as_csv(LINES * 50).encode())[:-20], "cut off"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"PAR1nonsense", "no Parquet file"),
        (b"", "empty"),
        (b"[{", "no JSON array"),
        ("user,user,at,event\n", "twice: user"),
    ],
    ids=["utf-16", "utf-16le", "latin-1", "gzip", "zip", "parquet", "empty", "array", "twice"],
)
def test_a_file_that_cannot_be_read_says_why(content: str | bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read(content)


def test_another_encoding_is_read_where_it_is_named() -> None:
    for encoding in ("latin-1", "utf-16"):
        found = touchpoints(as_csv(LINES).encode(encoding), options(encoding=encoding))
        assert found[1].kind == "köp_nu"


def test_a_field_beyond_the_limit_refuses_its_line_only() -> None:
    content = as_csv(LINES) + f'\nana,2026-05-01,"{"x" * 9_000_000}",\ncy,2026-05-01,view,\n'

    assert "8 MiB" in refusals(content)[0].reason
    long = as_csv(LINES) + f'\nana,2026-05-01,view,"{"x" * 200_000}"\n'
    assert len(touchpoints(long, options(properties={"plan": "plan"}))) == 3


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01 10:00:10 UTC",
        "2026-01-01 10:00:10.000 GMT",
        "2026-01-01T11:00:10+01:00",
        "2026-01-01T11:00:10+0100",
        "2026-01-01 11:00:10 Europe/Berlin",
        "2026-01-01T11:00:10+01:00[Europe/Berlin]",
        "20260101T100010Z",
        "20260101100010",
        "1767261610",
        "1767261610.0",
        "1.76726161e9",
        "1767261610000",
        "1767261610000000",
        "1767261610000000000",
        1767261610,
        1767261610000000,
        "2026/01/01 10:00:10",
        "01.01.2026 10:00:10",
        "Thu, 01 Jan 2026 10:00:10 GMT",
        "Jan 1, 2026 10:00:10 AM",
        "Jan 1, 2026, 11:00:10 a.m. Europe/Berlin",
        "Thu Jan 01 2026 11:00:10 GMT+0100 (Central European Standard Time)",
        "Thu Jan 01 2026 05:00:10 GMT-0500 (EST)",
        "2026-01-01 12:00:10 UTC+02:00",
        "2026-01-01 12:00:10 GMT+2",
        "Jan 1, 2026 1:00:10 PM Europe/Istanbul",
        datetime(2026, 1, 1, 10, 0, 10, tzinfo=UTC),
    ],
)
def test_times_are_read_in_every_spelling(text: object) -> None:
    reader = TimeReader()
    if isinstance(text, str) and "[" in text:
        text = text.replace("+01:00", "")

    assert reader.read(text, NOW) == datetime(2026, 1, 1, 10, 0, 10, tzinfo=UTC)


def test_a_zone_holds_for_times_that_name_none() -> None:
    reader = TimeReader(parse_zone("America/New_York"))

    assert reader.read("2026-01-01 05:00:00", NOW) == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert reader.read("2026-01-01 05:00:00 UTC", NOW) == datetime(2026, 1, 1, 5, tzinfo=UTC)
    assert reader.read("01/13/2026 5:00 PM", NOW) == datetime(2026, 1, 13, 22, tzinfo=UTC)


def test_an_order_of_day_and_month_is_asked_for_where_it_cannot_be_told() -> None:
    assert TimeReader().read("13/03/2024", NOW) == datetime(2024, 3, 13, tzinfo=UTC)
    assert TimeReader().read("03/13/2024", NOW) == datetime(2024, 3, 13, tzinfo=UTC)
    with pytest.raises(UnreadableTime, match="--date-order"):
        TimeReader().read("03/04/2024", NOW)
    us = TimeReader(order=DateOrder.MONTH_FIRST)
    assert us.read("03/04/2024", NOW) == datetime(2024, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "9999-01-01", "2090-01-01", "-5", "0", "1e99", "nan", "2026-02-30",
     "2026-01-01 10:00 CET", True, "12026-01-01"],
)  # fmt: skip
def test_impossible_and_future_times_are_refused(text: object) -> None:
    with pytest.raises(UnreadableTime):
        TimeReader().read(text, NOW)


def test_identity_is_the_meaning_of_a_line_and_not_its_spelling() -> None:
    plain = touchpoints("user,at,event\nana,2026-05-01T10:00:00Z,View\n")
    richer = touchpoints(
        "at,event,user,plan\n1777629600,view,ana,pro\n", options(properties={"plan": "plan"})
    )

    assert plain[0].id == richer[0].id


def test_two_events_of_one_person_kind_and_second_are_two_and_keep_their_order() -> None:
    content = "user,at,event,p\n" + "".join(
        f"ana,2026-05-01T10:00:00Z,{event},x\n" for event in ("view", "cart", "view")
    )

    found = touchpoints(content)

    assert len({one.id for one in found}) == 3
    assert [one.sequence for one in found] == [0, 1, 2]
    assert [one.id for one in touchpoints(content)] == [one.id for one in found]


def test_an_event_id_is_the_identity_where_there_is_one() -> None:
    columns = {**MINIMAL, "event_id": ["id"]}
    one = touchpoints("id,user,at,event\n7,ana,2026-05-01,view\n", options(columns))
    other = touchpoints("id,user,at,event\n7,ana,2026-05-02,show\n", options(columns))
    assert one[0].id == other[0].id


def test_all_fields_have_columns() -> None:
    names = "p c e id t k s ch sub out dur dev amt cur ref src med camp click"
    line = (
        "b1,4711,Ana@Example.com,9,2026-05-01,Order Completed,s1,de,O-7,ok,120,Mobile,12.50,eur,"
        "https://www.google.com/search?q=x, Google ,CPC,Spring%20Sale,abc"
    )
    fields = (
        "person customer email event_id time kind session channel subject outcome duration device "
        "amount currency referrer utm_source utm_medium utm_campaign click_id"
    )
    columns = {f: [n] for f, n in zip(fields.split(), names.split(), strict=True)}

    (found,) = touchpoints(
        names.replace(" ", ",") + "\n" + line,
        options(columns, kinds={"Order Completed": "order.placed"}),
    )

    assert (found.kind, found.session_id, found.channel) == ("order.placed", "s1", "de")
    assert (found.subject, found.outcome, found.duration_ms) == ("O-7", "ok", 120)
    assert (found.amount_minor, found.currency, found.device) == (1250, "EUR", "phone")
    assert (found.referrer_host, found.click_id) == ("www.google.com", "abc")
    assert (found.utm_source, found.utm_medium, found.utm_campaign) == (
        "google", "cpc", "spring sale",
    )  # fmt: skip
    assert found.visitor_id is not None
    assert found.customer_id is not None


def test_a_refused_line_has_its_number_column_value_and_reason() -> None:
    columns = {**MINIMAL, "amount": ["price"], "outcome": ["res"]}
    content = (
        "user,at,event,price,res\n"
        'ana,2026-05-01,"a\nb",1.5,ok\n'
        "ana,never,view,,ok\n"
        ",2026-05-01,view,,ok\n"
        'ana,2026-05-01,view,"19,90",ok\n'
        "ana,2026-05-01,view,1,maybe\n"
        f"ana,2026-05-01,{'x' * 129},1,ok\n"
        "ana,2026-05-01,view,1,ok,more\n"
    )

    found = refusals(content, options(columns, constants={"currency": "EUR"}))

    assert [(one.line, one.field, one.column, one.value) for one in found[:4]] == [
        (4, "time", "at", "never"),
        (5, "person", "user", ""),
        (6, "amount", "price", "19,90"),
        (7, "outcome", "res", "maybe"),
    ]
    assert found[0].text == (
        "line 4, time (column at): a time in a spelling that is not known: 'never'"
    )
    assert "--decimal-mark" in found[2].reason
    assert [one.field for one in found[4:]] == ["kind", "line"]


def test_an_amount_without_a_currency_is_refused_at_once() -> None:
    with pytest.raises(UnreadableFile, match="needs a currency"):
        read("user,at,event,price\n", options({**MINIMAL, "amount": ["price"]}))


def test_nested_documents_are_reached_by_dotted_names() -> None:
    record = {"who": {"id": "ana"}, "at": 1777629600, "event": "x", "p": {"a": {"b": 3}}, "q.r": 4}
    columns = {**MINIMAL, "person": ["who.id"]}

    (found,) = touchpoints(
        json.dumps(record), options(columns, properties=parse_properties("p.a.b,deep=q.r"))
    )

    assert json.loads(found.properties) == {"p_a_b": "3", "deep": "4"}


def test_a_property_needs_a_name_of_latin_letters() -> None:
    assert parse_properties("2nd page,plan=Preis €") == {
        "p_2nd_page": "2nd page",
        "plan": "Preis €",
    }
    with pytest.raises(UnreadableFile, match="name=column"):
        parse_properties("価格")


def test_a_pages_address_gives_the_campaign_where_no_column_does() -> None:
    columns = {**MINIMAL, "url": ["url"]}
    url = "https://shop.example/p?utm_source=Mail&amp;utm_medium=email&gbraid=0AAA"

    (found,) = touchpoints(
        json.dumps({"user": "a", "at": 1777629600, "event": "x", "url": url}), options(columns)
    )

    assert (found.utm_source, found.utm_medium, found.click_id) == ("mail", "email", "0AAA")


def test_a_file_is_read_alike_however_many_lines_are_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = random.Random(5)
    kinds = ["View", "Köp nu", "", "order.placed"]
    times = ["2026-05-01T10:00:00Z", "1770000000", "yesterday", "", "2026-05-01 10:00:00+02:00"]
    amounts = ["", "12.50", "12,50", "x", " 3 "]
    lines = ["user,mail,at,event,id,amount,currency,outcome,link"]
    for _ in range(600):
        lines.append(
            ",".join(
                [
                    draw.choice(["ana", "ben", "", " "]),
                    draw.choice(["", "", "a@example.com", "no address"]),
                    draw.choice(times),
                    draw.choice(kinds),
                    draw.choice(["", "", "e1", "e2"]),
                    f'"{draw.choice(amounts)}"',
                    draw.choice(["EUR", "eur", "", "XXZ"]),
                    draw.choice(["ok", "", "Refused", "maybe"]),
                    draw.choice(["", "https://shop.example/?utm_source=mail", "http://[", "x" * 9]),
                ]
            )
        )
    columns = {"person": ["user"], "email": ["mail"], "time": ["at"], "kind": ["event"]}
    columns |= {"event_id": ["id"], "amount": ["amount"], "currency": ["currency"]}
    columns |= {"outcome": ["outcome"], "url": ["link"]}
    given = options(columns, constants={"channel": "till"})
    context = ReadingContext(uuid7(), NOW, "default", EmailKeys(b"key"))
    content = "\n".join(lines).encode()

    found = []
    for at_once in (1, 7, 2_000):
        monkeypatch.setattr(rows, "_AT_ONCE", at_once)
        found.append(list(read_file(io.BytesIO(content), given, context).rows))

    assert found[0] == found[1] == found[2]
    assert {type(one) for one in found[0]} == {Imported, Refusal}
    reasons = {one.field for one in found[0] if isinstance(one, Refusal)}
    assert reasons == {"person", "email", "time", "kind", "amount", "currency", "outcome"}


def test_numbers_of_other_types_are_read_each_by_itself() -> None:
    lines = [
        {"user": user, "at": "2026-05-01T10:00:00Z", "event": "view"}
        for user in (1, True, 1.0, "1", 1.5, None, {"a": 1})
    ]

    found = read(as_json(lines))

    people = [one.touchpoint.visitor_id for one in found if isinstance(one, Imported)]
    assert people[0] == people[2] == people[3] != people[1]
    assert len(people) == 5


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Jan 1, 2026 10:00:10 PM", 22),
        ("1 Jan 2026 12:00:10 am", 0),
        ("Thu, 01 Jan 2026 12:00:10 PM", 12),
        ("2026-01-01 10:00:10 PM", 22),
    ],
)
def test_an_hour_of_half_a_day_is_one_of_the_whole(text: str, hour: int) -> None:
    assert TimeReader().read(text, NOW) == datetime(2026, 1, 1, hour, 0, 10, tzinfo=UTC)
