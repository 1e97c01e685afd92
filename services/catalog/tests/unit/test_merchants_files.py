"""CSV files as merchants have them, of both generations of headers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.errors import InvalidImport
from catalog.imports.csv_files import rows_of
from catalog.imports.shopify import Reading, read_all

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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
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


def test_a_row_without_a_handle_or_with_too_many_fields_is_refused(tmp_path: Path) -> None:
    for rows, line in ((",Mug,1", 2), ("mug,Mug,19,90", 2)):
        with pytest.raises(InvalidImport) as refusal:
            read(a_file(tmp_path, f"Handle,Title,Variant Price\n{rows}\n"))
        assert refusal.value.metadata["line"] == str(line)
