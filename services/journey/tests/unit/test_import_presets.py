"""Samples of other tools' exports, in the forms that their documentation gives."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from chassis.runtime.clock import uuid7
from journey.imports.inputs import UnreadableFile
from journey.imports.model import ImportOptions
from journey.imports.presets import PRESETS
from journey.imports.read_file import ReadingContext, read_file
from journey.imports.rows import Imported
from journey.people.keys import EmailKeys
from journey.touchpoints.model import Touchpoint

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(preset: str, content: str | bytes, **changes: Any) -> list[Touchpoint]:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    context = ReadingContext(uuid7(), NOW, "default", EmailKeys(b"key"))
    found = list(read_file(file, ImportOptions(preset=preset, **changes), context).rows)
    assert all(isinstance(one, Imported) for one in found), found
    return [one.touchpoint for one in found if isinstance(one, Imported)]


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_ga4_bigquery_export() -> None:
    view = {
        "event_date": "20260101",
        "event_timestamp": "1767261610766593",
        "event_name": "purchase",
        "event_params": [
            {"key": "ga_session_id", "value": {"int_value": "171"}},
            {"key": "page_location", "value": {"string_value": "https://x.example/?gclid=Abc"}},
            {"key": "page_referrer", "value": {"string_value": "https://www.google.com/"}},
            {"key": "currency", "value": {"string_value": "EUR"}},
            {"key": "engaged", "value": {"string_value": None, "int_value": 1}},
        ],
        "user_pseudo_id": "1000001.2000000002",
        "user_id": None,
        "device": {"category": "mobile"},
        "ecommerce": {"transaction_id": "T-1", "purchase_revenue": 55.5},
        "collected_traffic_source": {"manual_source": "Newsletter", "manual_medium": "email"},
    }

    (found,) = read("ga4", lines(view))

    assert found.occurred_at == datetime(2026, 1, 1, 10, 0, 10, 766593, tzinfo=UTC)
    assert (found.kind, found.session_id, found.device) == ("purchase", "171", "phone")
    assert (found.subject, found.amount_minor, found.currency) == ("T-1", 5550, "EUR")
    assert (found.utm_source, found.utm_medium, found.click_id) == ("newsletter", "email", "Abc")
    assert found.referrer_host == "www.google.com"
    assert json.loads(found.properties) == {"engaged": "1"}


def test_ga4_flat_export() -> None:
    content = "event_timestamp,event_name,user_pseudo_id\n1767261610766593,page_view,1.2\n"

    (found,) = read("ga4", content)

    assert (found.kind, found.occurred_at.microsecond) == ("page_view", 766593)
    assert found.id == read("ga4", lines({
        "event_timestamp": 1767261610766593, "event_name": "page_view", "user_pseudo_id": "1.2",
    }))[0].id  # fmt: skip


def test_mixpanel_raw_export() -> None:
    event = {
        "event": "Signed up",
        "properties": {
            "time": 1767261610,
            "distinct_id": "91304156-cafc-4673-a237-623d1129c801",
            "$insert_id": "29fc2962-6d9c",
            "$referrer": "https://news.example/a",
            "utm_source": "news",
            "Referred by": "Friend",
            "mp_lib": "web",
        },
    }

    (found,) = read("mixpanel", lines(event))
    (again,) = read("mixpanel", lines({**event, "event": "Renamed"}))

    assert (found.kind, found.utm_source, found.referrer_host) == (
        "signed_up", "news", "news.example",
    )  # fmt: skip
    assert json.loads(found.properties) == {"referred_by": "Friend", "mp_lib": "web"}
    assert found.id == again.id


def test_posthog_batch_export() -> None:
    properties = {
        "$session_id": "s-1",
        "$device_type": "Desktop",
        "$current_url": "https://x.example/?utm_campaign=Spring",
        "plan": "pro",
    }
    record = {
        "uuid": "0190a6e2-0000-7000-8000-000000000000",
        "event": "$pageview",
        "timestamp": datetime(2026, 1, 1, 10, tzinfo=UTC),
        "distinct_id": "ana",
        "properties": json.dumps(properties),
    }
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([record]), file)

    (parquet,) = read("posthog", file.getvalue())
    (json_line,) = read(
        "posthog",
        lines({**record, "timestamp": "2026-01-01T10:00:00.000000Z", "properties": properties}),
    )

    assert parquet._replace(import_id=None) == json_line._replace(import_id=None)
    assert (parquet.kind, parquet.session_id, parquet.device) == ("pageview", "s-1", "desktop")
    assert (parquet.utm_campaign, parquet.properties) == ("spring", '{"plan":"pro"}')


@pytest.mark.parametrize("preset", ["segment", "rudderstack"])
def test_segment_and_rudderstack_calls(preset: str) -> None:
    track = {
        "type": "track",
        "event": "Order Completed",
        "anonymousId": "507f191e810c19729de860ea",
        "userId": "4b80db",
        "messageId": "022bb90c-bbac-11e4-8dfc-aa07a5b093db",
        "timestamp": "2026-01-01T10:00:00.000Z",
        "context": {
            "page": {"url": "https://x.example/", "referrer": "https://a.example/"},
            "campaign": {"name": "TPS Innovation", "source": "Newsletter", "medium": "email"},
            "traits": {"email": "ana@example.com"},
        },
        "properties": {"order_id": "O-7", "revenue": 25.0, "currency": "USD", "coupon": "SPRING"},
    }
    page = {
        "type": "page",
        "name": "Home",
        "anonymousId": "507f191e810c19729de860ea",
        "messageId": "m-2",
        "timestamp": "2026-01-01T10:01:00.000Z",
        "properties": {"path": "/"},
    }

    order, home = read(preset, lines(track, page))

    assert (order.kind, order.subject, order.amount_minor) == ("order_completed", "O-7", 2500)
    assert (order.utm_source, order.utm_campaign) == ("newsletter", "tps innovation")
    assert json.loads(order.properties) == {"coupon": "SPRING"}
    assert (home.kind, home.customer_id) == ("page", None)
    assert order.visitor_id == home.visitor_id
    assert order.customer_id is not None


def test_snowplow_canonical_event() -> None:
    content = (
        "app_id\tcollector_tstamp\tderived_tstamp\tevent\tevent_name\tevent_id\tuser_id\t"
        "domain_userid\tdomain_sessionid\tpage_url\trefr_urlhost\tmkt_source\tmkt_clickid\n"
        "shop\t2026-01-01 10:00:05.000\t2026-01-01 10:00:00.123\tpage_view\tpage_view\te-1\t\td-1\t"
        "s-1\thttps://x.example/\twww.bing.com\tBing\tclick-9\n"
    )

    (found,) = read("snowplow", content)

    assert found.occurred_at == datetime(2026, 1, 1, 10, 0, 0, 123000, tzinfo=UTC)
    assert (found.kind, found.session_id, found.referrer_host) == (
        "page_view", "s-1", "www.bing.com",
    )  # fmt: skip
    assert (found.utm_source, found.click_id) == ("bing", "click-9")


def test_matomo_visits_are_their_actions() -> None:
    visit = {
        "idVisit": 42,
        "visitorId": "9e3d7ab31a0e3eab",
        "userId": None,
        "deviceType": "Smartphone",
        "referrerUrl": "https://news.example/",
        "campaignSource": "news",
        "serverTimestamp": 1767261600,
        "siteCurrency": "EUR",
        "actionDetails": [
            {"type": "action", "url": "https://x.example/", "timestamp": 1767261600},
            {"type": "search", "siteSearchKeyword": "tent", "timestamp": 1767261660},
            {"type": "ecommerceOrder", "orderId": "O-7", "revenue": 12.5, "timestamp": 1767261700},
        ],
    }

    found = read("matomo", json.dumps([visit]))

    assert [one.kind for one in found] == ["action", "search", "ecommerceorder"]
    assert [one.subject for one in found] == ["", "tent", "O-7"]
    assert [one.referrer_host for one in found] == ["news.example", "", ""]
    assert (found[2].amount_minor, found[2].currency, found[2].device) == (1250, "EUR", "phone")
    assert {one.session_id for one in found} == {"42"}
    assert len({one.id for one in found}) == 3


def test_a_column_of_the_caller_goes_before_that_of_the_preset() -> None:
    content = "event_timestamp,event_name,user_pseudo_id,who\n1767261610766593,x,1.2,ana\n"

    (found,) = read("ga4", content, columns={"person": ["who"]})

    assert found.visitor_id != read("ga4", content)[0].visitor_id


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_file_of_another_tool_is_refused_at_once(preset: str) -> None:
    with pytest.raises(UnreadableFile, match=f"no column for .*{preset} files have"):
        read(preset, "a,b\n1,2\n")
