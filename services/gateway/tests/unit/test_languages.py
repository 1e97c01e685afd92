"""`Accept-Language` as locales in the order of preference."""

import pytest

from gateway.http.languages import accepted_locales


@pytest.mark.parametrize(
    ("header", "locales"),
    [
        ("", ()),
        ("de", ("de",)),
        ("de-AT, de;q=0.9, en;q=0.8", ("de-AT", "de", "en")),
        ("en;q=0.2, fr;q=0.9, de;q=0.9", ("fr", "de", "en")),
        ("en;q=0, de", ("de",)),
        ("*", ()),
        ("de;q=0.5, *;q=0.1", ("de",)),
        ("fr;q=nonsense, de;q=0.1", ("de",)),
        ("de; q=0.7 , en ; q = 0.9", ("en", "de")),
        ("a, en-US-x-y-z-much-too-long, de", ("de",)),
        ("de;q=0.1, de;q=1, en;q=0.5", ("en", "de")),
        ("aa, bb, cc, dd, ee", ("aa", "bb", "cc", "dd")),
    ],
)
def test_locales_come_in_the_order_of_their_weights(header: str, locales: tuple[str, ...]) -> None:
    assert accepted_locales(header) == locales


def test_a_long_header_is_read_to_its_bound() -> None:
    header = ", ".join(["de;q=0.5"] * 200) + ", en"

    assert accepted_locales(header) == ("de",)
