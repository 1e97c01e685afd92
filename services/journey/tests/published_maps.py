"""Published templates, journeys and personas, which lie beside the project, as maps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.struct_pb2 import Struct

from sojourn.journey.v1 import journey_pb2 as pb

# They lie beside the project, or beside the folder of its worktrees.
_PLACES = [one / "shared" / "journeys" for one in Path(__file__).resolve().parents[4:6]]
PUBLISHED = next((one for one in _PLACES if one.exists()), _PLACES[0])


def leaves(value: Any) -> set[str]:
    """All texts of a document."""
    if isinstance(value, dict):
        return {text for pair in value.items() for part in pair for text in leaves(part)}
    if isinstance(value, list):
        return {text for part in value for text in leaves(part)}
    return {str(value)} if value is not None else set()


def slug_of(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64]


def struct(document: dict[str, Any]) -> Struct:
    details = Struct()
    details.update(document)
    return details


LISTS = {
    "touchpoints": "touchpoints",
    "metrics": "metrics",
    "pain": "pains",
    "needs": "goals",
    "actions": "actions",
    "next": "opportunities",
    "improve": "opportunities",
}


def a_stage(template: Any) -> pb.Stage:
    given = {"name": template} if isinstance(template, str) else dict(template)
    stage = pb.Stage(slug=slug_of(given["name"]), name={"en": given.pop("name")})
    if meaning := given.pop("meaning", ""):
        stage.meaning["en"] = meaning
    for name, target in LISTS.items():
        if isinstance(given.get(name), list) and all(isinstance(text, str) for text in given[name]):
            getattr(stage, target).extend(given.pop(name))
    stage.details.CopyFrom(struct(given))
    return stage


def a_map(template: dict[str, Any]) -> pb.JourneyMap:
    given = dict(template)
    chart = pb.JourneyMap(slug=given["id"], name={"en": given.pop("id")})
    chart.stages.extend(a_stage(stage) for stage in given.pop("stages", []))
    lists = {
        "lanes": "lanes",
        "channels": "channels",
        "moments_of_truth": "moments_of_truth",
        "typical_pains": "pains",
        "touchpoint_pool": "touchpoint_pool",
        "touchpoints": "touchpoint_pool",
    }
    for name, target in lists.items():
        getattr(chart, target).extend(given.pop(name, []))
    for step in given.pop("steps", []):
        facts = {"action": step} if isinstance(step, str) else dict(step)
        known = {
            name: facts.pop(name)
            for name in ("stage", "action", "channel", "emotion")
            if isinstance(facts.get(name), str)
        }
        pains = [facts.pop("pain")] if isinstance(facts.get("pain"), str) else []
        chart.steps.add(**known, pains=pains, details=struct(facts))
    chart.details.CopyFrom(struct(given))
    return chart


def published_maps() -> list[pb.JourneyMap]:
    """Every published template, worked journey and persona as a map."""
    charts = [
        a_map(one)
        for name in ("templates", "journeys")
        for one in yaml.safe_load((PUBLISHED / f"{name}.yaml").read_text())[name]
    ]
    people = pb.JourneyMap(slug="all-personas", name={"en": "Personas"})
    for persona in yaml.safe_load((PUBLISHED / "personas.yaml").read_text())["personas"]:
        given = dict(persona)
        lists = {"traits": "traits", "struggles": "pains", "pains": "pains", "needs": "goals"}
        added = people.personas.add(slug=given.pop("id"), name=persona["id"])
        for name, target in lists.items():
            getattr(added, target).extend(given.pop(name, []))
        added.details.CopyFrom(struct(given))
    return [*charts, people]
