"""Words of a language are found however they are spelt."""

from __future__ import annotations

import pytest

from catalog.search.analysis import Analysis


def stems(locale: str, text: str) -> set[tuple[str, ...]]:
    return {word.terms for word in Analysis(locale).words(text)}


@pytest.mark.parametrize(
    ("locale", "spellings"),
    [
        ("en", "jacket jackets JACKET"),
        ("de", "Jäger Jaeger Jager jägern"),
        ("de", "Straße STRASSE strasse"),
        ("de", "Größe groesse Grosse"),
        ("de-CH", "Jacke Jacken"),
        ("nl", "jas jassen"),
        ("da", "blå blaa bla"),
        ("sv", "jacka jackor"),
        ("nb", "Sølv soelv solv"),
        ("fr", "étui ETUI"),
        ("tr", "KIRMIZI kırmızı"),
        ("tr", "İstanbul istanbul"),
        ("ar", "مدرسة مدرسه"),
        ("ar", "أحمد احمد أَحْمَد"),
    ],
)
def test_spellings_of_a_word_have_one_stem(locale: str, spellings: str) -> None:
    assert len(stems(locale, spellings)) == 1


@pytest.mark.parametrize("text", ["neue Quelle", "blaue", "Feuer"])
def test_a_vowel_before_e_is_no_spelt_out_umlaut(text: str) -> None:
    assert [word.text for word in Analysis("de").words(text)] == text.lower().split()


def test_an_unspaced_script_is_indexed_by_pairs_and_by_characters() -> None:
    analysis = Analysis("ja")

    assert analysis.words("防水靴")[0].terms == ("防水", "水靴")
    assert analysis.terms("防水靴") == ["防水", "水靴", "防", "水", "靴"]
    assert analysis.words("靴")[0].terms == ("靴",)


def test_full_width_letters_are_letters() -> None:
    assert [word.text for word in Analysis("ja").words("ＧＯＲＥ")] == ["gore"]


def test_hyphenated_words_are_one_word_too() -> None:
    assert Analysis("en").terms("T-Shirt") == ["t", "shirt", "tshirt"]


def test_words_without_meaning_are_known() -> None:
    assert [word.text for word in Analysis("de").words("Jacke für die Frau") if word.is_stop] == [
        "fur",
        "die",
    ]


def test_a_folded_word_is_shown_as_it_was_written() -> None:
    analysis = Analysis("de")
    analysis.words("Handschuhe für Läufer")

    assert analysis.spelling("laufer") == "läufer"
