"""SKUs with a slash in paths, as merchants have them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway.operations import ENDPOINTS
from services.gateway.tests.gateway_shop import a_shop

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[4].parent / "shared" / "data"))
CASES = SHARED.parent / "cases"


async def test_every_route_that_takes_a_sku_takes_one_with_a_slash() -> None:
    path = next(CASES.glob("k13-*.json"), None)
    if path is None:
        pytest.skip(f"{CASES} is not here; set SHARED_DATA to the folder beside it")
    case = json.loads(path.read_text())
    method, encoded = case["request"].split()
    routes = [(str(each.method), each.path) for each in ENDPOINTS if each.path.endswith("{sku}")]

    async with a_shop() as shop:
        answers = {
            (method, path): (await shop.client.request(method, path)).status_code
            for method, path in [
                (method, encoded),
                *(
                    (each, path.format(sku="AB-123%2F45.X", warehouse="main"))
                    for each, path in routes
                ),
            ]
        }

    assert encoded == "/v1/staff/stock/AB-123%2F45.X"
    assert len(answers) >= 8
    # The route is found, and wants a token: an unknown path is 404.
    assert {*answers.values()} == {401}
