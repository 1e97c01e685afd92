"""gzip for clients that accept it."""

import gzip
from typing import Any

import pytest

from gateway.http.compression import LEAST_BYTES, accepts_gzip, compressing, gzipped


@pytest.mark.parametrize(
    ("accept_encoding", "is_accepted"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("br;q=1.0, *;q=0.1", True),
        ("x-gzip", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, br", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
    ],
)
def test_gzip_is_used_where_the_header_allows_it(accept_encoding: str, is_accepted: bool) -> None:
    assert accepts_gzip(accept_encoding) is is_accepted


def test_the_same_body_has_the_same_compressed_bytes() -> None:
    body = b"tea " * 1_000

    assert gzipped(body) == gzipped(body)
    assert gzip.decompress(gzipped(body)) == body


async def sent_of(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    wrapped = compressing(send)
    for message in messages:
        await wrapped(message)
    return sent


def start(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


async def test_a_long_text_is_compressed_with_its_true_length() -> None:
    body = b"x" * LEAST_BYTES

    first, second = await sent_of(
        start((b"content-type", b"application/json"), (b"content-length", b"1024")),
        {"type": "http.response.body", "body": body},
    )

    headers = dict(first["headers"])
    assert headers[b"content-encoding"] == b"gzip"
    assert headers[b"content-length"] == b"%d" % len(second["body"])
    assert gzip.decompress(second["body"]) == body


@pytest.mark.parametrize(
    ("content_type", "body", "extra"),
    [
        (b"application/json", b"x" * (LEAST_BYTES - 1), ()),
        (b"image/png", b"x" * LEAST_BYTES, ()),
        (b"application/json", b"x" * LEAST_BYTES, ((b"content-encoding", b"gzip"),)),
    ],
)
async def test_short_bodies_pictures_and_compressed_bodies_pass_through(
    content_type: bytes, body: bytes, extra: tuple[tuple[bytes, bytes], ...]
) -> None:
    messages = (
        start((b"content-type", content_type), *extra),
        {"type": "http.response.body", "body": body},
    )

    assert await sent_of(*messages) == list(messages)


async def test_an_answer_in_parts_passes_through() -> None:
    parts = [
        {"type": "http.response.body", "body": b"x" * LEAST_BYTES, "more_body": True},
        {"type": "http.response.body", "body": b"y" * LEAST_BYTES},
    ]
    first = start((b"content-type", b"application/json"))

    assert await sent_of(first, *parts) == [first, *parts]
