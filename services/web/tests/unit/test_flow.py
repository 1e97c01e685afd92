"""The flow of steps from one kind of touchpoint to the next."""

from __future__ import annotations

import itertools
import re

from web.insights.flow import WIDTH, draw_flow
from web.insights.model import Transition
from web.studio.words import load_words

WORDS = load_words("en")


def a_step(origin: str, to: str, count: int) -> Transition:
    return Transition.model_validate({"from": origin, "to": to, "count": count})


def test_bands_are_as_wide_as_their_steps_are_frequent() -> None:
    flow = draw_flow([a_step("search", "product.view", 300), a_step("search", "a", 100)], WORDS)

    assert flow is not None
    widths = []
    for band in flow.bands:
        numbers = [float(one) for one in re.findall(r"[\d.]+", band.path)]
        widths.append(numbers[-1] - numbers[1])
    assert round(widths[0] / widths[1], 1) == 3.0
    assert [one.title for one in flow.bands] == ["Search → Product seen: 300", "Search → a: 100"]


def test_boxes_of_a_column_do_not_overlap_and_fit() -> None:
    steps = [a_step("search", f"kind_{number}", 1 + 1000 * (number == 0)) for number in range(14)]
    flow = draw_flow(steps, WORDS)

    assert flow is not None
    right = [one for one in flow.nodes if one.is_right]
    for above, below in itertools.pairwise(right):
        assert above.y + above.height < below.y
    assert all(one.y + one.height <= flow.height for one in flow.nodes)
    assert all(0 <= one.x <= WIDTH - one.width for one in flow.nodes)


def test_steps_to_the_same_kind_and_none_are_no_flow() -> None:
    assert draw_flow([a_step("search", "search", 5)], WORDS) is None
    assert draw_flow([], WORDS) is None
