"""Rich descriptions: the safe part of HTML is kept, and cleaning it again changes nothing."""

from __future__ import annotations

import pytest

from catalog.errors import InvalidProduct
from catalog.product_content.pictures import GivenImage, encode_image, pictures_of
from catalog.product_content.rich_text import rich_of
from catalog.products.refusals import NO_LINE

HOSTILE = (
    "<p onclick=alert(1)>Fast &amp; <b>light</b><script>alert(1)</script></p>",
    '<a href="javascript:alert(1)">x</a><b>y</b>',
    '<img src="data:text/html,x" onerror=alert(1)><i>z</i>',
    "<iframe src=//evil.example>inner</iframe><p>after</p>",
    "<svg><style><img src=x onerror=alert(1)></style></svg><p>q</p>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript><p>r</p>",
)


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_runs_is_kept(html: str) -> None:
    cleaned = rich_of(html)

    for forbidden in ("onclick", "onerror", "script", "iframe", "data:", "svg", "alert"):
        assert forbidden not in cleaned
    assert rich_of(cleaned) == cleaned


def test_paragraphs_lists_tables_and_links_stay() -> None:
    html = '<h2>Care</h2><ul><li>Wash</li></ul><p><a href="https://x.example/care">more</a></p>'

    assert "<h2>Care</h2><ul><li>Wash</li></ul>" in rich_of(html)
    assert 'href="https://x.example/care"' in rich_of(html)
    assert 'rel="noopener nofollow"' in rich_of(html)


@pytest.mark.parametrize("text", ["", "plain", "3 < 4 and 5 > 2", "a\nb"])
def test_text_without_markup_needs_no_html(text: str) -> None:
    assert rich_of(text) == ""


def test_a_picture_has_texts_by_locale_and_a_point_to_keep() -> None:
    given = GivenImage("/a.jpg", "shoe", {"de": "Schuh"}, (20, 80))

    images, details = pictures_of([given], NO_LINE)

    shown = encode_image(images[0], details["/a.jpg"], "de-AT", "en")
    assert (shown.alt, shown.focal_point.x, shown.focal_point.y) == ("Schuh", 20, 80)
    assert encode_image(images[0], details["/a.jpg"], "fr", "en").alt == "Schuh"
    for wrong in (GivenImage("/a.jpg", "", {"d e": "x"}), GivenImage("/a.jpg", "", {}, (101, 0))):
        with pytest.raises(InvalidProduct):
            pictures_of([wrong], NO_LINE)
