"""Journey maps as documents: findings about them, files of them, edits, comparisons."""

from typing import Final

from gateway.composed.studio.map_files import MEDIA, file_answer, prepare_file
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import MIB, WHOLE, Endpoint, KeyRule
from gateway.operations.journeys import READ_SECONDS
from sojourn.journey.v1.back_stage_pb2_grpc import BackStageServiceServicer
from sojourn.journey.v1.map_documents_pb2_grpc import MapDocumentServiceServicer

_READ: Final = staff("journeys.read")
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/findings",
        rpc=rpc(MapDocumentServiceServicer.LintMap),
        callers=_READ,
        touchpoint=None,
        deadline_seconds=READ_SECONDS,
        text="What is missing in a journey map, or makes no sense: stages without rules, rules "
        "that never hold or overlap, figures without target, unknown kinds and channels. Each "
        "finding has its place, its reason, and what would mend it.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/back-stage",
        rpc=rpc(BackStageServiceServicer.GetBackStage),
        callers=_READ,
        touchpoint=None,
        query=Parameters(renamed={"with_money": "money"}),
        errors=frozenset({"INVALID_QUESTION", "QUESTION_TOO_LARGE"}),
        deadline_seconds=READ_SECONDS,
        text="Services behind each kind of touchpoint of a journey map, as a collector told them: "
        "calls, failures, times, operations, events and traces that show them. With `money=true` "
        "the revenue that failed and slow calls put at risk.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/objectives",
        rpc=rpc(MapDocumentServiceServicer.GetMapObjectives),
        callers=_READ,
        touchpoint=None,
        text="How the stages of a journey map keep their objectives: the error budget that is "
        "left, and how fast it burns over five minutes to three days.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/file",
        rpc=rpc(MapDocumentServiceServicer.ExportMap),
        callers=_READ,
        touchpoint=None,
        query=Parameters(renamed={"with_numbers": "numbers", "number": "version"}),
        prepare=prepare_file,
        compose=file_answer,
        answer_media=MEDIA,
        errors=frozenset({"INVALID_QUESTION", "QUESTION_TOO_LARGE"}),
        deadline_seconds=READ_SECONDS,
        text="A file of a journey map: JSON as it is put, CSV with a row a cell, Markdown, or a "
        "drawing as SVG or PNG. `format` says which, or else the `Accept` header. With "
        "`numbers=true` it shows people, conversion and revenue of each stage.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/maps/{slug}/edits",
        rpc=rpc(MapDocumentServiceServicer.MergeMap),
        callers=staff("journeys.write"),
        touchpoint=None,
        body=WHOLE,
        paths={"slug": "map.slug"},
        most_bytes=8 * MIB,
        text="Saves a journey map beside what others changed since `base_version`. Where both "
        "changed the same cell, nothing is saved: `is_saved` is false, and `conflicts` has both "
        "values. Send the map again, under a new key, with a choice for each.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/maps/{slug}/copies",
        rpc=rpc(MapDocumentServiceServicer.CopyMap),
        callers=staff("journeys.write"),
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"new_slug": "checkout-next-year", "time": "future"},
        text="Copies a journey map, or its version `number`, under another slug; with `time` "
        "future as how it shall be. Comments, roles and links are not copied.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/map-comparisons",
        rpc=rpc(MapDocumentServiceServicer.CompareMaps),
        callers=_READ,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        errors=frozenset({"INVALID_QUESTION", "QUESTION_TOO_LARGE"}),
        deadline_seconds=2 * READ_SECONDS,
        example={
            "left": {"slug": "five-stages", "time_range": {"until": "2026-03-01T00:00:00Z"}},
            "right": {"slug": "five-stages", "time_range": {"since": "2026-03-01T00:00:00Z"}},
            "with_numbers": True,
        },
        text="Differences of two journey maps, versions, periods, channels or segments: of what "
        "people drew by stage and cell, and of the numbers with both values.",
    ),
)
