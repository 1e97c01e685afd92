"""CSV files as merchants have them, of both generations of headers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.errors import InvalidImport
from catalog.imports.csv_files import rows_of
from catalog.imports.shopify import Reading, read_all
from catalog.slugs import is_slug

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[4].parent / "shared" / "data"))
CASES = SHARED.parent / "cases"
# Products that are good, and lines of those that are not, by the beginning of a file's name.
EXPECTED: dict[str, tuple[list[str], list[int]]] = {
    "c01": (["c01-ridge-cap"], []),
    "c02": (["c02-status", "c02-status-b"], []),
    "c03": (["c03-nopub"], []),
    "c04": (["c04-desk"], []),
    "c05": (["c05-semi"], []),
    "c06": (["c06-blank"], []),
    "c07": (["c07-a", "c07-c"], [3]),
    "c10": (["c10-tee-red", "c10-tee-red-386420"], []),
    "c12": (["c12-cafe"], []),
    "c13": (["c13-type"], []),
    "c15": (["c15-nfd"], []),
    "c16": (["c16-print-hoodie"], []),
    "c17": (["c17-a", "c17-b"], []),
    "c18": ([], [2]),
    "c20": (["c20-bom"], []),
}


def read(path: Path, *, decimal_mark: str = "") -> Reading:
    return read_all([path], currency="EUR", locale="en", decimal_mark=decimal_mark)


def a_file(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "products.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("case", EXPECTED)
def test_a_file_of_a_merchant_is_read(case: str) -> None:
    path = next(CASES.glob(f"{case}-*.csv"), None)
    if path is None:
        pytest.skip(f"{CASES} is not here; set SHARED_DATA to the folder beside it")

    reading = read(path)

    slugs, lines = EXPECTED[case]
    assert [product.slug for _, product in reading.products] == slugs
    assert [problem.line for problem in reading.problems] == lines
    assert all(product.published for _, product in reading.products)


def test_handles_and_types_in_japanese_get_slugs_of_their_own() -> None:
    path = next(CASES.glob("c09-*.csv"), None)
    if path is None:
        pytest.skip(f"{CASES} is not here; set SHARED_DATA to the folder beside it")

    reading = read(path)

    found = [product for _, product in reading.products]
    assert reading.problems == []
    assert [product.title["en"] for product in found] == ["防水ジャケット", "登山靴"]
    for slugs in (
        {product.slug for product in found},
        {product.category_slug for product in found},
    ):
        assert len(slugs) == 2
        assert all(map(is_slug, slugs))


def test_goods_that_are_sold_when_there_are_none_say_so_in_both_generations(
    tmp_path: Path,
) -> None:
    older = "Handle,Title,Variant Price,Variant Inventory Policy\na,A,1,continue\nb,B,1,deny\n"
    newer = "URL handle,Title,Price,Continue selling when out of stock\na,A,1,TRUE\nb,B,1,\n"

    for text in (older, newer):
        products = [product for _, product in read(a_file(tmp_path, text)).products]
        found = [product.variants[0].sells_beyond_stock for product in products]
        assert found == [True, False]


@pytest.mark.parametrize(
    ("text", "mark", "minor"),
    [
        ("19.90", "", 1990),
        ("1,299.00", "", 129900),
        ("19,90", ",", 1990),
        ("1.299,00", ",", 129900),
        ("1 299,00", ",", 129900),
        ("1,299", ".", 129900),
        ("1 299.00", "", 129900),
        ("1\u00a0299.00", ".", 129900),
        ("1'299.00", "", 129900),
        ("1\u2019299,00", ",", 129900),
        ("1,29,900.00", "", 12990000),
        ("€ 19.90", "", 1990),
        ("19,90 €", ",", 1990),
        ("EUR 19.90", "", 1990),
        ("\u200f19.90\u200e", "", 1990),
        ("１９.９０", "", 1990),
        ("١٩٫٩٠", "", 1990),
        ("$19.90", "", None),
        ("USD 19.90", "", None),
        ("1_000", "", None),
        ("(19.90)", "", None),
        ("NaN", "", None),
        ("19,90", "", None),
        ("1,299", "", None),
        ("1.299,00", "", None),
        ("12,34,5", ",", None),
    ],
)
def test_an_amount_is_read_by_its_decimal_mark_or_refused(
    tmp_path: Path, text: str, mark: str, minor: int | None
) -> None:
    path = a_file(tmp_path, f'Handle,Title,Variant Price\nmug,Mug,"{text}"\n')

    reading = read(path, decimal_mark=mark)

    if minor is None:
        ((line, column, why),) = [(p.line, p.column, p.why) for p in reading.problems]
        assert (line, column, text in why) == (2, "Variant Price", True)
    else:
        ((_, product),) = reading.products
        assert product.variants[0].prices[0].price.amount_minor == minor


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings_and_delimiters_are_told_by_the_file(tmp_path: Path, encoding: str) -> None:
    path = a_file(
        tmp_path, "Handle;Title;Variant Price\ncafe;Müsli Café;3.50\n;;\n", encoding=encoding
    )

    ((line, product),) = read(path).products

    assert (line, product.title["en"]) == (2, "Müsli Café")


def test_lines_are_those_of_the_file_where_texts_have_lines_too(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        'Handle,Title,Body (HTML),Variant Price\na,A,"<p>one\ntwo</p>",1\nb,,x,2\nc,C,x,y\n',
    )

    reading = read(path)

    assert [line for line, _ in reading.products] == [2]
    assert [(problem.line, problem.column) for problem in reading.problems] == [
        (4, "Title"),
        (5, "Variant Price"),
    ]


def test_texts_lose_what_nobody_sees_and_become_nfc(tmp_path: Path) -> None:
    path = a_file(tmp_path, "Handle,Title,Variant Price\nx,Cre\u0300me\u200b,1\n")

    ((_, row),) = rows_of(path)

    assert row["Title"] == "Crème"


def test_handles_without_latin_letters_get_slugs_of_their_own(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "Handle,Title,Type,Variant Price\n防水,防水,靴,1\n登山,登山,靴,2\na--b,A,,3\na-b,B,,4\n",
    )

    products = [product for _, product in read(path).products]

    slugs = [product.slug for product in products]
    assert len({*slugs}) == 4
    assert all(slugs)
    assert slugs[3] == "a-b"
    assert products[0].category_slug == products[1].category_slug != ""


def test_a_row_that_is_no_product_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    rows = "mug,Mug,19,90\n,,1\ncup,Cup,2\n"

    reading = read(a_file(tmp_path, f"Handle,Title,Variant Price\n{rows}"))

    assert [product.slug for _, product in reading.products] == ["cup"]
    assert sorted((each.line, each.column) for each in reading.problems) == [
        (2, "Variant Price"), (3, "Handle"),
    ]  # fmt: skip


def test_a_product_without_a_handle_gets_one_of_its_title(tmp_path: Path) -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n"
    rows = ",Rain Mug,Size,S,1\n,,,L,2\ncup,Cup,,,3\n,Cup,,,4\n,Rain mug,,,5\n"

    reading = read(a_file(tmp_path, header + rows))

    found = [(product.external_id, len(product.variants)) for _, product in reading.products]
    assert found[:2] == [("rain-mug", 2), ("cup", 1)]
    assert found[2][0].startswith("cup-")
    assert [(each.line, each.column) for each in reading.problems] == [(6, "Handle")]


@pytest.mark.parametrize(
    "header",
    [
        "HANDLE,TITLE,VARIANT SKU,VARIANT PRICE",
        "handle,title,variant_sku,variant_price",
        " Handle , Title ,Variant  SKU,Variant\u00a0Price",
        "Handle,Title,Variant SKU,Variant Price,,,",
    ],
)
def test_a_header_is_read_whatever_its_case_and_spaces(tmp_path: Path, header: str) -> None:
    ((_, product),) = read(a_file(tmp_path, f"{header}\nmug,Mug,M-1,1.50,,,\n")).products

    assert (product.variants[0].sku, product.variants[0].prices[0].price.amount_minor) == (
        "M-1",
        150,
    )


def test_a_column_that_stands_twice_counts_where_one_of_them_has_a_value(tmp_path: Path) -> None:
    text = "Handle,Title,Vendor,Vendor,Variant Price\na,A,,Lab,1\nb,B,Lab,,1\nc,C,Lab,Ko,1\n"

    reading = read(a_file(tmp_path, text))

    assert [product.brand for _, product in reading.products] == ["Lab", "Lab"]
    assert [(each.line, each.column) for each in reading.problems] == [(4, "Vendor")]


@pytest.mark.parametrize(
    ("text", "mark", "count"),
    [
        ("1,000", "", 1000),
        ("1.000", ",", 1000),
        ("1 000", "", 1000),
        ("5.0", "", 5),
        ("-3", "", 0),
        ("", "", 0),
        ("1.000", "", None),
        ("5.5", "", None),
        ("many", "", None),
    ],
)
def test_a_quantity_is_a_whole_number_or_refused(
    tmp_path: Path, text: str, mark: str, count: int | None
) -> None:
    header = "Handle,Title,Variant Price,Variant Inventory Qty"

    reading = read(a_file(tmp_path, f'{header}\nmug,Mug,1,"{text}"\n'), decimal_mark=mark)

    if count is None:
        assert [each.column for each in reading.problems] == ["Variant Inventory Qty"]
    else:
        ((_, product),) = reading.products
        assert dict(product.variants[0].initial_stock) == {"": count}


@pytest.mark.parametrize(
    ("word", "is_published"),
    [
        ("WAHR", True),
        ("vrai", True),
        ("1", True),
        ("FALSCH", False),
        ("Faux", False),
        ("no", False),
    ],
)
def test_truth_is_read_in_the_language_of_the_spreadsheet(
    tmp_path: Path, word: str, is_published: bool
) -> None:
    path = a_file(tmp_path, f"Handle,Title,Variant Price,Published\nmug,Mug,1,{word}\n")

    assert [product.published for _, product in read(path).products] == [is_published]


def test_goods_that_nobody_counts_are_sold_when_there_are_none(tmp_path: Path) -> None:
    header = "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Policy"
    rows = "a,A,1,,deny\nb,B,1,shopify,deny\n"

    products = read(a_file(tmp_path, f"{header}\n{rows}")).products

    assert [each.variants[0].sells_beyond_stock for _, each in products] == [True, False]


def test_a_variant_without_a_price_is_refused_and_not_left_out(tmp_path: Path) -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src"
    rows = "mug,Mug,Size,S,M-S,1,\nmug,,,L,M-L,,\nmug,,,,,,https://x.example/2.jpg\n"

    (problem,) = read(a_file(tmp_path, f"{header}\n{rows}")).problems

    assert (problem.line, problem.column) == (3, "Variant Price")


def test_a_barcode_that_a_spreadsheet_shortened_is_refused(tmp_path: Path) -> None:
    text = "Handle,Title,Variant Price,Variant Barcode\nmug,Mug,1,4.00638E+12\n"

    (problem,) = read(a_file(tmp_path, text)).problems

    assert (problem.line, problem.column, problem.value) == (2, "Variant Barcode", "4.00638E+12")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x14\x00", "spreadsheet"),
        (b"\x1f\x8b\x08", "compressed"),
        ("Handle,Title,Variant Price\nmug,防水ジャケット,1\n".encode("shift_jis"), "UTF-8"),
        (b'Handle,Title,Variant Price\nmug,"Mug,1\ncup,Cup,2\n', "quote is not closed"),
        (b"Handle,Title,Variant Price\n", "no row"),
        (b"\xef\xbb\xbf", "no row"),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(InvalidImport) as refusal:
        read_all([content], currency="EUR", locale="en")

    assert said in refusal.value.metadata["why"]
