"""The format of a map's file that a client accepts."""

from __future__ import annotations

import pytest

from gateway.composed.studio.map_files import accepted_format
from sojourn.journey.v1 import map_documents_pb2 as pb


@pytest.mark.parametrize(
    ("header", "format"),
    [
        ("", pb.MAP_FORMAT_JSON),
        ("*/*", pb.MAP_FORMAT_JSON),
        ("text/csv", pb.MAP_FORMAT_CSV),
        ("image/svg+xml;q=0.5, text/markdown", pb.MAP_FORMAT_MARKDOWN),
        ("text/csv;q=0, image/svg+xml;q=0.1", pb.MAP_FORMAT_SVG),
        ("text/csv;q=much, text/html", pb.MAP_FORMAT_JSON),
        ("text/csv; charset=utf-8; q=0.4, application/json; q=0.3", pb.MAP_FORMAT_CSV),
    ],
)
def test_the_format_that_a_client_accepts_first_is_sent(header: str, format: int) -> None:
    assert accepted_format(header) == format
