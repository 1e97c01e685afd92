"""Exports as messages, and back."""

from typing import Final

from chassis.rpc.documents import document_of, fill
from chassis.rpc.wire import EnumCodec, timestamp
from journey.exports.model import (
    USUAL_COLUMNS,
    ExportFormat,
    ExportJob,
    ExportOptions,
    ExportState,
    require_columns,
)
from sojourn.journey.v1 import exports_pb2 as pb
from sojourn.journey.v1 import questions_pb2

_STATES: Final = EnumCodec(pb.ExportState, ExportState)
FORMATS: Final = EnumCodec(pb.ExportFormat, ExportFormat, unspecified=ExportFormat.CSV)


def options_of(request: pb.CreateExportRequest) -> ExportOptions:
    """Returns the options of a request. Raises InvalidQuestion for a column that is none."""
    columns = tuple(request.columns) or USUAL_COLUMNS
    require_columns(columns)
    return ExportOptions(
        filter=document_of(request.filter),
        columns=columns,
        format=FORMATS.decode(request.format),
    )


def export_job(job: ExportJob) -> pb.TouchpointExport:
    """Returns an export, without what only a newer release knows of filters."""
    chosen = questions_pb2.TouchpointFilter()
    fill(chosen, dict(job.options.filter), ignore_unknown_fields=True)
    return pb.TouchpointExport(
        id=str(job.id),
        state=_STATES.encode(job.state),
        filter=chosen,
        columns=job.options.columns,
        format=FORMATS.encode(job.options.format),
        created_at=timestamp(job.created_at),
        finished_at=timestamp(job.finished_at),
        touchpoints=job.touchpoints,
        bytes=job.bytes_written,
        parts=job.parts if job.state is ExportState.DONE else 0,
        problem=job.problem,
    )
