"""Findings about maps as messages."""

from typing import Final

from chassis.rpc.wire import EnumCodec
from journey.map_documents.findings import FindingCode, Known, Lint, Severity
from journey.maps.model import JourneyMap
from journey.store.vocabulary import MOST_VALUES
from sojourn.journey.v1 import map_documents_pb2 as pb
from sojourn.journey.v1 import questions_pb2

CODES: Final = EnumCodec(pb.FindingCode, FindingCode)
SEVERITIES: Final = EnumCodec(pb.FindingSeverity, Severity)


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
