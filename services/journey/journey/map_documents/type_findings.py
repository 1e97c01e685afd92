"""Findings about what a map lacks of its type.

The parts of each type are those that its field gives it: a service blueprint has the lanes of
Shostack and Bitner (customer actions, front stage, back stage, support), an empathy map the
quadrants of Gray (says, thinks, does, feels).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from journey.map_documents.findings import Finding, FindingCode, Severity, pointer
from journey.maps.document_lists import objects, texts
from journey.maps.model import MapType

_LANES: Final[Mapping[str, tuple[str, ...]]] = {
    MapType.SERVICE_BLUEPRINT: ("front stage", "back stage", "support"),
    MapType.EMPATHY: ("says", "thinks", "does", "feels"),
}
# Lists that every stage has say the same.
_ALSO: Final[Mapping[str, str]] = {"does": "actions", "feels": "emotions"}
_PERSONAS: Final[Mapping[str, int]] = {
    MapType.DAY_IN_THE_LIFE: 1,
    MapType.EMPATHY: 1,
    MapType.PERSPECTIVE_GRID: 2,
}


def type_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Yields what a map of a type lacks; nothing for a map without one."""
    type, stages = str(document.get("type") or ""), objects(document, "stages")
    drawn = {_plain(lane) for lane in texts(document, "lanes")}
    drawn |= {_plain(str(cell.get("lane"))) for stage in stages for cell in objects(stage, "cells")}
    drawn |= {lane for lane, name in _ALSO.items() if any(stage.get(name) for stage in stages)}
    for lane in _LANES.get(type, ()):
        if _plain(lane) not in drawn and lane not in drawn:
            yield _lacks(type, f"the lane {lane}", lane, "lanes")
    personas = _PERSONAS.get(type, 0)
    if len(objects(document, "personas")) < personas:
        yield _lacks(type, f"{personas} personas" if personas > 1 else "a persona", "", "personas")


def _lacks(type: str, part: str, value: str, place: str) -> Finding:
    told = type.replace("_", " ")
    return Finding(
        FindingCode.TYPE_LACKS,
        Severity.NOTICE,
        pointer(place),
        f"A map of the type {told} shows {part}, which this one lacks.",
        f"Add {part}, or choose another type.",
        value=value or part,
    )


def _plain(name: str) -> str:
    """Returns a lane's name without the marks in which people spell it differently."""
    return "".join(one for one in name.casefold() if one.isalnum())
