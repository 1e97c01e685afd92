"""Lint of a map: all that is missing in it, or makes no sense, with what would mend it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from journey.map_documents.findings import (
    MOST_FINDINGS,
    Finding,
    FindingCode,
    Known,
    Lint,
    Severity,
    pointer,
)
from journey.map_documents.rule_findings import rule_findings
from journey.map_documents.type_findings import type_findings
from journey.maps.document_lists import objects, texts
from journey.maps.model import JourneyMap

_WORST_FIRST: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
_NOTHING_KNOWN: Final = Known()


def lint_map(chart: JourneyMap, known: Known = _NOTHING_KNOWN, locales: Sequence[str] = ()) -> Lint:
    """Returns the findings of a map, the worst first, at most 500.

    Every title shall be in `locales`; without any, in each language that a text of the map is in.
    """
    found = [
        *type_findings(chart.document),
        *_stage_findings(chart),
        *rule_findings(chart, known),
        *_persona_findings(chart.document, known),
        *_cell_findings(chart.document),
        *_step_findings(chart.document),
        *_kpi_findings(chart.document, (), ""),
        *_missing_translations(chart.document, locales),
    ]
    found.sort(key=lambda one: (_WORST_FIRST[one.severity], _place_of(one.pointer)))
    return Lint(found[:MOST_FINDINGS], len(found) > MOST_FINDINGS)


def _place_of(place: str) -> list[str]:
    """Returns the steps of a pointer so that numbers sort as numbers."""
    return [step.zfill(6) if step.isdigit() else step for step in place.split("/")]


def _stage_findings(chart: JourneyMap) -> Iterator[Finding]:
    slugs = [stage.slug for stage in chart.stages]
    if not slugs:
        yield Finding(
            FindingCode.MAP_WITHOUT_STAGES,
            Severity.NOTICE,
            pointer("stages"),
            "The map has no stage, so that it has no numbers.",
            "Add stages with rules, or leave it so where the map shows no sequence.",
        )
    for place, stage in enumerate(objects(chart.document, "stages")):
        at, slug = ("stages", place), slugs[place]
        yield from _kpi_findings(stage, at, slug)
        yield from _pain_findings(stage, at, slug)
        yield from _opportunity_findings(stage, at, slug)
        for number, branch in enumerate(objects(stage, "branches")):
            if (to := str(branch.get("to", ""))) not in slugs or to == slug:
                yield _branch_to_nowhere(pointer(*at, "branches", number, "to"), slug, to)


def _branch_to_nowhere(place: str, slug: str, to: str) -> Finding:
    reason = (
        "The branch leads to the stage that it comes from."
        if to == slug
        else f"The map has no stage {to}."
        if to
        else "The branch names no stage."
    )
    return Finding(
        FindingCode.BRANCH_TO_NOWHERE,
        Severity.ERROR,
        place,
        reason,
        "Name the slug of another stage of the map.",
        slug,
        to,
    )


def _kpi_findings(
    holder: Mapping[str, Any], at: tuple[str | int, ...], slug: str
) -> Iterator[Finding]:
    for number, kpi in enumerate(objects(holder, "kpis")):
        if kpi.get("target") is None:
            yield _without_target(pointer(*at, "kpis", number), slug, kpi.get("name"), "Add it.")
    with_target = {kpi.get("name") for kpi in objects(holder, "kpis")}
    for number, name in enumerate(texts(holder, "metrics")):
        if name not in with_target:
            remedy = "Move it to `kpis`, with a target."
            yield _without_target(pointer(*at, "metrics", number), slug, name, remedy)


def _without_target(place: str, slug: str, name: object, remedy: str) -> Finding:
    return Finding(
        FindingCode.KPI_WITHOUT_TARGET,
        Severity.NOTICE,
        place,
        "The figure has no target, so that nobody can say whether it is good.",
        remedy,
        slug,
        str(name or ""),
    )


def _pain_findings(
    stage: Mapping[str, Any], at: tuple[str | int, ...], slug: str
) -> Iterator[Finding]:
    rated = {one.get("text") for one in objects(stage, "pain_points")}
    places = [
        (pointer(*at, "pain_points", number), one.get("text"), "Say its `impact`.")
        for number, one in enumerate(objects(stage, "pain_points"))
        if not one.get("impact")
    ] + [
        (pointer(*at, "pains", number), text, "Move it to `pain_points`, with its `impact`.")
        for number, text in enumerate(texts(stage, "pains"))
        if text not in rated
    ]
    for place, text, remedy in places:
        yield Finding(
            FindingCode.PAIN_WITHOUT_IMPACT,
            Severity.NOTICE,
            place,
            "The pain has no impact, so that it cannot be ranked against others.",
            remedy,
            slug,
            str(text or ""),
        )


def _opportunity_findings(
    stage: Mapping[str, Any], at: tuple[str | int, ...], slug: str
) -> Iterator[Finding]:
    owned = {one.get("text") for one in objects(stage, "owned_opportunities")}
    places = [
        (pointer(*at, "owned_opportunities", number), one.get("text"), "Name its `owner`.")
        for number, one in enumerate(objects(stage, "owned_opportunities"))
        if not one.get("owner")
    ] + [
        (
            pointer(*at, "opportunities", number),
            text,
            "Move it to `owned_opportunities`, with its `owner`.",
        )
        for number, text in enumerate(texts(stage, "opportunities"))
        if text not in owned
    ]
    for place, text, remedy in places:
        yield Finding(
            FindingCode.OPPORTUNITY_WITHOUT_OWNER,
            Severity.NOTICE,
            place,
            "The opportunity has no owner, so that nobody takes care of it.",
            remedy,
            slug,
            str(text or ""),
        )


def _persona_findings(document: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    for place, persona in enumerate(objects(document, "personas")):
        segment = str(persona.get("segment") or "")
        if not segment:
            yield Finding(
                FindingCode.PERSONA_WITHOUT_SEGMENT,
                Severity.NOTICE,
                pointer("personas", place),
                "The persona is bound to no segment, so that its numbers cannot be shown.",
                "Keep a segment of such people, and name its slug in `segment`.",
                value=str(persona.get("slug", "")),
            )
        elif known.segments is not None and segment not in known.segments:
            yield Finding(
                FindingCode.UNKNOWN_SEGMENT,
                Severity.ERROR,
                pointer("personas", place, "segment"),
                f"There is no segment {segment}.",
                "Keep a segment under this slug, or name another one.",
                value=segment,
            )


def _cell_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    personas = {persona.get("slug") for persona in objects(document, "personas")}
    lanes = set(texts(document, "lanes"))
    for place, stage in enumerate(objects(document, "stages")):
        slug = str(stage.get("slug", ""))
        for number, cell in enumerate(objects(stage, "cells")):
            at = ("stages", place, "cells", number)
            persona, lane = str(cell.get("persona") or ""), str(cell.get("lane") or "")
            if persona and persona not in personas:
                yield Finding(
                    FindingCode.UNKNOWN_PERSONA,
                    Severity.WARNING,
                    pointer(*at, "persona"),
                    f"The map has no persona {persona}.",
                    "Add the persona to the map, or name one of its slugs.",
                    slug,
                    persona,
                )
            if lanes and lane not in lanes:
                yield Finding(
                    FindingCode.UNKNOWN_LANE,
                    Severity.NOTICE,
                    pointer(*at, "lane"),
                    f"The map does not name the lane {lane or '(empty)'}.",
                    "Add the lane to `lanes`, or name one of them.",
                    slug,
                    lane,
                )


def _step_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    names = {
        name.casefold()
        for stage in objects(document, "stages")
        for name in (str(stage.get("slug", "")), *_mapping(stage, "name").values())
    }
    if not names:
        return
    for place, step in enumerate(objects(document, "steps")):
        stage = str(step.get("stage") or "")
        if stage and stage.casefold() not in names:
            yield Finding(
                FindingCode.UNKNOWN_STAGE,
                Severity.NOTICE,
                pointer("steps", place, "stage"),
                f"The map has no stage {stage}.",
                "Name a stage of the map, or leave it empty.",
                value=stage,
            )


def _missing_translations(document: Mapping[str, Any], locales: Sequence[str]) -> Iterator[Finding]:
    places = [
        (("name",), "", _mapping(document, "name")),
        (("description",), "", _mapping(document, "description")),
        *(
            (("stages", place, name), str(stage.get("slug", "")), _mapping(stage, name))
            for place, stage in enumerate(objects(document, "stages"))
            for name in ("name", "meaning")
        ),
    ]
    wanted = locales or list(dict.fromkeys(locale for *_, by in places for locale in by))
    for place, slug, by_locale in places:
        # A text that is in no language is none that could be translated.
        for locale in wanted if by_locale else ():
            if locale not in by_locale and locale.split("-")[0] not in by_locale:
                yield Finding(
                    FindingCode.MISSING_TRANSLATION,
                    Severity.WARNING if place[-1] == "name" else Severity.NOTICE,
                    pointer(*place, locale),
                    f"The text is not in the language {locale}; readers of it see English.",
                    f"Add the text for {locale}.",
                    slug,
                    locale,
                )


def _mapping(holder: Mapping[str, Any], name: str) -> Mapping[str, str]:
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}
