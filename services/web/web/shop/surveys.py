"""The page of a survey link. It works without JavaScript, on a phone too.

The token is in the path: without JavaScript a fragment could not be read. It answers one survey
and nothing else, and paths are recorded nowhere. Following the link answers nothing yet.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.gateway_client import Problem
from web.server.requests import read_form
from web.shop.languages import language_of
from web.shop.model import Survey, SurveyQuestion
from web.shop.visits import Visit

Form = Mapping[str, str]
# A survey has at most 20 questions of at most 30 choices, and texts of 2,000 characters.
_MOST_FIELDS: Final = 700
_MOST_BYTES: Final = 512 * 1024
_LONGEST_TEXT: Final = 2_000
_LONGEST_TOKEN: Final = 200


async def show_survey(request: Request) -> Response:
    """Shows the questions. A score that was chosen in a mail (`?score=7`) is marked."""
    visit = Visit.of_request(request)
    return await _ask(visit, {"score": request.query_params.get("score", "")})


async def answer_survey(request: Request) -> Response:
    """Sends the answers, or says that the reader does not want to answer."""
    form = await read_form(request, most_fields=_MOST_FIELDS, most_bytes=_MOST_BYTES)
    visit = Visit.of_request(request)
    token = _token_of(request)
    if "decline" in form:
        return await _send(visit, "/v1/surveys/decline", {"token": token}, "survey.declined", form)
    try:
        survey = await _open(visit)
    except Problem as problem:
        return _over(visit, problem)
    body: dict[str, object] = {
        "token": token,
        "locale": survey.locale,
        "answers": [
            answer for one in survey.questions if (answer := _answer_of(one, form)) is not None
        ],
    }
    if form.get("score", "").isdecimal():
        body["score"] = int(form["score"][:3])
    return await _send(visit, "/v1/surveys/answer", body, "survey.done", form)


async def _send(
    visit: Visit, path: str, body: Mapping[str, object], done: str, form: Form
) -> Response:
    try:
        await visit.ask("POST", path, body=body)
    except Problem as problem:
        if problem.reason in ("INVALID_ANSWER", "INVALID_FIELD", "MALFORMED_REQUEST"):
            return await _ask(visit, form, message="survey.wrong", status=422)
        return _over(visit, problem)
    return visit.render("shop/survey_done.html", message=done)


async def _ask(visit: Visit, form: Form, *, message: str = "", status: int = 200) -> Response:
    try:
        survey = await _open(visit)
    except Problem as problem:
        return _over(visit, problem)
    return visit.render(
        "shop/survey.html", status=status, survey=survey, form=form, message=message
    )


async def _open(visit: Visit) -> Survey:
    body = {"token": _token_of(visit.request), "locale": language_of(visit.request).code}
    return (await visit.ask("POST", "/v1/surveys/open", body=body)).read(Survey)


def _token_of(request: Request) -> str:
    return str(request.path_params["token"])[:_LONGEST_TOKEN]


def _over(visit: Visit, problem: Problem) -> Response:
    """Returns a page that says that there is nothing to answer. Raises any other Problem."""
    if problem.reason == "SURVEY_EXPIRED":
        return visit.render("shop/survey_done.html", status=410, message="survey.over")
    if problem.status in (404, 422):
        return visit.render("shop/survey_done.html", status=404, message="invalid")
    raise problem


def _answer_of(question: SurveyQuestion, form: Form) -> dict[str, object] | None:
    """Returns the answer to a question as the gateway takes it; None where there is none."""
    given = form.get(f"q.{question.id}", "").strip()
    match question.type:
        case "multiple_choice":
            chosen = [one.id for one in question.choices if f"q.{question.id}.{one.id}" in form]
            return {"question": question.id, "choices": chosen} if chosen else None
        case "choice":
            return {"question": question.id, "choices": [given]} if given else None
        case "scale":
            if not given.isdecimal():
                return None
            return {"question": question.id, "number": int(given[:3])}
    return {"question": question.id, "text": given[:_LONGEST_TEXT]} if given else None
