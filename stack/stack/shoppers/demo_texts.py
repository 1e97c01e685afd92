"""Names and texts of which the demo shop's products are made, in English and German."""

from typing import Final

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
