"""The page of coverage is complete, and counts what tests call."""

from __future__ import annotations

from gateway.operations import ENDPOINTS
from tests.coverage_page import PAGE, covering_folders, name_of, page
from tests.coverage_steps import STEPS


def test_the_page_of_coverage_is_what_is_made() -> None:
    made = page()

    assert PAGE.read_text(encoding="utf-8") == made, "run `python -m tests.coverage_page`"


def test_each_of_the_35_steps_stands_on_the_page_once() -> None:
    names = [step.name for step in STEPS]

    assert len(set(names)) == len(names) == 35


def test_endpoints_are_found_by_path_and_by_rpc() -> None:
    folders = covering_folders()

    assert folders.keys() == {name_of(one) for one in ENDPOINTS}
    collect = folders["POST /v1/staff/orders/{order_id}/collect"]
    assert collect == {"tests/e2e", "services/checkout/tests"}
    assert "services/journey/tests" in folders["PUT /v1/staff/maps/{slug}/sharing"]
