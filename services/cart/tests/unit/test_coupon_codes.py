"""Coupon codes as mails, phones and keyboards change them."""

from __future__ import annotations

import pytest

from cart.promotions.model import normalize_coupon_code


@pytest.mark.parametrize(
    "typed",
    [
        "SUMMER-10",
        " summer-10\n",
        "SUMMER-10\u200b",
        "\ufeffSUMMER-10",
        "SUM\u00admer-10",
        "SUMMER\u201110",
        "SUMMER\u201310",
        "SUMMER\u221210",
        "\uff33\uff35\uff2d\uff2d\uff25\uff32\uff0d\uff11\uff10",
        "\u201cSUMMER-10\u201d",
        "\u00abSUMMER-10\u00bb.",
        "SUMMER - 10",
        "SUMMER-\u0661\u0660",
        "#SUMMER-10",
    ],
)
def test_a_code_is_found_however_it_was_changed(typed: str) -> None:
    assert normalize_coupon_code(typed) == "SUMMER-10"


@pytest.mark.parametrize("typed", ["indirim", "İNDİRİM", "ındırım"])
def test_a_turkish_i_is_an_i(typed: str) -> None:
    assert normalize_coupon_code(typed) == "INDIRIM"


def test_letters_of_other_scripts_stay_what_they_are() -> None:
    # A Cyrillic letter that looks like another one is no spelling of it.
    assert normalize_coupon_code("S\u0423MMER") != "SYMMER"
