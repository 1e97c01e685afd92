"""A generated catalogue of an outdoor shop, equal for equal count and seed.

Yields plain dicts in the JSON shape of catalog's messages: `categories()` of CategoryInput,
`products()` of ProductInput, `pages()` of PutPageRequest. Knows nothing of any service.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from stack.shoppers.demo_assortment import DEPARTMENTS, Kind
from stack.shoppers.demo_texts import (
    BRANDS,
    CLOSINGS,
    COLOURS,
    FEATURES,
    LINES,
    MIDDLES,
    OPENINGS,
    SEASONS,
    SOFT_MIDDLES,
)

SOURCE: Final = "demo"
PRODUCTS: Final = 1_000
SEED: Final = 20_26

Json = dict[str, Any]
# Rough list-price factors; amounts end in 95 or 00 as shops do.
RATES: Final = (("EUR", 1.0), ("USD", 1.12), ("GBP", 0.88))


def categories() -> Iterator[Json]:
    """The 40 categories: 8 departments with 4 each, parents first."""
    for position, department in enumerate(DEPARTMENTS):
        yield {"slug": department.slug, "name": _both(department.name), "position": position}
        for inner, kind in enumerate(department.kinds):
            yield {
                "slug": kind.slug,
                "name": _both(kind.name),
                "parent_slug": department.slug,
                "position": inner,
            }


def products(count: int = PRODUCTS, seed: int = SEED, *, web_url: str = "") -> Iterator[Json]:
    """Yields `count` products over all categories; a larger count has the same first ones.

    `web_url` is where `services/web` serves their pictures; without it their URLs have no host.
    """
    rng = random.Random(seed)
    kinds = [kind for department in DEPARTMENTS for kind in department.kinds]
    slugs: set[str] = set()
    for number in range(count):
        product = _product(rng, kinds[number % len(kinds)], number, slugs)
        for image in product["images"]:
            image["url"] = web_url + image["url"]
        yield product


def pages(seed: int = SEED) -> Iterator[Json]:
    """Returns two landing pages with products of `products`, for any count from 300 up."""
    found = list(islice(products(300, seed), 300))
    outdoors = [
        product["slug"]
        for product in found
        if product["category_slug"] in ("tents", "backpacks", "men-shoes", "women-jackets")
    ][:8]
    reduced = [product["slug"] for product in found if "sale" in product["tags"]][:12]
    yield {
        "slug": "weekend-outside",
        "title": {"en": "A weekend outside", "de": "Ein Wochenende draußen"},
        "body": {
            "en": "## Friday to Sunday, one bag\n\nEight things that we pack ourselves, from the "
            "tent to the jacket for the first coffee.\n\n"
            "*Tip:* try everything on at home before the train leaves.",
            "de": "## Freitag bis Sonntag, eine Tasche\n\nAcht Dinge, die wir selbst einpacken, "
            "vom Zelt bis zur Jacke für den ersten Kaffee.\n\n"
            "*Tipp:* alles zu Hause anprobieren, bevor der Zug fährt.",
        },
        "product_slugs": outdoors,
    }
    yield {
        "slug": "season-sale",
        "title": {"en": "Season sale", "de": "Saisonschlussverkauf"},
        "body": {
            "en": "## Last sizes, lower prices\n\nGood gear does not age. These pieces make room "
            "for the next season.",
            "de": "## Letzte Größen, kleinere Preise\n\nGute Ausrüstung altert nicht. Diese "
            "Stücke machen Platz für die nächste Saison.",
        },
        "product_slugs": reduced,
    }


def _product(rng: random.Random, kind: Kind, number: int, slugs: set[str]) -> Json:
    brand, line = rng.choice(BRANDS), rng.choice(LINES)
    noun, material, use = rng.choice(kind.nouns), rng.choice(kind.materials), rng.choice(kind.uses)
    weight = rng.randint(*kind.weights)
    slug = _slug(f"{brand} {line} {noun[0]}")
    if slug in slugs:
        slug = f"{slug}-{number}"
    slugs.add(slug)
    colours = rng.sample(COLOURS, rng.choice((1, 1, 2, 2, 3)))
    # The middle of the range is where most prices are.
    euros = round(
        rng.triangular(*kind.prices, kind.prices[0] + (kind.prices[1] - kind.prices[0]) * 0.35)
    )
    reduction = rng.choice((0.7, 0.75, 0.8, 0.85)) if rng.random() < 0.18 else None
    tags = [use[0], *(["sale"] if reduction else []), *(["new"] if rng.random() < 0.12 else [])]
    return {
        "external_id": f"demo-{number:06}",
        "slug": slug,
        "title": {"en": f"{line} {noun[0]}", "de": f"{noun[1]} {line}"},
        "description": _description(
            rng, kind, line=line, material=material, use=use, weight=weight
        ),
        "brand": brand,
        "category_slug": kind.slug,
        "images": _images(rng, kind.slug, f"{line} {noun[0]}", colours),
        "variants": list(
            _variants(rng, kind, number, colours, prices=_prices(euros, reduction), weight=weight)
        ),
        "attributes": {
            "material": material[0],
            "activity": use[0].capitalize(),
            "season": rng.choice(SEASONS),
            "feature": rng.choice(FEATURES),
        },
        "published": True,
        "seo_title": f"{line} {noun[0]} by {brand}",
        "seo_description": f"{brand} {line}: {noun[0].lower()} in {material[0].lower()} for "
        f"{use[0]}.",
        "tags": tags,
    }


def _description(
    rng: random.Random,
    kind: Kind,
    *,
    line: str,
    material: tuple[str, str],
    use: tuple[str, str],
    weight: int,
) -> Json:
    middles = MIDDLES + SOFT_MIDDLES if kind.sizes else MIDDLES
    sentences = [
        rng.choice(OPENINGS),
        *rng.sample(middles, rng.choice((2, 3))),
        rng.choice(CLOSINGS),
    ]
    return {
        locale: " ".join(sentence[index] for sentence in sentences).format(
            line=line,
            use=use[index],
            weight=weight,
            material=material[index],
            material_lower=material[index].lower(),
        )
        for index, locale in enumerate(("en", "de"))
    }


def _images(rng: random.Random, kind: str, title: str, colours: list[str]) -> list[Json]:
    """Returns pictures of the first colour, which `services/web` draws."""
    views, colour = ("front", "back", "detail")[: rng.choice((1, 2, 3))], _slug(colours[0])
    return [
        {
            "url": f"/pictures/{kind}_{colour}_{view}.svg",
            "alt": f"{title} in {colours[0].lower()}, {view}",
        }
        for view in views
    ]


def _variants(
    rng: random.Random,
    kind: Kind,
    number: int,
    colours: list[str],
    *,
    prices: list[Json],
    weight: int,
) -> Iterator[Json]:
    # A shop is never full: a sixth of the variants is out, another sixth nearly so.
    for colour in colours:
        for size in kind.sizes or ("",):
            options = (
                [{"name": "Colour", "value": colour}] if len(colours) > 1 or not kind.sizes else []
            )
            options += [{"name": "Size", "value": size}] if size else []
            stock = rng.choice((0, rng.randint(1, 5), *(rng.randint(6, 60) for _ in range(4))))
            yield {
                "sku": "-".join(
                    filter(None, (f"DM{number:06}", colour[:3].upper(), _slug(size).upper()))
                ),
                "options": options,
                "prices": prices,
                "initial_stock": {"": stock},
                "weight_grams": weight,
            }


def _prices(euros: int, reduction: float | None) -> list[Json]:
    prices: list[Json] = []
    for currency, rate in RATES:
        full = max(round(euros * rate), 2) * 100 - 5
        now = max(round(euros * rate * reduction), 1) * 100 - 5 if reduction else full
        price: Json = {"price": {"amount_minor": now, "currency": currency}}
        if now < full:
            price["compare_at"] = {"amount_minor": full, "currency": currency}
        prices.append(price)
    return prices


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("ê", "e").replace("–", "-")).strip("-")


def _both(texts: tuple[str, str]) -> dict[str, str]:
    return {"en": texts[0], "de": texts[1]}
