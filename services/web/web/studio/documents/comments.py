"""Comments on a map as its page shows them, and their forms."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.gateway_client import Call, Caller
from web.server.requests import Refusal, read_form, web_of
from web.studio.documents.colleagues import Colleagues
from web.studio.documents.model import Sharing, Thread, ThreadList
from web.studio.documents.slugs import MAP, slug_of
from web.studio.words import Words

_LONGEST_FORM: Final = 32 * 1024
_LONGEST_ID: Final = 36
_MAY_COMMENT: Final = frozenset({"comment", "edit", "own"})
# The lanes that a form offers; the API takes any lane of the map.
LANES: Final = (
    "goals", "actions", "touchpoints", "emotions", "pains", "moments_of_truth", "opportunities",
    "metrics",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment; `note` says whether it was edited or deleted.

    `author` is an e-mail address, empty where it is not known.
    """

    id: str
    text: str
    author: str
    at: str
    note: str
    is_own: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class ShownThread:
    """A thread at its place."""

    id: str
    place: str
    note: str
    is_resolved: bool
    comments: Sequence[ShownComment]


@dataclass(frozen=True, slots=True)
class ShownThreads:
    """The threads of a map. `key` makes a second click of the form harmless.

    `older` is the query of the next page, and `toggle` that of the page with or without the
    resolved ones.
    """

    threads: Sequence[ShownThread]
    older: str
    toggle: str
    with_resolved: bool
    may_comment: bool
    may_delete_any: bool
    key: str


def describe_threads(
    found: ThreadList,
    sharing: Sharing,
    stages: Mapping[str, str],
    words: Words,
    colleagues: Colleagues,
    *,
    with_resolved: bool = False,
) -> ShownThreads:
    """Returns what a page shows of a map's comments. `stages` are names by slug."""
    kept = {"resolved": "true"} if with_resolved else {}
    older = {"threads": found.next_page_token, **kept} if found.next_page_token else {}
    return ShownThreads(
        threads=[_describe(one, stages, words, colleagues) for one in found.threads],
        older=urlencode(older),
        toggle="" if with_resolved else "resolved=true",
        with_resolved=with_resolved,
        may_comment=sharing.role in _MAY_COMMENT,
        may_delete_any=sharing.role == "own",
        key=secrets.token_urlsafe(),
    )


def _describe(
    one: Thread, stages: Mapping[str, str], words: Words, colleagues: Colleagues
) -> ShownThread:
    anchor = one.anchor
    stage = stages.get(anchor.stage, anchor.stage) or words.text("finding.whole_map")
    lane = words.text_or(f"lane.{anchor.lane}", anchor.lane)
    notes = [words.text("comments.orphaned")] if one.is_orphaned else []
    if one.resolved_at is not None:
        notes.append(words.text("comments.resolved", at=words.moment(one.resolved_at)))
    return ShownThread(
        id=one.id,
        place=" · ".join(filter(None, (stage, lane))),
        note=" ".join(notes),
        is_resolved=one.resolved_at is not None,
        comments=[
            ShownComment(
                id=each.id,
                text=each.text,
                author=colleagues.emails.get(each.author_id, ""),
                at=words.moment(each.created_at),
                note=words.text("comments.deleted")
                if each.is_deleted
                else words.text("comments.edited")
                if each.edited_at
                else "",
                is_own=each.is_own and not each.is_deleted,
                is_deleted=each.is_deleted,
            )
            for each in one.comments
        ],
    )


async def change_comments(request: Request, caller: Caller) -> Response:
    """Does what a form of the page says: writes, replies, edits, deletes, resolves or reopens."""
    slug = slug_of(request)
    form = await read_form(request, most_bytes=_LONGEST_FORM)
    method, path, body = _call_of(form)
    call = Call(
        method,
        f"{MAP}/{path}",
        caller,
        values={"slug": slug, "id": form.get("id", "")},
        body=body,
        key=form.get("key", "")[:100] if method == "POST" else "",
    )
    await web_of(request).gateway.ask(call)
    return RedirectResponse(f"/studio/maps/{slug}#comments", status_code=303)


def _call_of(form: Mapping[str, str]) -> tuple[str, str, Mapping[str, object] | None]:
    """Returns method, path and body of the API for a form. Raises Refusal for one of no sense."""
    action, text, id = form.get("action", ""), form.get("text", ""), form.get("id", "")
    if action != "create" and not _is_id(id):
        raise Refusal(422, "INVALID_QUESTION", "Check id.")
    match action:
        case "create":
            anchor = {name: form.get(name, "") for name in ("stage", "lane")}
            given = {name: value for name, value in anchor.items() if value}
            return "POST", "comments", {"text": text, **({"anchor": given} if given else {})}
        case "reply":
            return "POST", "comments", {"text": text, "thread_id": id}
        case "edit":
            return "PATCH", "comments/{id}", {"text": text}
        case "delete":
            return "DELETE", "comments/{id}", None
        case "resolve":
            return "PUT", "threads/{id}/resolution", None
        case "reopen":
            return "DELETE", "threads/{id}/resolution", None
    raise Refusal(422, "INVALID_QUESTION", "Check action.")


def _is_id(text: str) -> bool:
    return len(text) == _LONGEST_ID and set(text) <= set("0123456789abcdef-")
