"""Reading of one file, from its bytes to touchpoints."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from journey.imports.columns import require_columns, resolve_options
from journey.imports.fields import Digest
from journey.imports.formats import LOOKED_AT, Line, Source, column_names, read_source
from journey.imports.inputs import UnreadableFile
from journey.imports.model import ImportOptions, Refusal
from journey.imports.presets import PRESETS, Preset
from journey.imports.rows import Imported, RowReader
from journey.imports.times import UnreadableTime
from journey.people.keys import EmailKeys
from journey.settings import Settings


@dataclass(frozen=True, slots=True)
class Reading:
    """The touchpoints of a file. `notes` say how it is read."""

    rows: Iterator[Imported | Refusal]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """Facts that touchpoints of an import have from elsewhere."""

    import_id: UUID
    now: datetime
    default_channel: str
    digest: Digest


def read_file(file: BinaryIO, asked: ImportOptions, context: ReadingContext) -> Reading:
    """Returns a file's touchpoints, which are read as they are taken.

    Raises UnreadableFile: at once for a column that is not there, and later where the file breaks.
    """
    options = resolve_options(asked)
    source = read_source(
        file, options.format, encoding=options.encoding, delimiter=options.delimiter
    )
    if preset := PRESETS.get(options.preset):
        source = _expanded(source, preset)
    require_columns(asked, options, source)
    try:
        reader = RowReader(
            options,
            import_id=context.import_id,
            now=context.now,
            default_channel=context.default_channel,
            digest=context.digest,
        )
    except UnreadableTime as error:
        raise UnreadableFile(str(error)) from None
    return Reading(reader.read(source.lines), [*source.notes, *_notes(options, source)])


def _expanded(source: Source, preset: Preset) -> Source:
    """Returns the events that a preset makes of a file's records."""

    def events() -> Iterator[Line | Refusal]:
        for line in source.lines:
            if isinstance(line, Refusal):
                yield line
                continue
            for event in preset.events_of(line.record):
                yield Line(line.number, event)

    found = events()
    looked_at = list(itertools.islice(found, LOOKED_AT))
    names = (
        name for line in looked_at if isinstance(line, Line) for name in column_names(line.record)
    )
    columns = list(dict.fromkeys([*source.columns, *names]))
    return replace(source, lines=itertools.chain(looked_at, found), columns=columns)


def _notes(options: ImportOptions, source: Source) -> list[str]:
    has = set(source.columns)
    used = {
        field: next((name for name in names if name in has), "")
        for field, names in options.columns.items()
    }
    parts = [f"{field} from {name}" for field, name in used.items() if name]
    parts += [f"{field} is {value}" for field, value in options.constants.items()]
    return [", ".join(parts)]


def reading_context(settings: Settings, import_id: UUID, now: datetime) -> ReadingContext:
    """Returns what an import's touchpoints have from the service."""
    return ReadingContext(import_id, now, settings.default_channel, EmailKeys(settings.people_key))
