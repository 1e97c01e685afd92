"""Presets: which columns the exports of other tools have.

GA4: support.google.com/analytics/answer/7029846. Mixpanel: developer.mixpanel.com/reference/raw-
event-export. PostHog: posthog.com/docs/data-pipelines/batch-exports/s3. Segment and RudderStack:
their Spec, common fields. Snowplow: docs.snowplow.io, canonical event. Matomo:
Live.getLastVisitsDetails of its Reporting API.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from journey.imports.model import PresetName

Record = Mapping[str, object]


def _unchanged(record: Record) -> Iterator[Record]:
    yield record


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Columns of a tool's export, and how a record of it becomes the records of its events."""

    columns: Mapping[str, list[str]]
    property_maps: list[str] = field(default_factory=list)
    constants: Mapping[str, str] = field(default_factory=dict)
    events_of: Callable[[Record], Iterator[Record]] = _unchanged


def _parameters(listed: object) -> dict[str, object]:
    """Values of BigQuery's repeated `{key, value: {string_value, int_value, …}}`."""
    found: dict[str, object] = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("value"), dict):
            value = next((each for each in one["value"].values() if each is not None), None)
            found[str(one.get("key"))] = value
    return found


def _ga4_event(record: Record) -> Iterator[Record]:
    given = record.get("event_params")
    params = given if isinstance(given, dict) else _parameters(given)
    yield {**record, "event_params": params}


def _with_documents(record: Record) -> Iterator[Record]:
    """Reads the properties that a Parquet file holds as JSON texts."""
    found = dict(record)
    for name, value in record.items():
        if isinstance(value, str) and value.startswith("{"):
            try:
                found[name] = json.loads(value)
            except ValueError:
                continue
    yield found


def _segment_event(record: Record) -> Iterator[Record]:
    found = dict(record)
    if record.get("type") in ("page", "screen"):
        found["event"] = record["type"]
    elif not record.get("event"):
        found["event"] = record.get("type")
    yield found


def _matomo_actions(record: Record) -> Iterator[Record]:
    """A visit's actions, each with the facts of the visit."""
    actions = record.get("actionDetails")
    if not isinstance(actions, list):
        yield record
        return
    visit: dict[str, Any] = {name: one for name, one in record.items() if name != "actionDetails"}
    session = record.get("idVisit")
    for number, action in enumerate(actions):
        if isinstance(action, dict):
            # Only the first action came from the referrer.
            came = visit if number == 0 else {**visit, "referrerUrl": "", "campaignSource": ""}
            yield {**came, **action, "idVisit": session, "event_id": f"{session}.{number}"}


_GA4: Final = Preset(
    columns={
        "person": ["user_pseudo_id"],
        "customer": ["user_id"],
        "time": ["event_timestamp"],
        "kind": ["event_name"],
        "session": ["event_params.ga_session_id", "ga_session_id"],
        "subject": ["ecommerce.transaction_id", "event_params.transaction_id", "transaction_id"],
        "device": ["device.category"],
        "amount": ["ecommerce.purchase_revenue", "event_params.value"],
        "currency": ["event_params.currency", "currency"],
        "url": ["event_params.page_location", "page_location"],
        "referrer": ["event_params.page_referrer", "page_referrer"],
        "utm_source": ["collected_traffic_source.manual_source", "event_params.source"],
        "utm_medium": ["collected_traffic_source.manual_medium", "event_params.medium"],
        "utm_campaign": [
            "collected_traffic_source.manual_campaign_name",
            "event_params.campaign",
        ],
        "utm_term": ["collected_traffic_source.manual_term", "event_params.term"],
        "utm_content": ["collected_traffic_source.manual_content", "event_params.content"],
        "click_id": ["collected_traffic_source.gclid", "event_params.gclid"],
    },
    property_maps=["event_params"],
    events_of=_ga4_event,
)
_MIXPANEL: Final = Preset(
    columns={
        "person": ["properties.$device_id", "properties.distinct_id"],
        "customer": ["properties.$user_id"],
        "event_id": ["properties.$insert_id"],
        "time": ["properties.time"],
        "kind": ["event"],
        "device": ["properties.$device_type"],
        "amount": ["properties.revenue", "properties.amount", "properties.Amount"],
        "currency": ["properties.currency", "properties.Currency"],
        "subject": ["properties.order_id"],
        "url": ["properties.$current_url"],
        "referrer": ["properties.$referrer"],
        "utm_source": ["properties.utm_source"],
        "utm_medium": ["properties.utm_medium"],
        "utm_campaign": ["properties.utm_campaign"],
        "utm_term": ["properties.utm_term"],
        "utm_content": ["properties.utm_content"],
    },
    property_maps=["properties"],
)
_POSTHOG: Final = Preset(
    columns={
        "person": ["properties.$device_id", "distinct_id"],
        "event_id": ["uuid", "id"],
        "time": ["timestamp"],
        "kind": ["event"],
        "session": ["properties.$session_id"],
        "device": ["properties.$device_type"],
        "customer": ["properties.$user_id"],
        "amount": ["properties.revenue"],
        "currency": ["properties.currency"],
        "subject": ["properties.order_id"],
        "url": ["properties.$current_url"],
        "referrer": ["properties.$referrer"],
        "utm_source": ["properties.utm_source"],
        "utm_medium": ["properties.utm_medium"],
        "utm_campaign": ["properties.utm_campaign"],
        "utm_term": ["properties.utm_term"],
        "utm_content": ["properties.utm_content"],
        "click_id": ["properties.gclid", "properties.fbclid", "properties.msclkid"],
    },
    property_maps=["properties"],
    events_of=_with_documents,
)
_SEGMENT: Final = Preset(
    columns={
        "person": ["anonymousId", "anonymous_id"],
        "customer": ["userId", "user_id"],
        "email": ["context.traits.email", "traits.email"],
        "event_id": ["messageId", "message_id"],
        "time": ["timestamp", "originalTimestamp", "sentAt", "original_timestamp"],
        "kind": ["event"],
        "session": ["context.sessionId"],
        "amount": ["properties.revenue", "properties.total"],
        "currency": ["properties.currency"],
        "subject": ["properties.order_id", "properties.product_id"],
        "url": ["context.page.url", "properties.url"],
        "referrer": ["context.page.referrer", "properties.referrer"],
        "utm_source": ["context.campaign.source"],
        "utm_medium": ["context.campaign.medium"],
        "utm_campaign": ["context.campaign.name"],
        "utm_term": ["context.campaign.term"],
        "utm_content": ["context.campaign.content"],
    },
    property_maps=["properties"],
    events_of=_segment_event,
)
_SNOWPLOW: Final = Preset(
    columns={
        "person": ["domain_userid", "network_userid"],
        "customer": ["user_id"],
        "event_id": ["event_id"],
        "time": ["derived_tstamp", "collector_tstamp"],
        "kind": ["event_name", "event"],
        "session": ["domain_sessionid"],
        "device": ["dvce_type"],
        "subject": ["tr_orderid", "se_label"],
        "amount": ["tr_total"],
        "currency": ["tr_currency"],
        "url": ["page_url"],
        "referrer": ["page_referrer", "refr_urlhost"],
        "utm_source": ["mkt_source"],
        "utm_medium": ["mkt_medium"],
        "utm_campaign": ["mkt_campaign"],
        "utm_term": ["mkt_term"],
        "utm_content": ["mkt_content"],
        "click_id": ["mkt_clickid"],
    },
)
_MATOMO: Final = Preset(
    columns={
        "person": ["visitorId"],
        "customer": ["userId"],
        "event_id": ["event_id"],
        "time": ["timestamp", "serverTimestamp", "firstActionTimestamp"],
        "kind": ["eventAction", "type"],
        "session": ["idVisit"],
        "device": ["deviceType"],
        "subject": ["orderId", "siteSearchKeyword", "eventName"],
        "amount": ["revenue"],
        "currency": ["siteCurrency"],
        "url": ["url"],
        "referrer": ["referrerUrl"],
        "utm_source": ["campaignSource"],
        "utm_medium": ["campaignMedium"],
        "utm_campaign": ["campaignName"],
        "utm_term": ["campaignKeyword"],
        "utm_content": ["campaignContent"],
    },
    events_of=_matomo_actions,
)
PRESETS: Final[Mapping[PresetName, Preset]] = {
    PresetName.GA4: _GA4,
    PresetName.MIXPANEL: _MIXPANEL,
    PresetName.POSTHOG: _POSTHOG,
    PresetName.SEGMENT: _SEGMENT,
    PresetName.RUDDERSTACK: _SEGMENT,
    PresetName.SNOWPLOW: _SNOWPLOW,
    PresetName.MATOMO: _MATOMO,
}
