from web.studio.model import Drawing


def test_details_that_nobody_wrote_are_empty() -> None:
    drawing = Drawing.model_validate(
        {"stages": [{"slug": "look", "details": None}], "details": None}
    )

    assert (drawing.details, drawing.stages[0].details) == ({}, {})
