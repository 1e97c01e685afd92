"""A map's file in one format."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from journey.map_files.layout import lay_out_map
from journey.map_files.png import draw_png
from journey.map_files.svg import draw_svg
from journey.map_files.table import Numbers, tabulate_map
from journey.map_files.text_files import csv_of, json_of, markdown_of
from journey.maps.model import JourneyMap


class MapFormat(StrEnum):
    """Formats of files of maps."""

    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SVG = "svg"
    PNG = "png"


_MEDIA: Final = {
    MapFormat.JSON: ("application/json", "json"),
    MapFormat.CSV: ("text/csv; charset=utf-8", "csv"),
    MapFormat.MARKDOWN: ("text/markdown; charset=utf-8", "md"),
    MapFormat.SVG: ("image/svg+xml", "svg"),
    MapFormat.PNG: ("image/png", "png"),
}


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file, with the name under which it is kept."""

    name: str
    media_type: str
    content: bytes


def write_map(
    chart: JourneyMap,
    format: MapFormat,
    locale: str,
    *,
    numbers: Numbers | None = None,
    document_of_numbers: Mapping[str, Any] | None = None,
) -> MapFile:
    """Returns a map in a format and a language, with live numbers where they are given.

    A PNG takes up to a second of one core: call it in a thread.
    """
    media_type, ending = _MEDIA[format]
    return MapFile(
        f"{chart.slug}.{ending}",
        media_type,
        _content(chart, format, locale, numbers, document_of_numbers),
    )


def _content(
    chart: JourneyMap,
    format: MapFormat,
    locale: str,
    numbers: Numbers | None,
    document_of_numbers: Mapping[str, Any] | None,
) -> bytes:
    table = tabulate_map(chart, locale, numbers)
    match format:
        case MapFormat.JSON:
            return json_of(chart.document, document_of_numbers)
        case MapFormat.CSV:
            return csv_of(table, locale)
        case MapFormat.MARKDOWN:
            return markdown_of(table, locale)
        case MapFormat.SVG:
            return draw_svg(lay_out_map(table), table.title, locale)
        case MapFormat.PNG:
            layout = lay_out_map(table)
            return draw_png(draw_svg(layout, table.title, locale), layout)
