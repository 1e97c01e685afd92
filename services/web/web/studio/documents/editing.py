"""The page on which a stage of a map is edited, beside what others change meanwhile."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.gateway_client import Call, Caller, Problem
from web.server.requests import Refusal, read_form, web_of
from web.studio.documents.comparing import texts_of_value
from web.studio.documents.edits import (
    ARRANGE,
    Document,
    Edit,
    apply_edit,
    fields_of,
    find_stage,
    stages_of,
)
from web.studio.documents.grid import Grid, describe_grid
from web.studio.documents.model import Conflict, Merged, Sharing
from web.studio.documents.slugs import MAP, slug_of
from web.studio.model import MapSummary, text_of
from web.studio.words import Words, words_of

_DOCUMENT: Final = TypeAdapter(dict[str, JsonValue])
_MOST_FIELDS: Final = 3_000
_LONGEST_FORM: Final = 1024 * 1024
_MAY_EDIT: Final = frozenset({"edit", "own"})
_MISTAKES: Final = (400, 409, 422)
_CHOICE: Final = "choice:"
_SIDES: Final = frozenset({"mine", "theirs"})


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """A place that two people changed. `name` is the form's field for the choice."""

    name: str
    place: str
    base: Sequence[str]
    mine: Sequence[str]
    theirs: Sequence[str]


async def show_editor(request: Request, caller: Caller) -> Response:
    """Shows the form of a stage."""
    return await _show(request, caller, request.query_params.get("stage", ""))


async def show_grid(request: Request, caller: Caller) -> Response:
    """Shows the form of all stages, whose texts are moved from cell to cell."""
    return await _show_grid(request, caller)


async def save_edit(request: Request, caller: Caller) -> Response:
    """Saves a form beside what others saved since it was opened, or asks whose value counts."""
    form = await read_form(request, most_fields=_MOST_FIELDS, most_bytes=_LONGEST_FORM)
    slug, edit = slug_of(request), Edit.from_form(form)
    base = await _document(request, caller, edit.base_version)
    body = {
        "map": apply_edit(base, edit),
        "base_version": edit.base_version,
        "choices": [
            {"pointer": name.removeprefix(_CHOICE), "side": side}
            for name, side in form.items()
            if name.startswith(_CHOICE) and side in _SIDES
        ],
    }
    call = Call(
        "POST",
        f"{MAP}/edits",
        caller,
        values={"slug": slug},
        body=body,
        key=form.get("key", "")[:100] or secrets.token_urlsafe(),
    )
    try:
        merged = (await web_of(request).gateway.ask(call)).read(Merged)
    except Problem as problem:
        if problem.status not in _MISTAKES:
            raise
        if edit.action == ARRANGE:
            return await _show_grid(request, caller, edit=edit, reason=problem.reason)
        return await _show(request, caller, edit.stage, edit=edit, reason=problem.reason)
    if not merged.is_saved:
        return _ask_which(request, form, base, merged.conflicts)
    if edit.action == ARRANGE:
        return RedirectResponse(f"/studio/maps/{slug}/grid?saved=1", status_code=303)
    stage = edit.stage_after(base)
    return RedirectResponse(f"/studio/maps/{slug}/edit?stage={stage}&saved=1", status_code=303)


async def _show(
    request: Request, caller: Caller, stage: str, *, edit: Edit | None = None, reason: str = ""
) -> Response:
    words = words_of(request)
    version, document = await _editable(request, caller, edit)
    stages = stages_of(document)
    chosen = find_stage(document, stage) or (stages[0] if stages else None)
    return web_of(request).pages.render(
        "studio/edit.html",
        status=409 if reason else 200,
        **_shared(request, document, version, reason),
        stages=[(str(one.get("slug", "")), _name_of(one, words)) for one in stages],
        chosen=str(chosen.get("slug", "")) if chosen else "",
        fields=fields_of(document, chosen, words, edit) if chosen else [],
    )


async def _show_grid(
    request: Request, caller: Caller, *, edit: Edit | None = None, reason: str = ""
) -> Response:
    words = words_of(request)
    version, document = await _editable(request, caller, edit)
    names = {str(one.get("slug", "")): _name_of(one, words) for one in stages_of(document)}
    grid: Grid = describe_grid(document, names, words, edit)
    return web_of(request).pages.render(
        "studio/grid.html",
        status=409 if reason else 200,
        **_shared(request, document, version, reason),
        grid=grid,
    )


async def _editable(request: Request, caller: Caller, edit: Edit | None) -> tuple[int, Document]:
    """Returns the version and the document that are edited. Raises Refusal without the role."""
    web, words, values = web_of(request), words_of(request), {"slug": slug_of(request)}
    call = Call("GET", f"{MAP}/sharing", caller, values=values)
    if (await web.gateway.ask(call)).read(Sharing).role not in _MAY_EDIT:
        raise Refusal(403, "MAP_ROLE_REQUIRED", words.text("edit.forbidden"))
    version = edit.base_version if edit else await _version(request, caller)
    return version, await _document(request, caller, version)


def _shared(request: Request, document: Document, version: int, reason: str) -> dict[str, object]:
    """Returns what both forms show; a refusal where the gateway gave a reason."""
    words = words_of(request)
    refused = words.text("edit.refused")
    return {
        "words": words,
        "slug": slug_of(request),
        "title": _name_of(document, words),
        "version": version,
        "key": secrets.token_urlsafe(),
        "is_saved": request.query_params.get("saved") == "1" and not reason,
        "refusal": words.text_or(f"edit.refused.{reason}", refused) if reason else "",
    }


def _ask_which(
    request: Request, form: Mapping[str, str], base: Document, conflicts: Sequence[Conflict]
) -> Response:
    """Shows both values of each place, and keeps the form for when the choice is made."""
    words = words_of(request)
    kept = [(name, value) for name, value in form.items() if name != "key"]
    return web_of(request).pages.render(
        "studio/conflicts.html",
        status=409,
        words=words,
        slug=slug_of(request),
        title=_name_of(base, words),
        kept=[pair for pair in kept if not pair[0].startswith(_CHOICE)],
        conflicts=[describe_conflict(one, base, words) for one in conflicts],
        key=secrets.token_urlsafe(),
    )


def describe_conflict(one: Conflict, base: Document, words: Words) -> ShownConflict:
    """Returns what a page shows of a place that two people changed."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in one.pointer.split("/")[1:]]
    names = {str(stage.get("slug", "")): _name_of(stage, words) for stage in stages_of(base)}
    told = []
    for number, step in enumerate(steps):
        if number == 0 and step in ("stages", "personas"):
            continue
        name = names.get(step, step) if number == 1 else step.partition("|")[0]
        told.append(words.text_or(f"lane.{name}", name.replace("_", " ")))
    return ShownConflict(
        name=_CHOICE + one.pointer,
        place=" · ".join(told) or words.text("finding.whole_map"),
        base=texts_of_value(one.base, words),
        mine=texts_of_value(one.mine, words),
        theirs=texts_of_value(one.theirs, words),
    )


async def _version(request: Request, caller: Caller) -> int:
    call = Call("GET", MAP, caller, values={"slug": slug_of(request)})
    return (await web_of(request).gateway.ask(call)).read(MapSummary).version


async def _document(request: Request, caller: Caller, version: int) -> Document:
    """Returns the document of a version, as it is put."""
    query: dict[str, str | int] = {"format": "json", "version": version}
    call = Call("GET", f"{MAP}/file", caller, values={"slug": slug_of(request)}, query=query)
    answer = await web_of(request).gateway.ask(call)
    try:
        return _DOCUMENT.validate_json(answer.content)
    except ValidationError:
        raise Problem(502, "GATEWAY_REPLY_UNKNOWN") from None


def _name_of(holder: Mapping[str, JsonValue], words: Words) -> str:
    name = holder.get("name")
    texts = {key: str(text) for key, text in name.items()} if isinstance(name, dict) else {}
    return text_of(texts, words.code) or str(holder.get("slug", ""))
