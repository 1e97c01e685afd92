"""Funnels: the people who reach each stage of a map in order, over all history.

One statement answers a funnel.

A person reaches the first stage at their first touchpoint of it in the asked time. They reach stage
k + 1 at their first touchpoint of stage k + 1 at or after the time at which they reached stage k
and, with a window, no later than the window after they reached the first stage (both ends
included). Touchpoints at equal times are in order, and a touchpoint counts for every stage whose
rules it satisfies, so that one may take a person through several stages. A later touchpoint of the
first stage begins no new window. A stage that nobody can reach by a rule is passed through.

One pass over the touchpoints finds their people and stages; each stage is then one materialized
step, joined with the step before on the person. The first two steps read all that the pass found,
and the others what it has of those who reached the second stage, since they did.

What takes the time is to look rows up among people. So it did not help to narrow the rows by the
first step already, nor to find the first step by a pass of its own, which lets parallel workers
narrow the rows. Reading the table anew for each stage took two to three times as long, window
functions over all rows more; one array of times a person and stage, walked by a subquery each, took
as long as the steps, in more memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Literal

from chassis.data.tx import Tx
from journey.errors import InvalidQuestion
from journey.funnels.classification import TIES, Stages, common_kinds, is_of
from journey.maps import predicates
from journey.maps.model import Stage
from journey.maps.rules import Rule

MOST_SEGMENTS: Final = 50
# The first step that reads only what is left of the touchpoints.
_NARROWED: Final = 2


class Breakdown(StrEnum):
    """Columns of touchpoints by which a funnel is broken down."""

    CHANNEL = "channel"
    UTM_SOURCE = "utm_source"
    UTM_MEDIUM = "utm_medium"
    UTM_CAMPAIGN = "utm_campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Question of a funnel.

    `campaign` narrows the touchpoints of the first stage, by column; `by` parts people by a column
    of their first. Touchpoints of bots count `with_bots` only.
    """

    since: datetime | None = None
    until: datetime | None = None
    window_seconds: int = 0
    channel: str = ""
    campaign: Mapping[str, str] = field(default_factory=dict)
    by: Breakdown | None = None
    with_bots: bool = False

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise InvalidQuestion("ends before it begins", field="time_range.until")

    @property
    def counted(self) -> Composable:
        """The condition of touchpoints that count at all."""
        return predicates.counting(with_bots=self.with_bots)

    @property
    def within(self) -> Composable:
        return predicates.in_time(self.since, self.until, self.channel)


@dataclass(frozen=True, slots=True)
class Reached:
    """People of a segment who reached a stage, and the lower median of seconds to it."""

    people: int = 0
    median: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class KindStatistics:
    """Statistics of one kind of touchpoint in one stage. `p95_ms` is None if no time is known."""

    stage: int
    kind: str
    touchpoints: int
    people: int
    errors: int
    refused: int
    p95_ms: int | None


async def get_funnel(
    tx: Tx, stages: Sequence[Stage], question: Question
) -> dict[str, list[Reached]]:
    """Returns the people who reached each stage by segment, the largest segment first.

    Without `by` there is one segment, the empty text.
    """
    ruled = [number for number, stage in enumerate(stages) if stage.reached_by]
    found: dict[str, list[Reached]] = {}
    if ruled:
        await prepare_large_reads(tx)
        rules = [stages[number].reached_by for number in ruled]
        for row in await tx.answer(_funnel(await _asked(tx, rules, question), question)):
            reached = found.setdefault(row["segment"], [Reached() for _ in ruled])
            reached[row["stage"]] = Reached(row["people"], row["median"] or timedelta())
    largest = sorted(found.items(), key=lambda pair: (-pair[1][0].people, pair[0]))[:MOST_SEGMENTS]
    if not question.by:
        largest = [("", found.get("", [Reached() for _ in ruled]))]
    return {value: _passed(reached, ruled, len(stages)) for value, reached in largest}


def _passed(reached: Sequence[Reached], ruled: Sequence[int], stages: int) -> list[Reached]:
    """Returns who reached each of a map's stages, in no time those that are passed through.

    Before the first stage that can be reached stand the people who reach it.
    """
    people = reached[0].people if reached else 0
    found: list[Reached] = []
    for number in range(stages):
        one = reached[ruled.index(number)] if number in ruled else Reached(people)
        found.append(one)
        people = one.people
    return found


async def _asked(tx: Tx, rules: Sequence[Sequence[Rule]], question: Question) -> Stages:
    begins = [
        SQL("{} = {}").format(sql.Identifier("t", name), Literal(value))
        for name, value in sorted(question.campaign.items())
        if value
    ]
    return Stages(
        rules,
        await common_kinds(tx),
        question.within,
        SQL(" AND ").join(begins) if begins else predicates.TRUE,
        question.counted,
    )


def _funnel(stages: Stages, question: Question) -> Composed:
    columns = ["occurred_at"]
    if question.by or stages.needs_ties:
        columns += TIES
    if question.by:
        columns.append(question.by)
    numbers = range(len(stages.rules))
    steps = [stages.classified(columns), _first_step(stages, question)]
    for number in numbers[1:]:
        if number == _NARROWED:
            steps.append(_later(stages, question))
        steps.append(_next_step(stages, number, question))
    counts = [
        SQL(
            "SELECT {n} AS stage, {segment} AS segment, count(*) AS people, {median} AS "
            "median FROM {step}{by}"
        ).format(
            n=Literal(number),
            step=_step(number),
            segment=SQL("segment" if question.by else "''"),
            median=SQL("percentile_disc(0.5) WITHIN GROUP (ORDER BY took)")
            if number
            else SQL("NULL::interval"),
            by=SQL(" GROUP BY segment" if question.by else ""),
        )
        for number in numbers
    ]
    return SQL("WITH {} {}").format(SQL(", ").join(steps), SQL(" UNION ALL ").join(counts))


def _first_step(stages: Stages, question: Question) -> Composed:
    if not question.by:
        return SQL(
            "{step} AS MATERIALIZED (SELECT person, min(occurred_at) AS at{began} "
            "FROM ({rows}) r GROUP BY person)"
        ).format(
            step=_step(0),
            began=SQL(", min(occurred_at) AS began_at" if question.window_seconds else ""),
            rows=stages.rows([0], ["occurred_at"], begins=True),
        )
    return SQL(
        "{step} AS MATERIALIZED (SELECT DISTINCT ON (person) person, occurred_at AS at, "
        "occurred_at AS began_at, {by} AS segment"
        " FROM ({rows}) r ORDER BY person, occurred_at, sequence, id)"
    ).format(
        step=_step(0),
        by=sql.Identifier(question.by),
        rows=stages.rows([0], ["occurred_at", *TIES, question.by], begins=True),
    )


def _next_step(stages: Stages, number: int, question: Question) -> Composed:
    """Groups by the person alone: a person is once in the previous step, whose columns stay."""
    if number < _NARROWED:
        found = _after(stages.rows([number], ["occurred_at"]), number - 1, question)
    elif number == _NARROWED:
        found = SQL("later p WHERE {}").format(is_of(number))
    else:
        found = _after(
            SQL("SELECT person, occurred_at FROM later WHERE {}").format(is_of(number)),
            number - 1,
            question,
        )
    carried = SQL("").join(SQL(", min(p.{0}) AS {0}").format(name) for name in _carried(question))
    return SQL(
        "{step} AS MATERIALIZED (SELECT p.person, min(occurred_at) AS at, min(occurred_at) - "
        "min(p.at) AS took{carried}"
        " FROM {found} GROUP BY p.person)"
    ).format(step=_step(number), carried=carried, found=found)


def _later(stages: Stages, question: Question) -> Composed:
    """Returns the touchpoints that may count for the people of the step before `_NARROWED`."""
    carried = SQL("").join(SQL(", p.{}").format(name) for name in _carried(question))
    rows = stages.rows(range(_NARROWED, len(stages.rules)), ["occurred_at"])
    return SQL(
        "later AS MATERIALIZED (SELECT r.mask, p.person, r.occurred_at, p.at{carried} FROM {found})"
    ).format(carried=carried, found=_after(rows, _NARROWED - 1, question))


def _after(rows: Composable, before: int, question: Question) -> Composed:
    """Returns touchpoints `r` of a step's people `p`, from that step to their window's end."""
    in_time = SQL("r.occurred_at >= p.at").format()
    if question.window_seconds:
        in_time += SQL(" AND r.occurred_at <= p.began_at + {}").format(
            Literal(timedelta(seconds=question.window_seconds))
        )
    return SQL("({}) r JOIN {} p ON p.person = r.person WHERE {}").format(
        rows, _step(before), in_time
    )


def _carried(question: Question) -> list[sql.Identifier]:
    """Returns the columns that steps keep of a person beside the time."""
    names = {"began_at": bool(question.window_seconds), "segment": bool(question.by)}
    return [sql.Identifier(name) for name, is_carried in names.items() if is_carried]


def _step(number: int) -> sql.Identifier:
    return sql.Identifier(f"step_{number}")


async def list_kind_statistics(
    tx: Tx, stages: Sequence[Stage], question: Question
) -> list[KindStatistics]:
    """Returns the statistics of each kind of touchpoint by stage, the most frequent first."""
    ruled = [number for number, stage in enumerate(stages) if stage.rules]
    if not ruled:
        return []
    await prepare_large_reads(tx)
    asked = await _asked(tx, [stage.rules for stage in stages], question)
    columns = [
        "occurred_at",
        "kind",
        "outcome",
        "duration_ms",
        *(TIES if asked.needs_ties else []),
    ]
    parts = [part for number in ruled for part in (_timings(asked, number), _people(asked, number))]
    query = SQL("WITH {} {}").format(asked.classified(columns), SQL(" UNION ALL ").join(parts))
    people: dict[tuple[int, str], int] = {}
    timings: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in await tx.answer(query):
        where = row["stage"], row["kind"]
        if row["outcome"] is None:
            people[where] = row["counted"]
        else:
            timings.setdefault(where, []).append(row)
    found = [
        _statistics(stage, kind, rows, people[stage, kind])
        for (stage, kind), rows in timings.items()
    ]
    return sorted(found, key=lambda one: (one.stage, -one.touchpoints, one.kind))


def _timings(stages: Stages, number: int) -> Composed:
    """Counts by outcome and whole milliseconds: few rows that give the exact percentile."""
    rows = stages.rows([number], ["kind", "outcome", "duration_ms"])
    return SQL(
        "SELECT {} AS stage, kind, outcome, duration_ms, count(*) AS counted FROM ({}) r GROUP BY "
        "kind, outcome, duration_ms"
    ).format(Literal(number), rows)


def _people(stages: Stages, number: int) -> Composed:
    """Counts of people, told from the timings by having no outcome."""
    rows = stages.rows([number], ["kind"])
    return SQL(
        "SELECT {} AS stage, kind, NULL AS outcome, NULL::int AS duration_ms, count(*) AS counted"
        " FROM (SELECT kind, person FROM ({}) r GROUP BY kind, person) p GROUP BY kind"
    ).format(Literal(number), rows)


def _statistics(
    stage: int, kind: str, rows: Sequence[Mapping[str, Any]], people: int
) -> KindStatistics:
    def count_of(outcome: str) -> int:
        return sum(row["counted"] for row in rows if row["outcome"] == outcome)

    times = sorted(
        (row["duration_ms"], row["counted"]) for row in rows if row["duration_ms"] is not None
    )
    return KindStatistics(
        stage,
        kind,
        sum(row["counted"] for row in rows),
        people,
        count_of("error"),
        count_of("refused"),
        p95(times),
    )


def p95(times: Sequence[tuple[int, int]]) -> int | None:
    """Nearest-rank percentile of sorted values with their counts."""
    total = sum(count for _, count in times)
    rank, seen = -(-95 * total // 100), 0
    for value, count in times:
        seen += count
        if seen >= rank:
            return value
    return None


async def prepare_large_reads(tx: Tx) -> None:
    """Memory for the joins of a funnel, and no compilation, which costs more than it saves.

    For this transaction.

    One worker beside the backend: a second waits for the backend to take its rows, and cost 5 %
    more on two cores.
    """
    await tx.run("SET LOCAL work_mem = '96MB'")
    await tx.run("SET LOCAL jit = off")
    await tx.run("SET LOCAL max_parallel_workers_per_gather = 1")
