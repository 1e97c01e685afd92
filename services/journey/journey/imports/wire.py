"""Imports as messages, and back."""

from typing import Final

from chassis.rpc.wire import EnumCodec, timestamp
from journey.imports.model import (
    DateOrder,
    Format,
    ImportJob,
    ImportOptions,
    ImportState,
    PresetName,
    TimeUnit,
)
from sojourn.journey.v1 import imports_pb2 as pb

_STATES: Final = EnumCodec(pb.ImportState, ImportState)
_FORMATS: Final = EnumCodec(pb.ImportFormat, Format, unspecified=Format.AUTO)
_UNITS: Final = EnumCodec(pb.ImportTimeUnit, TimeUnit, unspecified=TimeUnit.AUTO)
_ORDERS: Final = EnumCodec(pb.ImportDateOrder, DateOrder, unspecified=DateOrder.UNKNOWN)
_PRESETS: Final = EnumCodec(pb.ImportPreset, PresetName, unspecified=PresetName.NONE)


def options_of(message: pb.ImportOptions) -> ImportOptions:
    """Returns the options of a request."""
    return ImportOptions(
        columns={field: split_columns(text) for field, text in message.columns.items()},
        properties=dict(message.properties),
        constants=dict(message.constants),
        kinds=dict(message.kinds),
        preset=_PRESETS.decode(message.preset),
        format=_FORMATS.decode(message.format),
        encoding=message.encoding or "utf-8",
        delimiter=message.delimiter,
        timezone=message.timezone,
        time_unit=_UNITS.decode(message.time_unit),
        date_order=_ORDERS.decode(message.date_order),
        decimal_mark="," if message.has_decimal_comma else ".",
        source=message.source or "import",
        is_dry_run=message.is_dry_run,
    )


def split_columns(text: str) -> list[str]:
    """Returns the columns of a text that parts them by commas."""
    return [one.strip() for one in text.split(",") if one.strip()]


def import_job(job: ImportJob, *, with_refusals: bool = True) -> pb.Import:
    return pb.Import(
        id=str(job.id),
        state=_STATES.encode(job.state),
        options=_options(job.options),
        created_at=timestamp(job.created_at),
        finished_at=timestamp(job.finished_at),
        bytes_received=job.bytes_received,
        lines_read=job.lines_read,
        lines_stored=job.lines_stored,
        lines_repeated=job.lines_repeated,
        lines_withheld=job.lines_withheld,
        lines_refused=job.lines_refused,
        refusals=[
            pb.RefusedLine(
                line=one.line,
                field=one.field,
                column=one.column,
                value=one.value,
                reason=one.reason,
            )
            for one in (job.refusals if with_refusals else ())
        ],
        notes=job.notes,
        problem=job.problem,
    )


def _options(options: ImportOptions) -> pb.ImportOptions:
    return pb.ImportOptions(
        columns={field: ",".join(columns) for field, columns in options.columns.items()},
        properties=options.properties,
        constants=options.constants,
        kinds=options.kinds,
        preset=_PRESETS.encode(options.preset),
        format=_FORMATS.encode(options.format),
        encoding=options.encoding,
        delimiter=options.delimiter,
        timezone=options.timezone,
        time_unit=_UNITS.encode(options.time_unit),
        date_order=_ORDERS.encode(options.date_order),
        has_decimal_comma=options.decimal_mark == ",",
        source=options.source,
        is_dry_run=options.is_dry_run,
    )
