"""Touchpoints of front ends, answers to surveys, imports of history, and exports."""

from typing import Final

from gateway.composed.touchpoints import (
    BeaconBody,
    beacon_answer,
    export_part_answer,
    prepare_beacon,
    prepare_withdrawal,
)
from gateway.contracts.examples import UUID
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from gateway.operations.uploads import SECONDS, upload
from sojourn.journey.v1.exports_pb2_grpc import ExportServiceServicer
from sojourn.journey.v1.imports_pb2_grpc import ImportServiceServicer
from sojourn.journey.v1.journey_pb2_grpc import TouchpointServiceServicer

_VISITOR: Final = frozenset({"visitor_id", "session_id", "consent", "device"})
_READ: Final = staff("journeys.read")
_WRITE: Final = staff("journeys.write")
_EXPORT: Final = staff("journeys.export")
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/touchpoints",
        rpc=rpc(TouchpointServiceServicer.RecordTouchpoints),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        body_model=BeaconBody,
        takes_plain_text=True,
        hidden=_VISITOR,
        prepare=prepare_beacon,
        compose=beacon_answer,
        status=202,
        key=KeyRule.NONE,
        most_bytes=256 * KIB,
        example={"touchpoints": [{"id": UUID, "kind": "video.play", "subject": "trail-film"}]},
        text="Stores touchpoints of a front end, up to 50 at once; each id counts once. A browser "
        "may send them by `navigator.sendBeacon`, as text/plain. `sent_at`, the sender's clock as "
        "it sends, corrects their times.\n\nNothing "
        "is stored without consent: `Sojourn-Consent` is a list of analytics, marketing and "
        "personalization, or all, or none. A touchpoint that makes no sense is in `rejected`, and "
        "the others are stored; 422 if none makes sense.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/touchpoints",
        rpc=rpc(TouchpointServiceServicer.WithdrawConsent),
        callers=PUBLIC,
        touchpoint=None,
        hidden=_VISITOR,
        prepare=prepare_withdrawal,
        status=204,
        key=KeyRule.NONE,
        text="Withdraws the visitor's consent: what was stored of them is deleted, and nothing "
        "more is stored.",
    ),
    Endpoint(
        method="POST",
        path="/v1/feedback",
        rpc=rpc(TouchpointServiceServicer.RecordFeedback),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        most_bytes=16 * KIB,
        text="Answers the question of a survey link. A second answer replaces the first.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/journey-imports",
        rpc=rpc(ImportServiceServicer.CreateImport),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={
            "options": {
                "columns": {"person": "user_id", "time": "at", "kind": "event", "amount": "total"},
                "constants": {"currency": "EUR"},
                "properties": {"plan": "plan"},
                "kinds": {"purchase": "order.placed"},
            }
        },
        text="Begins an import of history. Send its file in parts, then start it.",
    ),
    upload(
        "/v1/staff/journey-imports/{id}/parts/{number}",
        rpc(ImportServiceServicer.AddImportPart),
        _WRITE,
        text="Sends a part of an import's file as it is, up to 8 MiB: CSV, JSON Lines or Parquet, "
        "also gzipped. Parts are joined in the order of their numbers, from 1.",
        example="user_id,at,event\nana,2026-05-01T10:00:00Z,product.view\n",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/journey-imports/{id}/start",
        rpc=rpc(ImportServiceServicer.StartImport),
        callers=_WRITE,
        touchpoint=None,
        status=202,
        key=KeyRule.OPTIONAL,
        text="Starts an import whose parts are all there; GET tells its progress.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/journey-imports",
        rpc=rpc(ImportServiceServicer.ListImports),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="The newest imports.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/journey-imports/{id}",
        rpc=rpc(ImportServiceServicer.GetImport),
        callers=_READ,
        touchpoint=None,
        text="An import: its progress, and the lines that it refused, with their reasons.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/journey-imports/{id}",
        rpc=rpc(ImportServiceServicer.UndoImport),
        callers=_WRITE,
        touchpoint=None,
        deadline_seconds=SECONDS,
        text="Undoes an import: what it stored is deleted.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/touchpoint-exports",
        rpc=rpc(ExportServiceServicer.CreateExport),
        callers=_EXPORT,
        touchpoint=None,
        body=WHOLE,
        status=202,
        errors=frozenset({"INVALID_QUESTION"}),
        example={
            "filter": {"channels": ["app"]},
            "columns": ["person_id", "occurred_at", "kind", "utm_source"],
            "format": "parquet",
        },
        text="Asks for a file of the touchpoints that a filter lets through. It is written in the "
        "background; GET tells its progress. `click_id` and properties need the scope "
        "`customers.read` too.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/touchpoint-exports",
        rpc=rpc(ExportServiceServicer.ListExports),
        callers=_EXPORT,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="The newest exports.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/touchpoint-exports/{id}",
        rpc=rpc(ExportServiceServicer.GetExport),
        callers=_EXPORT,
        touchpoint=None,
        text="An export: its state, and how many touchpoints, bytes and parts it has.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/touchpoint-exports/{id}/parts/{number}",
        rpc=rpc(ExportServiceServicer.GetExportPart),
        callers=_EXPORT,
        touchpoint=None,
        compose=export_part_answer,
        answer_media="application/octet-stream",
        errors=frozenset({"EXPORT_NOT_READY"}),
        deadline_seconds=SECONDS,
        text="A part of an export's file as it is, from number 1. The parts joined in the order of "
        "their numbers are the file.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/touchpoint-exports/{id}",
        rpc=rpc(ExportServiceServicer.DeleteExport),
        callers=_EXPORT,
        touchpoint=None,
        text="Deletes an export's file, which else stays for a day, and ends one that runs.",
    ),
)
