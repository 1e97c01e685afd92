"""The tone of texts, against labels by hand that the lexicon was not made from.

The texts were written after the lexicon, and no word was added to it because of them: a text that
it gets wrong stays wrong.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from journey.sentiment.sentiment import classify_sentiment
from journey.surveys.model import Sentiment

POSITIVE, NEUTRAL, NEGATIVE = Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE
ENGLISH: Final = {
    "Arrived a day early and exactly as described.": POSITIVE,
    "My kids love it.": POSITIVE,
    "Checkout was painless.": POSITIVE,
    "I would order again any time.": POSITIVE,
    "Everything went smoothly, thank you!": POSITIVE,
    "The jacket is not bad at all.": POSITIVE,
    "Great value for money.": POSITIVE,
    "Your support team answered within minutes and was very kind.": POSITIVE,
    "I have never had a problem with this shop.": POSITIVE,
    "The fit is perfect and the fabric feels soft.": POSITIVE,
    "So far so good, I can recommend it.": POSITIVE,
    "Delivery took long but the quality is outstanding.": POSITIVE,
    "Works like a charm.": POSITIVE,
    "Easy to find what I was looking for.": POSITIVE,
    "Five stars from me.": POSITIVE,
    "The tent kept us dry through a storm.": POSITIVE,
    "I ordered two pairs of socks.": NEUTRAL,
    "The parcel came on Tuesday.": NEUTRAL,
    "It is for my brother.": NEUTRAL,
    "I have not tried it yet.": NEUTRAL,
    "Do you also ship to Norway?": NEUTRAL,
    "The box was brown.": NEUTRAL,
    "I found the shop through an ad.": NEUTRAL,
    "We paid with a card.": NEUTRAL,
    "This was my second order.": NEUTRAL,
    "I will see how it holds up.": NEUTRAL,
    "The size chart is on the product page.": NEUTRAL,
    "It was a gift.": NEUTRAL,
    "The zip broke on the first day.": NEGATIVE,
    "Nobody answered my mail.": NEGATIVE,
    "I am still waiting for my refund.": NEGATIVE,
    "Not worth the price.": NEGATIVE,
    "The website kept crashing on my phone.": NEGATIVE,
    "It does not work.": NEGATIVE,
    "You sent the wrong colour, twice.": NEGATIVE,
    "Really disappointed with the quality.": NEGATIVE,
    "I would not recommend this to anyone.": NEGATIVE,
    "The colour is nice but it fell apart after one wash.": NEGATIVE,
    "Took three weeks to arrive.": NEGATIVE,
    "The support was anything but helpful.": NEGATIVE,
    "Way too expensive for what you get.": NEGATIVE,
    "I could not find the return form.": NEGATIVE,
    "Terrible packaging, the mug was in pieces.": NEGATIVE,
    "Never again.": NEGATIVE,
    "The courier was rude and left the parcel in the rain.": NEGATIVE,
    "My discount code was not accepted.": NEGATIVE,
}
GERMAN: Final = {
    "Kam einen Tag früher als angekündigt, alles wie beschrieben.": POSITIVE,
    "Meine Kinder lieben es.": POSITIVE,
    "Die Bestellung ging schnell und unkompliziert.": POSITIVE,
    "Gerne wieder!": POSITIVE,
    "Alles bestens, vielen Dank.": POSITIVE,
    "Die Jacke ist gar nicht schlecht.": POSITIVE,
    "Super Preis-Leistungs-Verhältnis.": POSITIVE,
    "Der Kundendienst war sehr freundlich und hat sofort geholfen.": POSITIVE,
    "Hatte hier noch nie Probleme.": POSITIVE,
    "Passt perfekt, und der Stoff ist angenehm weich.": POSITIVE,
    "Ich kann den Laden nur empfehlen.": POSITIVE,
    "Die Lieferung hat gedauert, aber die Qualität ist hervorragend.": POSITIVE,
    "Funktioniert einwandfrei.": POSITIVE,
    "Ich habe sofort gefunden, was ich suchte.": POSITIVE,
    "Volle Punktzahl von mir.": POSITIVE,
    "Das Zelt hat auch im Sturm dichtgehalten.": POSITIVE,
    "Ich habe zwei Paar Socken bestellt.": NEUTRAL,
    "Das Paket kam am Dienstag.": NEUTRAL,
    "Es ist für meinen Bruder.": NEUTRAL,
    "Ich habe es noch nicht ausprobiert.": NEUTRAL,
    "Liefern Sie auch nach Norwegen?": NEUTRAL,
    "Der Karton war braun.": NEUTRAL,
    "Ich bin durch eine Anzeige auf den Laden gekommen.": NEUTRAL,
    "Wir haben mit Karte bezahlt.": NEUTRAL,
    "Das war meine zweite Bestellung.": NEUTRAL,
    "Mal sehen, wie lange es hält.": NEUTRAL,
    "Die Größentabelle steht auf der Produktseite.": NEUTRAL,
    "Es war ein Geschenk.": NEUTRAL,
    "Der Reißverschluss ist am ersten Tag kaputtgegangen.": NEGATIVE,
    "Niemand hat auf meine Mail geantwortet.": NEGATIVE,
    "Ich warte immer noch auf mein Geld.": NEGATIVE,
    "Den Preis nicht wert.": NEGATIVE,
    "Die Seite ist auf meinem Handy ständig abgestürzt.": NEGATIVE,
    "Es funktioniert nicht.": NEGATIVE,
    "Zweimal die falsche Farbe geliefert.": NEGATIVE,
    "Von der Qualität bin ich sehr enttäuscht.": NEGATIVE,
    "Das würde ich niemandem empfehlen.": NEGATIVE,
    "Die Farbe ist schön, aber nach einer Wäsche war es kaputt.": NEGATIVE,
    "Hat drei Wochen gedauert.": NEGATIVE,
    "Der Kundendienst war alles andere als hilfsbereit.": NEGATIVE,
    "Viel zu teuer für das, was man bekommt.": NEGATIVE,
    "Das Rücksendeformular war nicht zu finden.": NEGATIVE,
    "Schlecht verpackt, die Tasse kam in Scherben an.": NEGATIVE,
    "Nie wieder.": NEGATIVE,
    "Der Bote war unhöflich und hat das Paket im Regen stehen lassen.": NEGATIVE,
    "Mein Gutschein wurde nicht angenommen.": NEGATIVE,
}
_PAGE: Final = Path(__file__).parents[4] / "docs" / "journeys.md"


def share_right(labelled: dict[str, Sentiment]) -> int:
    """Returns the percentage of texts whose tone is told right."""
    right = sum(classify_sentiment(text) is label for text, label in labelled.items())
    return round(100 * right / len(labelled))


def test_the_docs_state_the_accuracy_that_is_measured_here() -> None:
    text = " ".join(_PAGE.read_text(encoding="utf-8").split())

    found = re.search(r"(\d+) % of (\d+) English and (\d+) % of (\d+) German texts", text)

    assert found is not None
    assert [int(number) for number in found.groups()] == [
        share_right(ENGLISH),
        len(ENGLISH),
        share_right(GERMAN),
        len(GERMAN),
    ]


@pytest.mark.parametrize("labelled", [ENGLISH, GERMAN], ids=["en", "de"])
def test_good_and_bad_are_seldom_taken_for_each_other(labelled: dict[str, Sentiment]) -> None:
    opposite = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}
    swapped = [
        text
        for text, label in labelled.items()
        if label in opposite and classify_sentiment(text) is opposite[label]
    ]

    assert len(swapped) <= len(labelled) // 10, swapped


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("good", POSITIVE),
        ("not good", NEGATIVE),
        ("Das gefällt mir nicht.", NEGATIVE),
        ("kein Problem", POSITIVE),
        ("It’s not good.", NEGATIVE),
        ("La livraison était très rapide, merci beaucoup.", Sentiment.UNKNOWN),
        ("配送很快", Sentiment.UNKNOWN),
        ("12345", Sentiment.UNKNOWN),
        ("", Sentiment.UNKNOWN),
    ],
)
def test_a_negation_turns_a_word_around_and_other_languages_are_unknown(
    text: str, tone: Sentiment
) -> None:
    assert classify_sentiment(text) is tone
