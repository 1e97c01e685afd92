"""The assortment of the demo shop: departments and what they sell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


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
