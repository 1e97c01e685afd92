"""The synthetic shopper where nothing goes well, and what it tells Prometheus."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.testing import eventually
from stack.ports import is_free
from stack.shoppers import shop

# Nobody listens on port 1.
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "api-key"
    path.write_text("a-secret-key\n")
    return path


async def shopping(key: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "stack.shoppers.shop",
        "--url",
        NOWHERE,
        "--api-key-file",
        str(key),
        *options,
        stdout=asyncio.subprocess.PIPE,
    )


def a_port() -> int:
    return next(port for port in range(39_464, 39_564) if is_free(port))


async def test_a_purchase_that_fails_says_at_which_step_and_exits_with_1(key: Path) -> None:
    process = await shopping(key)
    told = (await process.communicate())[0].decode()

    assert process.returncode == 1
    assert told.split()[:2] == ["failed", "session:"]
    assert "a-secret-key" not in told


async def test_one_that_goes_on_tells_its_failures_and_stops_when_it_is_told_to(key: Path) -> None:
    port = a_port()
    process = await shopping(key, "--every", "0.1", "--metrics-port", str(port))

    async def failed_thrice() -> dict[str, float] | None:
        try:
            async with httpx.AsyncClient() as client:
                page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
        except httpx.TransportError:
            return None
        samples = (
            sample for family in text_string_to_metric_families(page) for sample in family.samples
        )
        found = {
            " ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples
        }
        return found if found["synthetic_purchase_total failed"] >= 3 else None

    try:
        told = await eventually(failed_thrice, within=20)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()

    assert told is not None
    assert (
        told["synthetic_purchase_failures_total session"] == told["synthetic_purchase_total failed"]
    )
    assert (
        told["synthetic_purchase_total succeeded"],
        told["synthetic_purchase_last_success_seconds"],
    ) == (0, 0)
    assert [told[f"synthetic_purchase_failures_total {step}"] for step in shop.STEPS[1:]] == [0] * (
        len(shop.STEPS) - 1
    )
    assert process.returncode == os.EX_OK


def test_without_a_product_in_stock_there_is_nothing_to_buy() -> None:
    with pytest.raises(ValueError, match="in stock"):
        shop.cheapest(
            {"offers": [{"available": 0, "variant_id": "v", "price": {"amount_minor": 1}}]}
        )
