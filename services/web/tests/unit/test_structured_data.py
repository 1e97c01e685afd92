"""Structured data of the shop's home page."""

from __future__ import annotations

import json

from web.shop.model import Amount, Image, ProductCard
from web.shop.structured_data import documents_of_home


def test_the_home_page_names_the_merchant_and_the_products_that_it_shows() -> None:
    products = [
        ProductCard(
            slug="jacket",
            title="Jacket </script>",
            brand="Northfell",
            image=Image(url="/jacket.webp"),
            price_from=Amount(amount_minor=19_99, currency="EUR"),
        ),
        ProductCard(slug="tea", title="Tea", price_from=Amount(amount_minor=500, currency="JPY")),
    ]

    organization, shown = documents_of_home("Northfell", "https://shop.example", products)

    assert json.loads(organization)["name"] == "Northfell"
    assert "<" not in shown
    jacket, tea = (each["item"] for each in json.loads(shown)["itemListElement"])
    assert jacket["name"] == "Jacket </script>"
    assert jacket["image"] == "https://shop.example/jacket.webp"
    assert jacket["offers"]["lowPrice"] == "19.99"
    assert (tea["offers"]["lowPrice"], tea["offers"]["priceCurrency"]) == ("500", "JPY")


def test_a_home_page_without_products_has_no_list() -> None:
    assert len(documents_of_home("Northfell", "https://shop.example", [])) == 1
