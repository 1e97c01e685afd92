"""A person's path: equal steps are one run, and its distances may follow the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from web.studio.board import draw_board
from web.studio.model import Funnel, Touchpoint
from web.studio.runs import fold
from web.studio.words import load_words

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(minutes: int, kind: str, outcome: str = "ok", stage: str = "see") -> Touchpoint:
    return Touchpoint(
        id=f"{minutes}",
        source="gateway",
        kind=kind,
        stage=stage,
        outcome=outcome,
        occurred_at=START + timedelta(minutes=minutes),
    )


PATH = [at(0, "a"), at(1, "a"), at(2, "a", "error"), at(3, "a"), at(100, "b"), at(101, "b")]


def test_equal_steps_that_follow_each_other_are_one_run() -> None:
    runs = fold(PATH)

    assert [(run.first, len(run.touchpoints)) for run in runs] == [(1, 2), (3, 1), (4, 1), (5, 2)]
    assert fold([]) == []


def test_a_path_goes_down_by_rows_or_by_time() -> None:
    words, numbers = load_words("en"), {"see": 0}
    even = draw_board(Funnel(), fold(PATH), numbers, words)
    timed = draw_board(Funnel(), fold(PATH), numbers, words, is_timed=True)

    assert [dot.label for dot in even.dots] == ["a ×2", "a", "a", "b ×2"]
    assert [dot.target for dot in even.dots] == ["t1", "t3", "t4", "t5"]
    rows = [b.y - a.y for a, b in zip(even.dots, even.dots[1:], strict=False)]
    assert len(set(rows)) == 1
    near, _, far = [b.y - a.y for a, b in zip(timed.dots, timed.dots[1:], strict=False)]
    assert min(near, far) >= rows[0]
    assert far > 10 * (near - rows[0])
    assert timed.dots[-1].y < timed.lane
