"""Words by which the tone of a text is told, in English and German. Made for shops, by hand.

No published lexicon was used. Adjectives and verbs stand in their base form; `sentiment` takes
their endings off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language.

    `common` are frequent words by which the language is told. `negations` turn what follows
    around, `turns` begin the part of a sentence that counts more. `endings` are inflections.
    """

    positive: frozenset[str]
    negative: frozenset[str]
    negations: frozenset[str]
    turns: frozenset[str]
    common: frozenset[str]
    endings: tuple[str, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH: Final = Lexicon(
    positive=_words(
        "good great excellent amazing awesome fantastic perfect love lovely like nice best "
        "better happy pleased satisfied delighted glad enjoy enjoyable friendly helpful kind "
        "polite fast quick prompt swift easy simple smooth clear comfortable beautiful pretty "
        "gorgeous sturdy solid reliable recommend thank thanks wonderful brilliant superb "
        "outstanding flawless cheap affordable worth bargain fair generous fresh soft warm cosy "
        "cozy accurate correct punctual early efficient effortless professional attentive "
        "responsive impressive impressed fine cool super top well works convenient safe trust "
        "thrilled useful favourite favorite durable tasty stylish elegant seamless intuitive "
        "hassle-free speedy pleasant pleasure exceeded bonus praise fun satisfying"
    ),
    negative=_words(
        "bad poor terrible awful horrible worst worse hate dislike disappointed disappointing "
        "disappointment unhappy dissatisfied unsatisfied annoyed annoying angry frustrated "
        "frustrating frustration upset rude unfriendly unhelpful slow late delay delayed "
        "overdue difficult hard complicated confusing confused unclear broken break damaged "
        "damage defective faulty cracked torn dirty wrong missing lost incomplete expensive "
        "overpriced waste rubbish trash junk useless cheaply flimsy uncomfortable ugly stain "
        "smell smelly leak leaks leaking crash crashed error fail failed failure bug problem "
        "issue trouble complaint complain refund ignored ignore never unacceptable unreliable "
        "scam fraud fake misleading lie lied cancelled impossible pain painful nightmare mess "
        "messy scratched scratch scratchy itchy tight shrunk faded sucks regret avoid stuck "
        "clumsy tedious noisy bent unresponsive shoddy lousy mediocre boring tasteless stale "
        "spoiled inaccurate incorrect unprofessional careless loose unfortunately sadly hassle "
        "struggle struggled unfair unsafe worthless hidden"
    ),
    negations=_words(
        "not no never none without hardly barely neither nor nobody nothing isn't wasn't aren't "
        "weren't don't doesn't didn't can't cannot couldn't won't wouldn't haven't hasn't "
        "hadn't shouldn't isnt wasnt dont doesnt didnt cant wont lacks lacking"
    ),
    turns=_words("but however although though yet except unfortunately sadly"),
    common=_words(
        "the a an and i it is was my you to of for in on with this that they we are very were "
        "have has had at be but not so your from me their all just as would will could our "
        "there"
    ),
    endings=("ly", "ed", "ing", "es", "s", "d", "er", "est", "r", "st"),
)
_GERMAN: Final = Lexicon(
    positive=_words(
        "gut super toll prima klasse spitze perfekt ausgezeichnet hervorragend wunderbar "
        "großartig fantastisch genial schön hübsch liebe lieben mag gefällt gefallen begeistert "
        "zufrieden glücklich froh freundlich hilfsbereit nett höflich kompetent schnell zügig "
        "rasch prompt einfach unkompliziert leicht reibungslos problemlos übersichtlich bequem "
        "angenehm stabil robust zuverlässig empfehlen empfehlenswert danke dank vielen günstig "
        "preiswert fair pünktlich ordentlich sauber frisch weich warm passt passend hochwertig "
        "wertig lecker gerne gern bestens top einwandfrei tadellos klar verständlich praktisch "
        "nützlich sicher beeindruckt beeindruckend freude freue lob vorbildlich kulant elegant "
        "schick tipptopp lohnt stimmig großzügig besser beste optimal geschmackvoll sorgfältig "
        "liebevoll"
    ),
    negative=_words(
        "schlecht schrecklich furchtbar katastrophal katastrophe mies mangelhaft enttäuscht "
        "enttäuschend enttäuschung unzufrieden ärgerlich verärgert ärger sauer genervt nervig "
        "frustriert frustrierend unfreundlich unhöflich inkompetent langsam spät verspätet "
        "verspätung verzögert verzögerung schwierig kompliziert umständlich verwirrend "
        "unübersichtlich unklar kaputt defekt beschädigt schaden zerbrochen zerrissen gerissen "
        "schmutzig dreckig falsch fehlt fehlte fehlen fehlend unvollständig teuer überteuert "
        "verschwendung schrott müll nutzlos unbrauchbar billig unbequem hässlich stinkt riecht "
        "undicht absturz abgestürzt fehler fehlerhaft problem reklamation beschwerde ignoriert "
        "unverschämt unzuverlässig betrug fälschung irreführend gelogen storniert unmöglich "
        "zumutung chaos chaotisch zerkratzt kratzt eng verwaschen bereue leider abgelehnt "
        "schlimm schlimmer schlechter hängt lieblos ungenießbar verdorben mühsam laut verbogen "
        "unsauber wackelt wackelig rückgabe verloren vergessen unseriös frechheit mogelpackung "
        "zerknittert unerreichbar langwierig lästig mangel mängel"
    ),
    negations=_words(
        "nicht kein keine keinen keinem keiner keines nie niemals ohne weder nichts kaum "
        "niemand wenig"
    ),
    turns=_words("aber jedoch allerdings obwohl doch nur leider trotzdem"),
    common=_words(
        "der die das und ich es ist war mein meine sie zu von für im in mit dies dieser wir "
        "sind sehr waren haben hat hatte bei aber nicht so ihr ihre mir mich alle auch als wird "
        "wurde ein eine einen am auf den dem nach noch wie bin man zum zur"
    ),
    endings=("er", "es", "en", "em", "e", "n", "s", "t", "te", "ten"),
)
LEXICONS: Final[Mapping[str, Lexicon]] = {"en": _ENGLISH, "de": _GERMAN}
