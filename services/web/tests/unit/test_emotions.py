"""The emotion curve, sub-stages and tour of a map."""

from __future__ import annotations

from web.studio.board import COLUMN, GAP
from web.studio.drawing import describe_drawing
from web.studio.emotions import HEIGHT, draw_emotions
from web.studio.model import Drawing, DrawnStage
from web.studio.tour import describe_tour
from web.studio.words import load_words

EN, DE = load_words("en"), load_words("de")


def stages(*levels: int | None) -> list[DrawnStage]:
    return [DrawnStage(slug=f"s{number}", emotion_level=one) for number, one in enumerate(levels)]


def test_a_better_feeling_is_higher_and_stands_over_its_stage() -> None:
    curve = draw_emotions(stages(2, 0, -2), EN)

    assert curve is not None
    assert [one.x for one in curve.points] == [
        COLUMN / 2 + number * (COLUMN + GAP) for number in range(3)
    ]
    ys = [one.y for one in curve.points]
    assert ys == sorted(ys)
    assert ys[1] == curve.middle
    assert 0 < ys[0] < ys[2] < HEIGHT
    assert [one.title for one in curve.points] == ["good", "neutral", "bad"]


def test_the_line_is_parted_where_a_stage_has_no_feeling() -> None:
    curve = draw_emotions(stages(1, None, 1, 2), DE)

    assert curve is not None
    assert len(curve.lines) == 2
    assert draw_emotions(stages(None, None), DE) is None


def test_sub_stages_are_a_lane_and_the_tour_is_no_fact() -> None:
    drawing = Drawing(
        stages=[DrawnStage(slug="pay", sub_stages=["card", "wait"], emotion_level=-1)],
        details={"tour": [{"title": "x"}], "source": "make demo"},
    )

    drawn = describe_drawing(drawing, ["pay"], DE)

    assert [lane.title for lane in drawn.lanes] == ["Teilphasen"]
    assert [one.title for one in drawn.facts] == ["Source"]
    assert drawn.has_stages


def test_a_tour_is_told_in_the_reader_s_language_and_stays_on_these_pages() -> None:
    details = {
        "tour": [
            {"title": {"en": "See", "de": "Sehen"}, "text": "all", "link": "/studio?map=a"},
            {"title": {"en": "Go"}, "link": "https://elsewhere.example"},
            {"title": {"en": "Go"}, "link": "//elsewhere.example"},
            "no step",
        ]
    }

    steps = describe_tour(details, DE)

    assert [one.title for one in steps] == ["Sehen", "Go", "Go"]
    assert [one.link for one in steps] == ["/studio?map=a", "/studio", "/studio"]
    assert describe_tour({"tour": "none"}, DE) == []


def test_a_label_stands_where_no_line_runs() -> None:
    curve = draw_emotions(stages(0, 2, 0, -2, 0, 1, None, 1), EN)

    assert curve is not None
    first, peak, falling, valley, rising, last, alone = curve.points
    assert all(one.label_y < one.y for one in (first, peak, falling, rising, last, alone)[1:])
    assert first.label_y > first.y
    assert valley.label_y > valley.y
    assert (falling.anchor, rising.anchor) == ("start", "end")
    assert all(0 < one.label_y < curve.height for one in curve.points)
