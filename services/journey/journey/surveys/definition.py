"""Rules of surveys and of answers to them."""

from collections.abc import Mapping, Sequence
from typing import Final

from journey.errors import InvalidAnswer, InvalidSurvey, InvalidTouchpoint, SurveyHasAnswers
from journey.surveys.model import (
    MOST_STEPS,
    MOST_TEXT,
    SCORE,
    SCORES,
    AnswerValue,
    Medium,
    Question,
    QuestionType,
    Survey,
    SurveyType,
)
from journey.touchpoints.kinds import MOST_KIND, parse_kind

# Kinds whose events have an address.
MAILED_KINDS: Final = frozenset(
    {"order.placed", "order.shipped", "order.delivered", "order.cancelled"}
)
_WITH_CHOICES: Final = (QuestionType.CHOICE, QuestionType.MULTIPLE_CHOICE)
# The field of an answer by the kind of its question.
_FIELD_OF: Final = {
    QuestionType.CHOICE: "choices",
    QuestionType.MULTIPLE_CHOICE: "choices",
    QuestionType.SCALE: "number",
    QuestionType.TEXT: "text",
}
# The usual questions. NPS: Reichheld 2003. CES: version 2.0, Dixon, Toman, DeLisi 2013.
SCORE_TEXTS: Final[Mapping[SurveyType, Mapping[str, str]]] = {
    SurveyType.NPS: {
        "en": "How likely are you to recommend us to a friend?",
        "de": "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
    },
    SurveyType.CSAT: {
        "en": "How satisfied are you?",
        "de": "Wie zufrieden sind Sie?",
    },
    SurveyType.CES: {
        "en": "Do you agree that we made it easy for you?",
        "de": "Stimmen Sie zu, dass wir es Ihnen leicht gemacht haben?",
    },
}


def score_texts(survey: Survey) -> Mapping[str, str]:
    """Returns the question for the score by locale; empty without one."""
    return survey.score_text or SCORE_TEXTS.get(survey.type, {})


def check_survey(survey: Survey) -> None:
    """Raises InvalidSurvey for the first rule that a survey breaks."""
    _check_trigger(survey)
    if survey.starts_at and survey.ends_at and survey.starts_at >= survey.ends_at:
        raise InvalidSurvey(path="ends_at", problem="after starts_at")
    if survey.type is SurveyType.FREE and not survey.questions:
        raise InvalidSurvey(path="questions", problem="a survey without a score has a question")
    if survey.type is SurveyType.FREE and survey.score_text:
        raise InvalidSurvey(path="score_text", problem="only where a score is asked for")
    if survey.score_text and "en" not in survey.score_text:
        raise InvalidSurvey(path="score_text", problem="a text for en at least")
    if survey.follow_up_at is not None:
        lowest, highest = SCORES.get(survey.type, (0, -1))
        if not lowest <= survey.follow_up_at <= highest:
            raise InvalidSurvey(path="follow_up_at", problem="a score of the survey")
    ids = [question.id for question in survey.questions]
    if len(set(ids)) < len(ids) or SCORE in ids:
        raise InvalidSurvey(path="questions", problem="ids are unique, and none is `score`")
    for index, question in enumerate(survey.questions):
        _check_question(question, f"questions[{index}]")


def _check_trigger(survey: Survey) -> None:
    trigger = survey.trigger
    try:
        parse_kind(trigger.kind)
    except InvalidTouchpoint:
        raise InvalidSurvey(
            path="trigger.kind", problem=f"a kind of touchpoint, at most {MOST_KIND} characters"
        ) from None
    if Medium.MAIL in trigger.media and trigger.kind not in MAILED_KINDS:
        kinds = ", ".join(sorted(MAILED_KINDS))
        raise InvalidSurvey(path="trigger.media", problem=f"by mail only after {kinds}")


def _check_question(question: Question, path: str) -> None:
    if "en" not in question.text:
        raise InvalidSurvey(path=f"{path}.text", problem="a text for en at least")
    if question.type in _WITH_CHOICES:
        ids = [choice.id for choice in question.choices]
        if len(ids) < 2 or len(set(ids)) < len(ids):
            raise InvalidSurvey(path=f"{path}.choices", problem="at least two, with unique ids")
        if any("en" not in choice.text for choice in question.choices):
            raise InvalidSurvey(path=f"{path}.choices", problem="a text for en at least")
    elif question.choices:
        raise InvalidSurvey(path=f"{path}.choices", problem="only of choices")
    if question.type is QuestionType.SCALE:
        if not question.lowest < question.highest <= question.lowest + MOST_STEPS:
            raise InvalidSurvey(
                path=f"{path}.highest", problem=f"above lowest, by at most {MOST_STEPS}"
            )
    elif question.lowest or question.highest:
        raise InvalidSurvey(path=f"{path}.highest", problem="only of a scale")


def check_change(before: Survey, after: Survey) -> None:
    """Raises SurveyHasAnswers where a change would part answers from their questions."""
    if after.type is not before.type:
        raise SurveyHasAnswers(path="type")
    kept = {question.id: question for question in after.questions}
    for index, question in enumerate(before.questions):
        now = kept.get(question.id)
        scale = (question.type, question.lowest, question.highest)
        if now is None or (now.type, now.lowest, now.highest) != scale:
            raise SurveyHasAnswers(path=f"questions[{index}]")
        if {one.id for one in question.choices} - {one.id for one in now.choices}:
            raise SurveyHasAnswers(path=f"questions[{index}].choices")


def check_answers(
    survey: Survey, score: int | None, values: Sequence[AnswerValue]
) -> list[AnswerValue]:
    """Returns the answers that say something, in the order of their questions.

    Raises InvalidAnswer.
    """
    _check_score(survey, score)
    given = {value.question: value for value in values}
    if len(given) < len(values):
        raise InvalidAnswer(path="answers", problem="one answer for each question")
    questions = {question.id: question for question in survey.questions}
    if unknown := sorted(given.keys() - questions.keys()):
        raise InvalidAnswer(path=f"answers.{unknown[0]}", problem="no such question")
    found = []
    for question in survey.questions:
        value = _answer(question, given.get(question.id))
        if value is not None:
            found.append(value)
        elif question.is_required:
            raise InvalidAnswer(path=f"answers.{question.id}", problem="an answer is needed")
    if survey.type is SurveyType.FREE and not found:
        raise InvalidAnswer(path="answers", problem="an answer to one question at least")
    return found


def _check_score(survey: Survey, score: int | None) -> None:
    if survey.type is SurveyType.FREE:
        if score is not None:
            raise InvalidAnswer(path="score", problem="the survey asks for none")
        return
    lowest, highest = SCORES[survey.type]
    if score is None or not lowest <= score <= highest:
        raise InvalidAnswer(path="score", problem=f"a number from {lowest} to {highest}")


def _answer(question: Question, value: AnswerValue | None) -> AnswerValue | None:
    """Returns what a question's kind takes of an answer; None where it says nothing."""
    if value is None:
        return None
    path, text = f"answers.{question.id}", value.text.strip()
    given = {
        "choices": bool(value.choices),
        "number": value.number is not None,
        "text": bool(text),
    }
    own = _FIELD_OF[question.type]
    if any(is_given for name, is_given in given.items() if name != own):
        raise InvalidAnswer(path=path, problem=f"`{own}`, as a {question.type} question has")
    if not given[own]:
        return None
    match question.type:
        case QuestionType.CHOICE | QuestionType.MULTIPLE_CHOICE:
            known = [one.id for one in question.choices if one.id in value.choices]
            if len(known) < len(value.choices):
                raise InvalidAnswer(path=path, problem="choices of the question, each once")
            if question.type is QuestionType.CHOICE and len(known) > 1:
                raise InvalidAnswer(path=path, problem="one choice")
            return AnswerValue(question.id, choices=known)
        case QuestionType.SCALE:
            if value.number is None or not question.lowest <= value.number <= question.highest:
                problem = f"a number from {question.lowest} to {question.highest}"
                raise InvalidAnswer(path=path, problem=problem)
            return AnswerValue(question.id, number=value.number)
        case QuestionType.TEXT:
            if len(text) > MOST_TEXT:
                raise InvalidAnswer(path=path, problem=f"at most {MOST_TEXT} characters")
            return AnswerValue(question.id, text=text)
