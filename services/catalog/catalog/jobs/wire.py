"""Imports as messages, and back."""

from typing import Final

from catalog.jobs.model import CatalogImport, DataKind, FileFormat, ImportOptions, ImportState
from chassis.rpc.wire import EnumCodec, timestamp
from sojourn.catalog.v1 import catalog_jobs_pb2 as pb

_STATES: Final = EnumCodec(pb.CatalogImportState, ImportState)
KINDS: Final = EnumCodec(pb.CatalogDataKind, DataKind)
FORMATS: Final = EnumCodec(pb.CatalogFileFormat, FileFormat, unspecified=FileFormat.AUTO)
_MARKS: Final = {"": 0, ".": pb.DECIMAL_MARK_POINT, ",": pb.DECIMAL_MARK_COMMA}
_SIGNS: Final = {number: mark for mark, number in _MARKS.items()}


def options_of(message: pb.CatalogImportOptions) -> ImportOptions:
    """Returns the options of a request."""
    return ImportOptions(
        kind=KINDS.decode(message.kind),
        format=FORMATS.decode(message.format),
        source=message.source,
        currency=message.currency,
        locale=message.locale,
        decimal_mark=_SIGNS[message.decimal_mark],
        is_dry_run=message.is_dry_run,
        skips_refused=message.skips_refused,
    )


def encode_catalog_import(job: CatalogImport, *, with_problems: bool = True) -> pb.CatalogImport:
    return pb.CatalogImport(
        id=str(job.id),
        state=_STATES.encode(job.state),
        options=_options(job.options),
        created_at=timestamp(job.created_at),
        finished_at=timestamp(job.finished_at),
        bytes_received=job.bytes_received,
        records_found=job.records_found,
        records_done=job.records_done,
        created=job.created,
        updated=job.updated,
        unchanged=job.unchanged,
        refused=job.refused,
        problems=[
            pb.CatalogImportProblem(
                line=each.line, column=each.column, value=each.value, allowed=each.allowed
            )
            for each in (job.problems if with_problems else ())
        ],
        notes=job.notes,
        problem=job.problem,
        version=job.version,
    )


def _options(options: ImportOptions) -> pb.CatalogImportOptions:
    return pb.CatalogImportOptions(
        kind=KINDS.encode(options.kind),
        format=FORMATS.encode(options.format),
        source=options.source,
        currency=options.currency,
        locale=options.locale,
        # Stubs type an enum's field by its wrapper, at run time it is the number.
        decimal_mark=_MARKS[options.decimal_mark],  # type: ignore[arg-type]
        is_dry_run=options.is_dry_run,
        skips_refused=options.skips_refused,
    )
