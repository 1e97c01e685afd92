from __future__ import annotations

import gzip
import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from stack.traces.sink import LARGEST_BODY_BYTES, create_app
from stack.traces.spans import SpanStore

START = 1_700_000_000_000_000_000
MILLISECOND = 1_000_000
PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.fixture
def store() -> SpanStore:
    return SpanStore(limit=5)


@pytest.fixture
async def sink(store: SpanStore) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(store)), base_url="http://sink"
    ) as client:
        yield client


def a_span(
    name: str = "GET /v1/products",
    *,
    trace: bytes,
    parent: bytes = b"",
    after_ms: int = 0,
    took_ms: int = 10,
) -> Span:
    start = START + after_ms * MILLISECOND
    return Span(
        trace_id=trace,
        span_id=secrets.token_bytes(8),
        parent_span_id=parent,
        name=name,
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=start,
        end_time_unix_nano=start + took_ms * MILLISECOND,
    )


def exported(*spans: Span, service: str = "gateway") -> bytes:
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    name = resource_spans.resource.attributes.add(key="service.name")
    name.value.string_value = service
    resource_spans.scope_spans.add().spans.extend(spans)
    return request.SerializeToString()


async def export(sink: httpx.AsyncClient, *spans: Span, service: str = "gateway") -> None:
    answer = await sink.post(
        "/v1/traces", content=exported(*spans, service=service), headers=PROTOBUF
    )
    assert answer.status_code == 200


async def test_a_trace_of_two_services_comes_back_in_order(sink: httpx.AsyncClient) -> None:
    trace = secrets.token_bytes(16)
    root = a_span(trace=trace)
    child = a_span("GetProduct", trace=trace, parent=root.span_id, after_ms=2, took_ms=5)
    child.attributes.add(key="rows").value.int_value = 3
    child.events.add(name="statement", time_unix_nano=START + 3 * MILLISECOND)
    child.status.code = Status.STATUS_CODE_ERROR

    await export(sink, child, service="catalog")
    await export(sink, root)

    first, second = (await sink.get(f"/traces/{trace.hex()}")).json()
    assert (first["service"], first["name"], first["parent_span_id"], first["kind"]) == (
        "gateway",
        root.name,
        None,
        "SERVER",
    )
    assert (second["service"], second["parent_span_id"]) == ("catalog", root.span_id.hex())
    assert (second["start_unix_nano"], second["duration_ms"]) == (START + 2 * MILLISECOND, 5.0)
    assert (second["attributes"], second["status"]["code"]) == ({"rows": 3}, "ERROR")
    assert second["events"] == [
        {"name": "statement", "time_unix_nano": START + 3 * MILLISECOND, "attributes": {}}
    ]


async def test_gzip_is_accepted(sink: httpx.AsyncClient) -> None:
    trace = secrets.token_bytes(16)

    body = gzip.compress(exported(a_span(trace=trace)))
    await sink.post("/v1/traces", content=body, headers={**PROTOBUF, "Content-Encoding": "gzip"})

    assert len((await sink.get(f"/traces/{trace.hex()}")).json()) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"\xff\xff", PROTOBUF, 400),
        (b"no gzip", {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
        (
            gzip.compress(bytes(LARGEST_BODY_BYTES + 1)),
            {**PROTOBUF, "Content-Encoding": "gzip"},
            413,
        ),
    ],
    # By name: gzip writes the second at which it ran, which differs between workers, and they must
    # collect the same tests.
    ids=["another type", "no message", "no gzip", "too large"],
)
async def test_a_bad_export_is_refused(
    sink: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert (await sink.post("/v1/traces", content=body, headers=headers)).status_code == status


async def test_a_repeated_export_is_stored_once(sink: httpx.AsyncClient) -> None:
    span = a_span(trace=secrets.token_bytes(16))

    await export(sink, span)
    await export(sink, span)

    assert (await sink.get("/traces")).json()["stored_spans"] == 1


async def test_the_oldest_traces_are_dropped_and_counted(sink: httpx.AsyncClient) -> None:
    old, new = secrets.token_bytes(16), secrets.token_bytes(16)
    await export(sink, *(a_span(trace=old) for _ in range(3)))

    await export(sink, *(a_span(trace=new) for _ in range(3)))

    assert (await sink.get(f"/traces/{old.hex()}")).status_code == 404
    listed = (await sink.get("/traces")).json()
    assert [each["trace_id"] for each in listed["traces"]] == [new.hex()]
    assert (listed["stored_spans"], listed["dropped_spans"]) == (3, 3)


async def test_traces_are_found_by_attribute_and_service(sink: httpx.AsyncClient) -> None:
    span = a_span(trace=(wanted := secrets.token_bytes(16)))
    span.attributes.add(key="touchpoint").value.string_value = "product:viewed"
    await export(sink, span)
    await export(sink, a_span(trace=secrets.token_bytes(16)), service="cart")

    by_attribute = (
        await sink.get("/traces", params={"attribute": "touchpoint:product:viewed"})
    ).json()["traces"]
    by_service = (await sink.get("/traces", params={"service": "gateway"})).json()["traces"]
    by_both = (
        await sink.get(
            "/traces", params={"service": "cart", "attribute": "touchpoint:product:viewed"}
        )
    ).json()["traces"]

    assert (
        [each["trace_id"] for each in by_attribute]
        == [each["trace_id"] for each in by_service]
        == [wanted.hex()]
    )
    assert by_both == []
    assert (await sink.get("/traces", params={"attribute": "nothing"})).status_code == 422


async def test_the_waterfall_escapes_all_that_comes_from_spans(sink: httpx.AsyncClient) -> None:
    evil = "<script>alert('x')</script>"
    span = a_span(evil, trace=(trace := secrets.token_bytes(16)))
    span.attributes.add(key=evil).value.string_value = evil
    span.events.add(name=evil).attributes.add(
        key=evil
    ).value.array_value.values.add().string_value = evil
    span.status.message = evil
    await export(sink, span, service=evil)

    for path in (f"/traces/{trace.hex()}", "/traces"):
        page = await sink.get(path, headers={"Accept": "text/html,*/*"})

        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "&lt;script&gt;" in page.text
        assert "<script" not in page.text
        assert "http://" not in page.text
        assert "https://" not in page.text


async def test_the_waterfall_shows_every_span_even_of_a_ring(sink: httpx.AsyncClient) -> None:
    trace = secrets.token_bytes(16)
    one, two = a_span("one", trace=trace), a_span("two", trace=trace)
    one.parent_span_id, two.parent_span_id = two.span_id, one.span_id

    await export(sink, one, two)

    page = (await sink.get(f"/traces/{trace.hex()}", headers={"Accept": "text/html"})).text
    assert page.count("<details") == 2


async def test_an_unknown_trace_is_not_found(sink: httpx.AsyncClient) -> None:
    assert (await sink.get("/traces/no-hex")).status_code == 404
    assert (await sink.get("/readyz")).status_code == 200
