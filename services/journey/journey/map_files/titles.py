"""Words of files of maps, by language; English where a language has none."""

from typing import Final

_GERMAN: Final = {
    "sub_stages": "Teilphasen",
    "emotion_curve": "Gefühlskurve",
    "goals": "Ziele",
    "actions": "Handlungen",
    "touchpoints": "Kontaktpunkte",
    "emotions": "Gefühle",
    "pains": "Schmerzpunkte",
    "moments_of_truth": "Momente der Wahrheit",
    "opportunities": "Chancen",
    "metrics": "Kennzahlen",
    "branches": "Abzweige",
    "people": "Personen",
    "conversion": "Anteil der Phase davor",
    "revenue": "Umsatz",
    "meaning": "Bedeutung",
    "personas": "Personas",
    "steps": "Schritt für Schritt",
    "about": "Über diese Karte",
    "lanes": "Bahnen",
    "lane": "Bahn",
    "stage": "Phase",
    "channels": "Kanäle",
    "touchpoint_pool": "Kontaktpunkte ohne Phase",
    "traits": "Merkmale",
    "segment": "Segment",
    "yes": "ja",
    "no": "nein",
    "target": "Ziel",
    "impact": "Auswirkung",
    "owner": "verantwortlich",
    "trivial": "kaum spürbar",
    "workaround": "mit Umweg",
    "abandons": "gibt auf",
    "orders": "Bestellungen",
    "pain": "Schmerzpunkt",
    "emotion": "Gefühl",
    "all_time": "Zahlen aller Zeiten",
    "estimate": "Die Zahlen sind aus einer Stichprobe geschätzt.",
}
_ENGLISH: Final = {
    "sub_stages": "Sub-stages",
    "emotion_curve": "Emotion curve",
    "conversion": "Share of the stage before",
    "steps": "Step by step",
    "about": "About this map",
    "touchpoint_pool": "Touchpoints without a stage",
    "moments_of_truth": "Moments of truth",
    "yes": "yes",
    "no": "no",
    "target": "target",
    "impact": "impact",
    "owner": "owner",
    "trivial": "hardly felt",
    "workaround": "finds a way around it",
    "abandons": "gives up",
    "orders": "orders",
    "all_time": "Numbers of all time",
    "estimate": "The numbers are estimated from a sample.",
}


def title(name: str, locale: str) -> str:
    """Returns the word of a name, e.g. Moments of truth; else the name, spelled as a title."""
    is_german = locale.split("-")[0] == "de"
    return (_GERMAN.get(name) if is_german else None) or _ENGLISH.get(name) or spelled(name)


def spelled(name: str) -> str:
    """Returns a name of a field as a title."""
    told = name.replace("_", " ").replace("-", " ").strip()
    return told[:1].upper() + told[1:]
