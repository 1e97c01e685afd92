from __future__ import annotations

import pytest

from chassis.campaigns import parse_campaign


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (
            "utm_source=mail&amp;utm_medium=email&amp;utm_campaign=spring",
            {"utm_source": "mail", "utm_medium": "email", "utm_campaign": "spring"},
        ),
        ("gbraid=0AAAAA_x", {"click_id": "0AAAAA_x"}),
        ("wbraid=CjkKC_x", {"click_id": "CjkKC_x"}),
        ("ttclid=E.C.P&msclkid=7", {"click_id": "7"}),
        ("utm_source=%20google%20", {"utm_source": "google"}),
        ("UTM_SOURCE=Facebook&Utm_Medium=CPC", {"utm_source": "facebook", "utm_medium": "cpc"}),
        ("utm_source=a&utm_source=b", {"utm_source": "a"}),
        ("utm_source=&utm_source=b", {"utm_source": "b"}),
        ("utm_campaign=spring%2520sale", {"utm_campaign": "spring sale"}),
        ("utm_campaign=spring+%C3%9Cber", {"utm_campaign": "spring über"}),
        ("utm_campaign=" + "x" * 300, {"utm_campaign": "x" * 200}),
        ("q=x&email=ana@example.com&utm_id=1", {}),
        ("utm_source=%00%01", {}),
        ("utm_source=ＧＯＯＧＬＥ", {"utm_source": "google"}),
    ],
)
def test_a_campaign_is_read_as_links_are_written(query: str, found: dict[str, str]) -> None:
    assert parse_campaign(query) == found
