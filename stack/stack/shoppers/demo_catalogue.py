"""A generated catalogue of an outdoor shop, equal for equal count and seed.

Yields plain dicts in the JSON shape of catalog's messages: `categories()` of CategoryInput,
`products()` of ProductInput, `pages()` of PutPageRequest. Knows nothing of any service.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

SOURCE: Final = "demo"
PRODUCTS: Final = 1_000
SEED: Final = 20_26

Json = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Assortment of one category.

    Prices are whole EUR, weights grams; `nouns` and `uses` are (English, German).
    """

    slug: str
    name: tuple[str, str]
    nouns: tuple[tuple[str, str], ...]
    prices: tuple[int, int]
    weights: tuple[int, int]
    sizes: tuple[str, ...]
    materials: tuple[tuple[str, str], ...]
    uses: tuple[tuple[str, str], ...]


CLOTHES: Final = ("XS", "S", "M", "L", "XL")
KIDS: Final = ("104", "116", "128", "140", "152")
SHOES: Final = ("38", "39", "40", "41", "42", "43", "44", "45")
LITRES: Final = ("20 l", "30 l", "45 l")
BOTTLES: Final = ("500 ml", "750 ml", "1 l")
ONE_SIZE: Final[tuple[str, ...]] = ()

MERINO, POLYESTER, COTTON = (
    ("Merino wool", "Merinowolle"),
    ("Recycled polyester", "Recycelter Polyester"),
    ("Organic cotton", "Bio-Baumwolle"),
)
NYLON, FLEECE, DOWN = (
    ("Ripstop nylon", "Ripstop-Nylon"),
    ("Fleece", "Fleece"),
    ("Responsible down", "Zertifizierte Daune"),
)
SOFTSHELL, MEMBRANE, LEATHER = (
    ("Softshell", "Softshell"),
    ("Three-layer membrane", "Dreilagen-Membran"),
    ("Nubuck leather", "Nubukleder"),
)
MESH, STEEL, ALUMINIUM = (
    ("Engineered mesh", "Funktionsmesh"),
    ("Stainless steel", "Edelstahl"),
    ("Aluminium", "Aluminium"),
)
TITANIUM, CARBON, RUBBER = (
    ("Titanium", "Titan"),
    ("Carbon", "Carbon"),
    ("Natural rubber", "Naturkautschuk"),
)
CORDURA, FOAM, SILICONE = (
    ("Cordura", "Cordura"),
    ("Closed-cell foam", "Geschlossenzelliger Schaum"),
    ("Silicone", "Silikon"),
)
ELASTANE, BAMBOO, CORK = (
    ("Stretch jersey", "Stretch-Jersey"),
    ("Bamboo viscose", "Bambus-Viskose"),
    ("Cork", "Kork"),
)

HIKING, RUNNING, CLIMBING = ("hiking", "Wandern"), ("running", "Laufen"), ("climbing", "Klettern")
YOGA, TRAINING, CYCLING = ("yoga", "Yoga"), ("training", "Training"), ("cycling", "Radfahren")
CAMPING, TRAVEL, SKIING = ("camping", "Camping"), ("travel", "Reisen"), ("ski touring", "Skitouren")
SWIMMING, EVERYDAY = ("swimming", "Schwimmen"), ("every day", "jeden Tag")

UPPER = (HIKING, RUNNING, TRAINING, TRAVEL, EVERYDAY)


def _wear(group: str, sizes: tuple[str, ...], en: str, de: str, dear: float) -> tuple[Kind, ...]:
    def price(low: int, high: int) -> tuple[int, int]:
        return round(low * dear), round(high * dear)

    return (
        Kind(
            f"{group}-jackets",
            (f"{en} jackets", f"{de}jacken"),
            (
                ("Rain Jacket", "Regenjacke"),
                ("Softshell Jacket", "Softshelljacke"),
                ("Down Jacket", "Daunenjacke"),
                ("Wind Jacket", "Windjacke"),
                ("Parka", "Parka"),
                ("Fleece Jacket", "Fleecejacke"),
            ),
            price(79, 389),
            (240, 980),
            sizes,
            (MEMBRANE, SOFTSHELL, DOWN, NYLON, FLEECE),
            (HIKING, SKIING, TRAVEL, EVERYDAY),
        ),
        Kind(
            f"{group}-tops",
            (f"{en} tops", f"{de}oberteile"),
            (
                ("T-Shirt", "T-Shirt"),
                ("Long-Sleeve Shirt", "Langarmshirt"),
                ("Tank Top", "Tanktop"),
                ("Hoodie", "Hoodie"),
                ("Base Layer", "Funktionsshirt"),
                ("Half-Zip", "Half-Zip-Shirt"),
            ),
            price(25, 119),
            (110, 520),
            sizes,
            (MERINO, POLYESTER, COTTON, BAMBOO),
            UPPER,
        ),
        Kind(
            f"{group}-trousers",
            (f"{en} trousers and shorts", f"{de}hosen und Shorts"),
            (
                ("Trekking Trousers", "Trekkinghose"),
                ("Running Shorts", "Laufshorts"),
                ("Zip-Off Trousers", "Zip-off-Hose"),
                ("Leggings", "Leggings"),
                ("Softshell Trousers", "Softshellhose"),
                ("Joggers", "Jogginghose"),
            ),
            price(35, 179),
            (150, 560),
            sizes,
            (NYLON, POLYESTER, SOFTSHELL, ELASTANE),
            (HIKING, RUNNING, CLIMBING, YOGA),
        ),
        Kind(
            f"{group}-shoes",
            (f"{en} shoes", f"{de}schuhe"),
            (
                ("Trail Running Shoes", "Trailrunningschuhe"),
                ("Hiking Boots", "Wanderstiefel"),
                ("Approach Shoes", "Zustiegsschuhe"),
                ("Road Running Shoes", "Laufschuhe"),
                ("Sandals", "Sandalen"),
                ("Winter Boots", "Winterstiefel"),
            ),
            price(59, 249),
            (420, 1300),
            ("28", "30", "32", "34", "36") if sizes is KIDS else SHOES,
            (MESH, LEATHER, RUBBER),
            (HIKING, RUNNING, TRAVEL),
        ),
    )


@dataclass(frozen=True)
class Department:
    """A top category with what it sells."""

    slug: str
    name: tuple[str, str]
    kinds: tuple[Kind, ...]


DEPARTMENTS: Final = (
    Department("women", ("Women", "Damen"), _wear("women", CLOTHES, "Women's", "Damen", 1.0)),
    Department("men", ("Men", "Herren"), _wear("men", CLOTHES, "Men's", "Herren", 1.0)),
    Department("kids", ("Kids", "Kinder"), _wear("kids", KIDS, "Kids'", "Kinder", 0.55)),
    Department("camping", ("Camping", "Camping"), (
        Kind("tents", ("Tents", "Zelte"), (("Two-Person Tent", "Zweipersonenzelt"),
        ("Family Tent", "Familienzelt"), ("Tarp", "Tarp"),
             ("Bivouac Tent", "Biwakzelt")), (89, 749), (900, 6200), ONE_SIZE, (NYLON, POLYESTER),
             (CAMPING, HIKING, TRAVEL)),
        Kind("sleeping-bags", ("Sleeping bags", "Schlafsäcke"),
        (("Down Sleeping Bag", "Daunenschlafsack"),
             ("Summer Sleeping Bag", "Sommerschlafsack"),
             ("Quilt", "Quilt"), ("Liner", "Inlett")), (39, 489), (300, 1900), ("Regular", "Long"),
             (DOWN, POLYESTER, NYLON),
             (CAMPING, TRAVEL)),
        Kind("sleeping-mats", ("Sleeping mats", "Isomatten"), (("Air Mat", "Luftmatte"),
        ("Foam Mat", "Schaummatte"), ("Self-Inflating Mat",
             "Selbstaufblasende Matte")), (24, 219), (250, 1400), ("Regular", "Long", "Wide"),
             (FOAM, NYLON), (CAMPING, HIKING)),
        Kind("cooking", ("Stoves and cookware", "Kocher und Geschirr"), (("Gas Stove", "Gaskocher"),
        ("Pot Set", "Topfset"),
             ("Spork", "Göffel"),
             ("Coffee Press", "Kaffeebereiter"), ("Mug", "Becher")), (9, 159),
             (20, 1100), ONE_SIZE, (TITANIUM, ALUMINIUM, STEEL),
             (CAMPING, TRAVEL)),
    )),
    Department("bags", ("Bags and packs", "Taschen und Rucksäcke"), (
        Kind("backpacks", ("Backpacks", "Rucksäcke"), (("Daypack", "Tagesrucksack"),
        ("Trekking Pack", "Trekkingrucksack"),
             ("Ultralight Pack",
             "Ultraleichtrucksack"), ("Climbing Pack", "Kletterrucksack")), (49, 299),
             (420, 2200), LITRES,
             (CORDURA, NYLON), (HIKING, TRAVEL, CLIMBING)),
        Kind("duffels", ("Duffels and travel bags", "Reisetaschen"), (("Duffel", "Reisetasche"),
        ("Weekender", "Weekender"), ("Roller Bag",
             "Rolltasche")), (59, 279), (700, 3600), ("40 l", "60 l", "90 l"), (CORDURA, POLYESTER),
             (TRAVEL, EVERYDAY)),
        Kind("hip-packs", ("Hip packs", "Hüfttaschen"), (("Hip Pack", "Hüfttasche"),
        ("Running Belt", "Laufgürtel"),
             ("Running Vest", "Laufweste")),
             (19, 149), (60, 380), ("S/M", "L/XL"), (NYLON, MESH), (RUNNING, HIKING, EVERYDAY)),
        Kind("pouches", ("Dry bags and pouches", "Packsäcke"), (("Dry Bag", "Packsack"),
        ("Compression Sack", "Kompressionssack"),
             ("Wash Bag",
             "Kulturbeutel")), (9, 59), (30, 260), ("5 l", "10 l", "20 l"), (NYLON, POLYESTER),
             (CAMPING, TRAVEL)),
    )),
    Department("running-and-training", ("Running and training", "Laufen und Training"), (
        Kind("yoga-mats", ("Yoga mats", "Yogamatten"), (("Yoga Mat", "Yogamatte"),
        ("Travel Yoga Mat", "Reise-Yogamatte"),
             ("Yoga Block", "Yogablock")),
             (14, 119), (300, 2900), ONE_SIZE, (RUBBER, CORK), (YOGA, TRAINING)),
        Kind("sports-bras", ("Sports bras", "Sport-BHs"), (("Sports Bra", "Sport-BH"),
        ("Crop Top", "Crop-Top")), (29, 79),
             (70, 190), CLOTHES,
             (ELASTANE, POLYESTER), (RUNNING, YOGA, TRAINING)),
        Kind("socks", ("Socks", "Socken"), (("Trail Socks", "Trailsocken"),
        ("Running Socks", "Laufsocken"),
             ("Hiking Socks", "Wandersocken"),
             ("Compression Socks", "Kompressionssocken")), (9, 45), (30, 110),
             ("36–38", "39–41", "42–44", "45–47"),
             (MERINO, COTTON, POLYESTER),
             (RUNNING, HIKING, EVERYDAY)),
        Kind("fitness-gear", ("Fitness gear", "Fitnessgeräte"), (("Resistance Band", "Fitnessband"),
        ("Skipping Rope", "Springseil"),
             ("Massage Roller", "Faszienrolle"), ("Kettlebell", "Kettlebell")), (12, 89),
             (90, 12000), ONE_SIZE, (RUBBER, STEEL, FOAM),
             (TRAINING, EVERYDAY)),
    )),
    Department("climbing-and-winter", ("Climbing and winter", "Klettern und Winter"), (
        Kind("climbing-gear", ("Climbing gear", "Kletterausrüstung"), (("Harness", "Klettergurt"),
        ("Carabiner", "Karabiner"),
             ("Chalk Bag", "Chalkbag"),
             ("Belay Device", "Sicherungsgerät")), (9, 159),
             (40, 520), ONE_SIZE, (ALUMINIUM, NYLON, STEEL), (CLIMBING,)),
        Kind("poles", ("Poles", "Stöcke"), (("Trekking Poles", "Trekkingstöcke"),
        ("Trail Poles", "Trailstöcke"),
             ("Ski Touring Poles", "Tourenstöcke")),
             (39, 199), (280, 620), ("110 cm", "120 cm", "130 cm"), (CARBON, ALUMINIUM),
             (HIKING, RUNNING, SKIING)),
        Kind("gloves", ("Gloves", "Handschuhe"), (("Ski Gloves", "Skihandschuhe"),
        ("Liner Gloves", "Unterziehhandschuhe"),
             ("Mittens", "Fäustlinge")),
             (19, 139), (40, 320), ("S", "M", "L", "XL"), (LEATHER, MERINO, FLEECE, SOFTSHELL),
             (SKIING, HIKING, EVERYDAY)),
        Kind("headwear", ("Hats and beanies", "Mützen"), (("Beanie", "Mütze"), ("Cap", "Kappe"),
        ("Headband", "Stirnband"),
             ("Neck Gaiter", "Schlauchschal")),
             (12, 59), (30, 140), ONE_SIZE, (MERINO, FLEECE, POLYESTER, COTTON),
             (RUNNING, SKIING, EVERYDAY)),
    )),
    Department("accessories", ("Accessories", "Zubehör"), (
        Kind("bottles", ("Bottles and flasks", "Flaschen"), (("Insulated Bottle", "Isolierflasche"),
        ("Soft Flask", "Faltflasche"),
             ("Water Bottle",
             "Trinkflasche")), (12, 59), (30, 480), BOTTLES, (STEEL, SILICONE, ALUMINIUM),
             (RUNNING, HIKING, EVERYDAY)),
        Kind("headlamps", ("Headlamps and lights", "Stirnlampen"), (("Headlamp", "Stirnlampe"),
        ("Camping Lantern", "Campinglaterne"),
             ("Bike Light",
             "Fahrradlicht")), (19, 179), (40, 390), ONE_SIZE, (ALUMINIUM, SILICONE),
             (RUNNING, CAMPING, CYCLING)),
        Kind("sunglasses", ("Sunglasses", "Sonnenbrillen"), (("Sports Sunglasses", "Sportbrille"),
             ("Glacier Glasses", "Gletscherbrille")), (39, 229),
             (22, 48), ONE_SIZE, (CARBON, BAMBOO), (CYCLING, RUNNING, SKIING)),
        Kind("swimwear", ("Swimwear and towels", "Bademode und Handtücher"),
        (("Swim Shorts", "Badeshorts"), ("Swimsuit", "Badeanzug"),
             ("Travel Towel",
             "Reisehandtuch")), (19, 89), (80, 320), CLOTHES, (POLYESTER, NYLON),
             (SWIMMING, TRAVEL)),
    )),
)  # fmt: skip

BRANDS: Final = (
    "Northfell", "Alpenglut", "Kestrel & Co", "Tidewater", "Bruna", "Hollin", "Fjordlight",
    "Marmota", "Orrin", "Pine Ridge", "Sella",
    "Vantage Works", "Yarrow", "Cairn", "Lumen Trail", "Ostwind", "Petrel", "Quarry", "Rowan",
    "Skarn", "Tamarack", "Umbra", "Velo Nord", "Wren",
)  # fmt: skip
LINES: Final = (
    "Aurora", "Basin", "Cirrus", "Drift", "Ember", "Falcon", "Glade", "Harrier", "Isar", "Juniper",
    "Karst", "Lynx", "Moraine", "Nimbus", "Otter",
    "Pamir", "Quill", "Ravine", "Saga", "Talus", "Ulmus", "Vesper", "Willow", "Xylo", "Yukon",
    "Zephyr", "Arête", "Boreal", "Corrie", "Dune",
    "Elbrus", "Fathom", "Gneiss", "Heron", "Inlet", "Jura", "Kite", "Larch", "Mistral", "Nunatak",
)  # fmt: skip
COLOURS: Final = (
    "Black", "Slate", "Forest Green", "Navy", "Rust", "Sand", "Sky Blue", "Plum", "Mustard",
    "Coral", "Ivory", "Olive", "Teal", "Charcoal",
)  # fmt: skip
OPENINGS: Final = (
    ("Made for long days of {use}, {line} forgets the weather so that you can too.",
     "Gemacht für lange Tage beim {use}: {line} denkt ans Wetter, damit Sie es nicht müssen."),
    ("{line} is the one that comes along every time, whether for {use} or on the way to work.",
     "{line} ist jedes Mal dabei, beim {use} wie auf dem Weg zur Arbeit."),
    ("Light where it can be, strong where it must be: {line} is our answer to {use}.",
     "Leicht, wo es geht, robust, wo es sein muss: {line} ist unsere Antwort auf {use}."),
    ("With {line} we left out everything that {use} does not need, and kept the rest simple.",
     "Bei {line} haben wir weggelassen, was man beim {use} nicht braucht; der Rest ist einfach "
     "geblieben."),
    ("{line} is for people who would rather be outside than talk about gear.",
     "{line} ist für alle, die lieber draußen sind, als über Ausrüstung zu reden."),
)  # fmt: skip
MIDDLES: Final = (
    ("{material} keeps its shape through many "
     "seasons.", "{material} behält über viele Saisons die Form."),
    ("We chose {material_lower} because it lasts.", "{material} haben wir gewählt, weil es hält."),
    ("At {weight} g you notice "
     "only that you do not notice "
     "it.", "Mit {weight} g merkt man vor allem, dass man nichts merkt."),
    ("Every part that wears out can be replaced, and we keep spares for ten years.",
     "Jedes Verschleißteil ist ersetzbar; Ersatzteile gibt es zehn Jahre lang."),
    ("It packs small and is ready in a moment.", "Klein verpackt und schnell bereit."),
)  # fmt: skip
SOFT_MIDDLES: Final = (
    (
        "Seams lie flat and away from where straps rub.",
        "Die Nähte liegen flach und nicht dort, wo Riemen scheuern.",
    ),
    ("Washed in the evening, dry in the morning.", "Abends gewaschen, morgens trocken."),
    (
        "Reflective details make you visible at dusk.",
        "Reflektierende Details machen in der Dämmerung sichtbar.",
    ),
)
CLOSINGS: Final = (
    ("Care for it a little, and it will care for you.", "Etwas Pflege, und es hält."),
    ("Repairs are free in the first two years.", "Reparaturen sind zwei Jahre lang kostenlos."),
    ("Tested by our own team through one "
     "wet autumn.", "Von unserem Team einen nassen Herbst lang getestet."),
    ("Made in Europe, shipped without plastic.", "In Europa gefertigt, ohne Plastik verschickt."),
    ("If it does not suit you, send it back within "
     "30 days.", "Wenn etwas nicht passt: 30 Tage Rückgabe."),
)  # fmt: skip
SEASONS: Final = ("Spring/Summer", "Autumn/Winter", "All year")
FEATURES: Final = (
    "Waterproof",
    "Windproof",
    "Breathable",
    "Quick-drying",
    "Ultralight",
    "Insulated",
    "Reflective",
    "Vegan",
)
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
