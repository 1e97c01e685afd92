"""Findings about maps, and files of them, as messages."""

from datetime import UTC
from decimal import Decimal
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from google.protobuf.json_format import ParseDict

from chassis.money import UnknownCurrency, exponent
from chassis.rpc.wire import EnumCodec
from journey.map_documents.compare import Difference, DifferenceKind, Figure
from journey.map_documents.findings import FindingCode, Known, Lint, Severity
from journey.map_files.files import MapFile, MapFormat
from journey.map_files.table import Numbers, StageNumbers
from journey.map_files.titles import title
from journey.maps.copies import MapCopy, MapTime
from journey.maps.merge import Conflict, Side
from journey.maps.model import JourneyMap
from journey.store.vocabulary import MOST_VALUES
from sojourn.journey.v1 import journey_pb2, questions_pb2
from sojourn.journey.v1 import map_documents_pb2 as pb

CODES: Final = EnumCodec(pb.FindingCode, FindingCode)
# Numbers of a longer history are estimated.
_WITHIN_MS: Final = 8_000
_LOCALES: Final = ("en", "de")
FORMATS: Final = EnumCodec(pb.MapFormat, MapFormat, unspecified=MapFormat.JSON)
DIFFERENCES: Final = EnumCodec(pb.DifferenceKind, DifferenceKind)
TIMES: Final = EnumCodec(pb.MapTime, MapTime, unspecified=MapTime.SAME)
SIDES: Final = EnumCodec(pb.MergeSide, Side)
SEVERITIES: Final = EnumCodec(pb.FindingSeverity, Severity)


def copy_of(request: pb.CopyMapRequest) -> MapCopy:
    return MapCopy(request.new_slug, dict(request.name), TIMES.decode(request.time))


def known_of(vocabulary: questions_pb2.Vocabulary, segments: frozenset[str]) -> Known:
    """Returns the names that exist.

    A vocabulary of some touchpoints, or of the most frequent values, says nothing of others.
    """
    columns = {one.column: [word.value for word in one.values] for one in vocabulary.columns}

    def all_of(column: str) -> frozenset[str] | None:
        values = columns.get(column, [])
        is_whole = values and len(values) < MOST_VALUES and not vocabulary.HasField("estimate")
        return frozenset(values) if is_whole else None

    return Known(all_of("kind"), all_of("channel"), segments)


def encode_lint(chart: JourneyMap, lint: Lint, *, is_exact: bool) -> pb.MapLint:
    return pb.MapLint(
        map=chart.slug,
        map_version=chart.version,
        findings=[
            pb.MapFinding(
                code=CODES.encode(one.code),
                severity=SEVERITIES.encode(one.severity),
                pointer=one.pointer,
                stage=one.stage,
                reason=one.reason,
                remedy=one.remedy,
                value=one.value,
            )
            for one in lint.findings
        ],
        is_truncated=lint.is_truncated,
        is_exact=is_exact,
    )


def question_of(
    request: pb.ExportMapRequest | pb.ComparedMap,
) -> questions_pb2.GetMapNumbersRequest:
    """Returns the question for the numbers of a file, or of a side of a comparison."""
    asked = questions_pb2.GetMapNumbersRequest(
        map=request.slug, with_revenue=True, within_ms=_WITHIN_MS
    )
    if request.HasField("time_range"):
        asked.filter.time_range.CopyFrom(request.time_range)
    if request.channel:
        asked.filter.channels.append(request.channel)
    asked.filter.segment = request.segment
    return asked


def numbers_of(funnel: journey_pb2.Funnel, request: pb.ExportMapRequest, locale: Locale) -> Numbers:
    """Returns the numbers of a map as texts in a language."""
    money: dict[str, list[str]] = {}
    for one in funnel.revenue:
        told = f"{_amount(one.net_minor, one.currency, locale)}, {one.orders} "
        money.setdefault(one.stage, []).append(told + title("orders", str(locale)))
    stages = funnel.segments[0].stages if funnel.segments else ()
    return Numbers(
        {
            stage.slug: StageNumbers(
                format_decimal(stage.people, locale=locale),
                format_percent(stage.conversion_rate, format="#,##0.#\u00a0%", locale=locale)
                if number
                else "",
                money.get(stage.slug, ()),
            )
            for number, stage in enumerate(stages)
        },
        [
            _period(request, locale),
            *filter(None, (request.channel, request.segment)),
            *([title("estimate", str(locale))] if funnel.HasField("estimate") else []),
        ],
    )


def locale_of(text: str) -> Locale:
    """Returns the locale of a language tag; English for one that has no data."""
    return Locale.parse(Locale.negotiate([text.replace("-", "_")], _LOCALES) or "en")


def encode_file(file: MapFile, version: int) -> pb.MapFile:
    return pb.MapFile(
        name=file.name, media_type=file.media_type, content=file.content, version=version
    )


def choices_of(request: pb.MergeMapRequest) -> dict[str, Side]:
    """Returns whose values count, by the pointers of conflicts."""
    return {one.pointer: SIDES.decode(one.side) for one in request.choices}


def encode_conflict(conflict: Conflict) -> pb.MergeConflict:
    message = pb.MergeConflict(pointer=conflict.pointer)
    for name in ("base", "mine", "theirs"):
        if (value := getattr(conflict, name)) is not None:
            ParseDict(value, getattr(message, name))
    return message


def figures_of(funnel: journey_pb2.Funnel) -> dict[tuple[str, str, str], float]:
    """Returns the numbers of a map by stage, name and currency."""
    stages = funnel.segments[0].stages if funnel.segments else ()
    found: dict[tuple[str, str, str], float] = {}
    for stage in stages:
        for name in ("people", "conversion_rate", "median_seconds"):
            found[stage.slug, name, ""] = getattr(stage, name)
        for one in funnel.revenue:
            if one.stage == stage.slug:
                found[stage.slug, "orders", one.currency] = one.orders
                found[stage.slug, "net_minor", one.currency] = one.net_minor
    return found


def encode_difference(one: Difference) -> pb.MapDifference:
    message = pb.MapDifference(kind=DIFFERENCES.encode(one.kind), stage=one.stage, cell=one.cell)
    for name in ("left", "right"):
        if (value := getattr(one, name)) is not None:
            ParseDict(value, getattr(message, name))
    return message


def encode_figure(one: Figure) -> pb.ComparedFigure:
    return pb.ComparedFigure(
        stage=one.stage,
        name=one.name,
        currency=one.currency,
        left=one.left,
        right=one.right,
        difference=one.difference,
    )


def _period(request: pb.ExportMapRequest, locale: Locale) -> str:
    asked = request.time_range
    since, until = (
        format_date(getattr(asked, name).ToDatetime(UTC), "medium", locale=locale)
        if asked.HasField(name)
        else "…"
        for name in ("since", "until")
    )
    is_all = not asked.HasField("since") and not asked.HasField("until")
    return title("all_time", str(locale)) if is_all else f"{since} – {until}, UTC"


def _amount(minor: int, currency: str, locale: Locale) -> str:
    try:
        digits = exponent(currency)
    except UnknownCurrency:
        # Imported history names currencies that ISO 4217 does not have any more.
        return f"{currency} {minor}"
    formatted = locale.currency_formats["standard"].apply(
        Decimal(minor).scaleb(-digits),
        locale,
        currency=currency,
        currency_digits=False,
        force_frac=(digits, digits),
    )
    return str(formatted)
