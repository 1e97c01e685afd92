"""Changes of a map's document by a form: texts of a stage, and the order of stages."""

import copy
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from pydantic import JsonValue

from web.server.requests import Refusal
from web.studio.words import LANGUAGES, Words

Document = dict[str, JsonValue]
LISTS: Final = (
    "sub_stages", "goals", "actions", "touchpoints", "emotions", "pains", "moments_of_truth",
    "opportunities",
    "metrics",
)  # fmt: skip
ARRANGE: Final = "arrange"
_ACTIONS: Final = frozenset({"save", "earlier", "later", "add", "remove", ARRANGE})
_LIST, _CELL = "list:", "cell:"
_LEVEL: Final = "emotion_level"
_LEVELS: Final = ("2", "1", "0", "-1", "-2")
_ENGLISH: Final = "en"
_LONGEST_SLUG: Final = 64
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. One with `rows` holds a text a line; one with `choices` one of them."""

    name: str
    title: str
    value: str
    rows: int = 0
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A form as its editor sent it, who began with a version of the map."""

    action: str
    stage: str
    base_version: int
    language: str
    texts: Mapping[str, str]

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Self:
        """Returns the edit of a form. Raises Refusal for one of no sense."""
        action, version = form.get("action", ""), form.get("base_version", "")
        language = form.get("language", "")
        if action not in _ACTIONS or language not in LANGUAGES:
            raise Refusal(422, "INVALID_QUESTION", "Check action and language.")
        if not version.isdigit() or not 0 < len(version) < 10:
            raise Refusal(422, "INVALID_QUESTION", "Check base_version.")
        texts = {name: value.replace("\r\n", "\n") for name, value in form.items()}
        return cls(action, form.get("stage", ""), int(version), language, texts)

    def of_stage(self, slug: str) -> Self:
        """Returns the edit of one stage of a form that has fields of all stages."""
        start = stage_field(slug, "")
        fields = self.texts.items()
        texts = {name[len(start) :]: text for name, text in fields if name.startswith(start)}
        return replace(self, stage=slug, texts=texts)

    def stage_after(self, base: Document) -> str:
        """Returns the stage that is shown once the edit is saved; empty for the first one."""
        match self.action:
            case "remove":
                return ""
            case "add":
                return _new_slug(base, self.texts.get("new_name", ""))
        return self.stage


def stage_field(slug: str, field: str) -> str:
    """Returns the name of a stage's field in a form that has fields of all stages."""
    return f"{slug}/{field}"


def stages_of(document: Mapping[str, JsonValue]) -> list[Document]:
    return _objects(document, "stages")


def find_stage(document: Mapping[str, JsonValue], slug: str) -> Document | None:
    return next((one for one in stages_of(document) if one.get("slug") == slug), None)


def fields_of(
    document: Document, stage: Document, words: Words, edit: Edit | None = None
) -> list[Field]:
    """Returns the fields of a stage's form, with what its editor typed before a refusal."""
    found = [
        Field(name, words.text(f"edit.{name}"), _text(stage, name, words.code))
        for name in ("name", "meaning")
    ]
    found.append(_level_field(stage, words))
    for lane in LISTS:
        value = "\n".join(_lines(stage.get(lane)))
        found.append(Field(_LIST + lane, words.text(f"lane.{lane}"), value, rows=3))
    names = {str(one.get("slug", "")): str(one.get("name", "")) for one in _personas(document)}
    for lane, persona in _places(document):
        title = words.text_or(f"lane.{lane}", lane)
        if persona:
            title = f"{title} · {names.get(persona) or persona}"
        value = "\n".join(_lines(_cell(stage, lane, persona).get("texts")))
        found.append(Field(f"{_CELL}{lane}|{persona}", title, value, rows=3))
    if edit is None:
        return found
    return [replace(one, value=edit.texts.get(one.name, one.value)) for one in found]


def _level_field(stage: Document, words: Words) -> Field:
    level = stage.get(_LEVEL)
    choices = [(one, words.text(f"emotion.{one}")) for one in _LEVELS]
    return Field(
        _LEVEL,
        words.text(f"lane.{_LEVEL}"),
        str(level) if isinstance(level, int) else "",
        choices=[("", words.text("emotion.none")), *choices],
    )


def apply_edit(base: Document, edit: Edit) -> Document:
    """Returns the document as the editor left it. What the form does not show stays as it is."""
    document = copy.deepcopy(base)
    document.pop("slug", None)
    stages = stages_of(document)
    if edit.action == ARRANGE:
        for one in stages:
            _set_texts(document, one, edit.of_stage(str(one.get("slug", ""))))
        document["stages"] = [*_in_order(stages, edit.texts.get("order", ""))]
        if "type" in edit.texts:
            document.pop("type", None)
        if type := edit.texts.get("type"):
            document["type"] = type
        return document
    stage = next((one for one in stages if one.get("slug") == edit.stage), None)
    if stage is not None:
        _set_texts(document, stage, edit)
    match edit.action:
        case "add":
            at = stages.index(stage) + 1 if stage is not None else len(stages)
            stages.insert(at, _new_stage(base, edit))
        case "remove" if stage is not None:
            stages.remove(stage)
        case "earlier" | "later" if stage is not None:
            at = stages.index(stage)
            stages.remove(stage)
            stages.insert(max(0, at - 1) if edit.action == "earlier" else at + 1, stage)
    document["stages"] = [*stages]
    return document


def _in_order(stages: Sequence[Document], order: str) -> list[Document]:
    """Returns the stages in the order that names each of them once; else as they are."""
    by_slug = {str(one.get("slug", "")): one for one in stages}
    slugs = order.split()
    return [by_slug[slug] for slug in slugs] if sorted(slugs) == sorted(by_slug) else [*stages]


def _set_texts(document: Document, stage: Document, edit: Edit) -> None:
    for name in ("name", "meaning"):
        typed = " ".join(edit.texts.get(name, "").split())
        if name in edit.texts and typed != " ".join(_text(stage, name, edit.language).split()):
            _set_text(stage, name, edit.language, typed)
    if (level := edit.texts.get(_LEVEL)) is not None:
        stage.pop(_LEVEL, None)
        if level in _LEVELS:
            stage[_LEVEL] = int(level)
    for lane in LISTS:
        changed = _changed(edit, _LIST + lane, stage.get(lane))
        if changed is not None:
            stage[lane] = [*changed]
    for lane, persona in _places(document):
        cell = _cell(stage, lane, persona)
        changed = _changed(edit, f"{_CELL}{lane}|{persona}", cell.get("texts"))
        if changed is not None:
            _set_cell(stage, lane, persona, changed)


def _changed(edit: Edit, name: str, before: JsonValue) -> list[str] | None:
    """Returns the texts of a field; None where the editor did not change it."""
    typed = edit.texts.get(name)
    if typed is None or typed.strip() == "\n".join(_lines(before)).strip():
        return None
    return [line.strip() for line in typed.split("\n") if line.strip()]


def _set_text(stage: Document, name: str, language: str, text: str) -> None:
    texts = stage.get(name)
    by_language = dict(texts) if isinstance(texts, dict) else {}
    if text:
        by_language[language] = text
        if name == "name":
            by_language.setdefault(_ENGLISH, text)
    elif language != _ENGLISH or name != "name":
        by_language.pop(language, None)
    stage[name] = by_language


def _set_cell(stage: Document, lane: str, persona: str, texts: Sequence[str]) -> None:
    cells = _objects(stage, "cells")
    found = next((one for one in cells if _place(one) == (lane, persona)), None)
    if found is None:
        found = {"lane": lane, **({"persona": persona} if persona else {})}
        cells.append(found)
    found["texts"] = [*texts]
    stage["cells"] = [one for one in cells if one is not found or texts]


def _new_stage(base: Document, edit: Edit) -> Document:
    name = edit.texts.get("new_name", "").strip()
    if not name:
        raise Refusal(422, "INVALID_QUESTION", "Check new_name.")
    return {
        "slug": _new_slug(base, name),
        "name": {_ENGLISH: name, edit.language: name},
    }


def _new_slug(base: Document, name: str) -> str:
    """Returns a slug of a name that no stage has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _NO_SLUG.sub("-", plain).strip("-")[: _LONGEST_SLUG - 4].strip("-") or "stage"
    taken = {one.get("slug") for one in stages_of(base)}
    free = (slug if number == 1 else f"{slug}-{number}" for number in range(1, 100))
    return next(one for one in free if one not in taken)


def _places(document: Document) -> list[tuple[str, str]]:
    """Returns lanes with personas: each lane of the map for all, and each that a cell has."""
    lanes = [(one, "") for one in _lines(document.get("lanes"))]
    cells = (one for stage in stages_of(document) for one in _objects(stage, "cells"))
    return list(dict.fromkeys([*lanes, *map(_place, cells)]))


def _place(cell: Mapping[str, JsonValue]) -> tuple[str, str]:
    return str(cell.get("lane") or ""), str(cell.get("persona") or "")


def _cell(stage: Document, lane: str, persona: str) -> Document:
    cells = _objects(stage, "cells")
    return next((one for one in cells if _place(one) == (lane, persona)), {})


def _personas(document: Document) -> list[Document]:
    return _objects(document, "personas")


def _objects(holder: Mapping[str, JsonValue], name: str) -> list[Document]:
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _lines(value: JsonValue) -> list[str]:
    """Returns texts, each in one line."""
    return [" ".join(str(one).split()) for one in value] if isinstance(value, list) else []


def _text(stage: Mapping[str, JsonValue], name: str, language: str) -> str:
    texts = stage.get(name)
    return str(texts.get(language) or "") if isinstance(texts, dict) else ""
