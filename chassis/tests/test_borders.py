"""The one rule for texts, amounts and times of every request."""

import unicodedata
from datetime import UTC, datetime

import pytest

from chassis.email_addresses import InvalidEmail, normalize_email, parse_email
from chassis.money import MOST_MINOR, AmountTooLarge, Money
from chassis.rpc.borders import InvalidTime, require_valid_request, require_valid_time
from chassis.testing import eur
from chassis.text import InvalidName, InvalidText, normalize, require_plain_name
from sojourn.cart.v1 import cart_pb2
from sojourn.catalog.v1 import catalog_pb2
from sojourn.journey.v1 import journey_pb2


@pytest.mark.parametrize(
    "character", ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\x7f", "\x85", "\ud800", "\uffff"]
)
def test_a_character_that_no_text_may_hold_is_refused(character: str) -> None:
    with pytest.raises(InvalidText) as refusal:
        normalize(f"Ann{character}", path="first_name")

    assert refusal.value.metadata == {"path": "first_name"}


@pytest.mark.parametrize(
    "text",
    [
        "山田\u3000太郎",
        "Jean\u00a0Luc",
        "امی\u200cعلی",
        "\u202bמשה\u202c",
        "👩\u200d💻",
        "two\nlines\tand a tab\r\n",
    ],
)
def test_texts_of_every_script_pass_as_they_are(text: str) -> None:
    assert normalize(text) == text


def test_a_decomposed_text_is_composed() -> None:
    assert normalize(unicodedata.normalize("NFD", "crème brûlée")) == "crème brûlée"


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\t", "\u2028"])
def test_a_text_of_one_line_holds_no_line_break(breaks: str) -> None:
    with pytest.raises(InvalidText):
        normalize(f"Al{breaks}Bcc: eve@example.org", one_line=True)


@pytest.mark.parametrize(
    "name",
    [
        "Win 500 EUR http://spam.example/x",
        "see www.spam.example",
        "spam.com",
        "claim at evil.example/claim",
        "x : // y",
        # As programs that make links read them.
        "ＳＰＡＭ．ＣＯＭ",
        "t\u2024me/spam",
        "sp\u200bam.c\u200bom",
        "mail to me@spam.example",
    ],
)
def test_a_name_with_a_link_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        require_plain_name(name, path="first_name")


@pytest.mark.parametrize(
    "name",
    [
        "J.R.R. Tolkien",
        "St. John",
        "Mary-Ann",
        "O'Brien",
        "Dr. Me",
        "Jr.",
        "Nguyễn",
        "d.b.a.",
        "نام\u200cها",
    ],
)
def test_names_of_people_pass(name: str) -> None:
    assert require_plain_name(name, path="first_name") == name


def test_an_organization_may_be_called_after_its_domain() -> None:
    assert (
        require_plain_name("Booking.com B.V.", path="organization", may_be_domain=True)
        == "Booking.com B.V."
    )


def test_a_text_deep_in_a_request_is_named_by_its_path() -> None:
    product = catalog_pb2.ProductInput(
        title={"en": "Shirt"},
        variants=[catalog_pb2.VariantInput(sku="a"), catalog_pb2.VariantInput(sku="b\x00")],
    )

    with pytest.raises(InvalidText) as refusal:
        require_valid_request(
            catalog_pb2.ImportProductsRequest(products=[catalog_pb2.ProductInput(), product])
        )

    assert refusal.value.metadata["path"] == "products[1].variants[1].sku"


def test_a_text_in_a_map_is_checked_and_composed() -> None:
    request = catalog_pb2.PutPageRequest(
        slug="cafe", title={"en": unicodedata.normalize("NFD", "é")}
    )
    require_valid_request(request)
    assert request.title["en"] == "é"

    with pytest.raises(InvalidText) as refusal:
        require_valid_request(catalog_pb2.PutPageRequest(title={"en": "\x01"}))
    assert refusal.value.metadata["path"] == "title.en"


@pytest.mark.parametrize("amount_minor", [MOST_MINOR + 1, -MOST_MINOR - 1, 2**43, 2**63 - 1])
def test_an_amount_beyond_the_bound_is_refused_wherever_it_stands(amount_minor: int) -> None:
    promotion = cart_pb2.Promotion(minimum_subtotals=[eur(amount_minor)])

    with pytest.raises(AmountTooLarge) as refusal:
        require_valid_request(cart_pb2.PutPromotionRequest(promotion=promotion))

    assert refusal.value.metadata["path"] == "promotion.minimum_subtotals[0]"


def test_no_sum_or_product_leaves_the_bound() -> None:
    most = Money(MOST_MINOR, "EUR")

    for beyond in (
        lambda: most + Money(1, "EUR"),
        lambda: -most - Money(1, "EUR"),
        lambda: most.times(2),
    ):
        with pytest.raises(AmountTooLarge):
            beyond()


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1899-12-31T23:59:59+00:00",
        "2200-01-01T00:00:00+00:00",
    ],
)
def test_a_time_outside_the_range_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime):
        require_valid_time(datetime.fromisoformat(text))


def test_a_time_in_a_request_is_checked() -> None:
    touchpoint = journey_pb2.BeaconTouchpoint()
    touchpoint.occurred_at.seconds = -62_135_596_800

    with pytest.raises(InvalidTime) as refusal:
        require_valid_request(journey_pb2.RecordTouchpointsRequest(touchpoints=[touchpoint]))

    assert refusal.value.metadata["path"] == "touchpoints[0].occurred_at"


def test_a_time_is_put_into_utc() -> None:
    assert require_valid_time(datetime.fromisoformat("2026-01-01T01:00:00+01:00")) == datetime(
        2026, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("ada+tag@example.org", "ada+tag@example.org"),
        ("jo@bücher.example", "jo@bücher.example"),
        ("jo@xn--bcher-kva.example", "jo@bücher.example"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_addresses_of_every_kind_have_one_normal_form(typed: str, normal: str) -> None:
    assert normalize_email(typed) == normal


def test_a_mail_server_gets_the_domain_in_punycode() -> None:
    assert parse_email("jo@bücher.example").ascii_domain_text == "jo@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a@", "@b.example", "a..b@example.org", ".a@example.org", "a\x01@example.org",
        "a\u202e@example.org", '"a b"@example.org',
        "a;b@example.org", "a@[127.0.0.1]", "a@localhost", "a" * 65 + "@example.org",
        "a\x00@example.org", "a@exa\nmple.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidEmail):
        normalize_email(text)
