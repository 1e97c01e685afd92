"""Pictures of the demo's products."""

from xml.etree import ElementTree

import pytest

from stack.shoppers import demo_catalogue
from web.shop.pictures import COLOURS, OUTLINES, VIEWS, draw_picture


def test_every_picture_of_the_demo_can_be_drawn() -> None:
    names = {
        image["url"].removeprefix("/pictures/").removesuffix(".svg")
        for product in demo_catalogue.products(500)
        for image in product["images"]
    }

    for name in names:
        kind, colour, view = name.split("_")
        assert ElementTree.fromstring(draw_picture(kind, colour, view)).tag.endswith("svg")


def test_pictures_differ_by_kind_colour_and_view() -> None:
    drawn = {
        draw_picture(kind, colour, view)
        for kind in OUTLINES
        for colour in COLOURS
        for view in VIEWS
    }

    assert len(drawn) == len(OUTLINES) * len(COLOURS) * len(VIEWS)


@pytest.mark.parametrize(("colour", "view"), [("pink", "front"), ("black", "top"), ("", "")])
def test_an_unknown_colour_or_view_has_no_picture(colour: str, view: str) -> None:
    with pytest.raises(KeyError):
        draw_picture("tents", colour, view)
