"""The form of a whole map: a row for each lane, a column for each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from web.studio.documents.edits import (
    Document,
    Edit,
    Field,
    fields_of,
    stage_field,
    stages_of,
)
from web.studio.words import Words

TYPES: Final = (
    "current", "future", "day_in_the_life", "service_blueprint", "empathy", "perspective_grid",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GridStage:
    """A column: a stage, its name in the page's language, and the fields of one line."""

    slug: str
    name: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row: a lane, and its field of each stage."""

    title: str
    cells: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Grid:
    """All stages and lanes of a map."""

    type: str
    types: Sequence[tuple[str, str]]
    stages: Sequence[GridStage]
    rows: Sequence[GridRow]

    @property
    def order(self) -> str:
        """Slugs of the stages, parted by spaces."""
        return " ".join(stage.slug for stage in self.stages)


def describe_grid(
    document: Document, names: Mapping[str, str], words: Words, edit: Edit | None = None
) -> Grid:
    """Returns the grid of a map, with what its editor typed before a refusal."""
    columns, rows = [], list[list[Field]]()
    for stage in stages_of(document):
        slug = str(stage.get("slug", ""))
        found = fields_of(document, stage, words, edit.of_stage(slug) if edit else None)
        fields = [replace(one, name=stage_field(slug, one.name)) for one in found]
        columns.append(GridStage(slug, names[slug], [one for one in fields if not one.rows]))
        rows.append([one for one in fields if one.rows])
    # Each stage has the same lanes.
    type = str(document.get("type") or "")
    return Grid(
        type=edit.texts.get("type", type) if edit else type,
        types=[
            ("", words.text("map_type.none")),
            *((t, words.text(f"map_type.{t}")) for t in TYPES),
        ],
        stages=columns,
        rows=[GridRow(cells[0].title, cells) for cells in zip(*rows, strict=True)],
    )
