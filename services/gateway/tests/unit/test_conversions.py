"""Conversions leave the event loop where they take long."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from chassis.text import InvalidText
from gateway.contracts.texts import parse
from gateway.conversions import SMALL_BYTES, convert


async def test_a_small_body_is_converted_at_once_and_a_large_one_in_a_thread() -> None:
    here = threading.current_thread()

    assert await convert(SMALL_BYTES, threading.current_thread) is here
    assert await convert(SMALL_BYTES + 1, threading.current_thread) is not here


async def test_a_large_import_does_not_hold_up_a_shopper_s_body() -> None:
    waiting = threading.Event()
    large = asyncio.create_task(convert(8 * 1024 * 1024, waiting.wait, 30))

    small = await asyncio.wait_for(convert(100 * 1024, lambda: "done"), 10)
    waiting.set()

    assert (small, await large) == ("done", True)


async def test_what_a_conversion_raises_reaches_the_request() -> None:
    with pytest.raises(InvalidText):
        await convert(SMALL_BYTES + 1, parse, b'{"a": "\\u0000"}')


def test_a_suspicious_body_keeps_its_values() -> None:
    value = {
        "e\u0301": ["\u202e", {"n": 10**30, "f": 0.1, "b": True, "z": None}],
        "x": "\U0001f600\n",
    }

    found = parse(json.dumps(value).encode())

    assert found == {
        "\u00e9": ["\u202e", {"n": 10**30, "f": 0.1, "b": True, "z": None}],
        "x": "\U0001f600\n",
    }


def test_a_refusal_names_the_place_of_the_text() -> None:
    with pytest.raises(InvalidText) as refusal:
        parse(b'{"products": [{}, {"title": {"en": "a\\u0000"}}]}')

    assert refusal.value.metadata == {"path": "products[1].title.en"}
