"""Stage rules as SQL. Values become literals by the driver's own quoting, names come from a closed list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Literal

from chassis.db import Read
from journey.rules import PROPERTY, Condition, Occurrence, Rule
from journey.touchpoints import FROM_TOUCHPOINT, PERSON

FALSE: Final = SQL("FALSE")
TRUE: Final = SQL("TRUE")


def column(field: str) -> Composable:
    """A field of the touchpoint `t` as text."""
    if field.startswith(PROPERTY):
        return SQL("coalesce(t.properties ->> {}, '')").format(Literal(field.removeprefix(PROPERTY)))
    return sql.Identifier("t", field)


def condition(one: Condition) -> Composable:
    """True or false, never null."""
    if one.any_of:
        test = SQL("{} IN ({})").format(column(one.field), SQL(", ").join(map(Literal, one.any_of)))
    elif one.prefix:
        test = SQL("starts_with({}, {})").format(column(one.field), Literal(one.prefix))
    else:
        test = SQL("{} <> ''").format(column(one.field))
    return SQL("NOT ({})").format(test) if one.negated else test


def conditions(rule: Rule) -> Composed:
    """All of a rule's conditions."""
    return SQL("({})").format(SQL(" AND ").join(map(condition, rule.when)))


def plain(rules: Sequence[Rule]) -> Composable:
    """Any of the rules that look at a touchpoint alone."""
    alone = [conditions(rule) for rule in rules if rule.occurrence is Occurrence.ANY]
    return SQL("({})").format(SQL(" OR ").join(alone)) if alone else FALSE


def counted(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that look at which occurrence it is."""
    return [rule for rule in rules if rule.occurrence is not Occurrence.ANY]


WITHIN: Final = 1
BEGINS: Final = 2


def classified(stages: Sequence[Sequence[Rule]], columns: Sequence[str], *, within: Composable, begins: Composable = TRUE) -> Composed:
    """The steps `base` and `special`, from which `stage_rows` reads: one pass over the touchpoints that any stage may want.

    `base` has for each its person, time, `columns`, and a mask: whether `within` and `begins` hold, which stages' plain rules it satisfies,
    and which counted rules' conditions. `special` has those of counted rules, with the bits of the stages whose counted rules chose them.
    `within` narrows what is answered, not which occurrence is the first.
    """
    special = _special(stages)
    names = SQL(", ").join(map(sql.Identifier, columns))
    ruled = [(_bit(number), rule) for number, rules in enumerate(stages) for rule in rules if rule.occurrence is Occurrence.ANY]
    by_bit = {bit: rule for bit, _, rule in special}
    by_kind, rest = _by_kind([*ruled, *by_bit.items()])
    tests: list[tuple[int, Composable]] = [(WITHIN, within), (BEGINS, begins), *rest]
    mask = SQL("{} | {}").format(
        SQL("coalesce(k.mask, 0)") if by_kind else SQL("0::bigint"),
        SQL(" | ").join(SQL("CASE WHEN {} THEN {}::bigint ELSE 0 END").format(test, Literal(bit)) for bit, test in tests),
    )
    counted_bits = sum(by_bit)
    wanted = SQL("(({}) AND {} OR {})").format(
        _any_of(by_kind, rest, ~counted_bits), within, _any_of(by_kind, rest, counted_bits) if special else FALSE
    )
    base = SQL("base AS MATERIALIZED (SELECT {person} AS person, {columns}, {mask} AS mask FROM {source}{kinds} WHERE {wanted})").format(
        person=SQL(PERSON), columns=SQL(", ").join(sql.Identifier("t", name) for name in columns), mask=mask, source=SQL(FROM_TOUCHPOINT),
        kinds=_kinds(by_kind), wanted=wanted,
    )  # fmt: skip
    if not special:
        return base
    chosen = SQL(" | ").join(
        SQL(
            "CASE WHEN mask & {bit} <> 0 AND count(*) FILTER (WHERE mask & {bit} <> 0) OVER w {test} THEN {stage}::bigint ELSE 0 END"
        ).format(bit=Literal(bit), test=_rank_test(rule.occurrence), stage=Literal(_bit(number)))
        for bit, number, rule in special
    )
    return SQL(
        "{base}, special AS MATERIALIZED (SELECT person, {names}, mask, {chosen} AS chosen FROM base WHERE mask & {any} <> 0"
        " WINDOW w AS (PARTITION BY person ORDER BY occurred_at, id))"
    ).format(base=base, names=names, chosen=chosen, any=Literal(counted_bits))


def _by_kind(ruled: Sequence[tuple[int, Rule]]) -> tuple[dict[str, int], list[tuple[int, Composable]]]:
    """The bits that follow from the kind alone, which one look-up finds for all rules at once, and the tests of other rules."""
    by_kind: dict[str, int] = {}
    rest: list[tuple[int, Composable]] = []
    for bit, rule in ruled:
        only = rule.when[0]
        if len(rule.when) == 1 and only.field == "kind" and only.any_of and not only.negated:
            for kind in only.any_of:
                by_kind[kind] = by_kind.get(kind, 0) | bit
        else:
            rest.append((bit, conditions(rule)))
    return by_kind, rest


def _any_of(by_kind: dict[str, int], rest: Sequence[tuple[int, Composable]], bits: int) -> Composed:
    tests: list[Composable] = [test for bit, test in rest if bit & bits]
    if any(mask & bits for mask in by_kind.values()):
        tests.insert(0, SQL("coalesce(k.mask & {} <> 0, FALSE)").format(Literal(bits)))
    return SQL("({})").format(SQL(" OR ").join(tests or [FALSE]))


def _kinds(by_kind: dict[str, int]) -> Composed:
    if not by_kind:
        return SQL("").format()
    pairs = SQL(", ").join(SQL("({}, {}::bigint)").format(Literal(kind), Literal(mask)) for kind, mask in sorted(by_kind.items()))
    return SQL(" LEFT JOIN (VALUES {}) AS k (kind, mask) ON k.kind = t.kind").format(pairs)


def needs_ids(stages: Sequence[Sequence[Rule]]) -> bool:
    """Whether `classified` needs the column `id`: which of equal times is the first."""
    return bool(_special(stages))


def stage_rows(stages: Sequence[Sequence[Rule]], number: int, columns: Sequence[str], *, begins: bool = False) -> Composed:
    """The touchpoints of a stage, each once, with their person and `columns`, out of `classified`."""
    names = SQL(", ").join(map(sql.Identifier, ("person", *columns)))
    asked, bit = WITHIN | (BEGINS if begins else 0), _bit(number)
    rows = SQL("SELECT {} FROM base WHERE mask & {} = {}").format(names, Literal(asked | bit), Literal(asked | bit))
    if not counted(stages[number]):
        return rows
    return SQL("{} UNION ALL SELECT {} FROM special WHERE chosen & {bit} <> 0 AND mask & {bit} = 0 AND mask & {asked} = {asked}").format(
        rows, names, bit=Literal(bit), asked=Literal(asked)
    )


def _bit(number: int) -> int:
    return 1 << (number + 2)


def _special(stages: Sequence[Sequence[Rule]]) -> list[tuple[int, int, Rule]]:
    """Bit, stage and rule of each rule that looks at which occurrence it is. Rules with the same conditions share a bit: they count the same."""
    bits: dict[tuple[Condition, ...], int] = {}
    found = []
    for number, rules in enumerate(stages):
        for rule in counted(rules):
            bit = bits.setdefault(rule.when, 1 << (len(stages) + 2 + len(bits)))
            found.append((bit, number, rule))
    return found


def _rank_test(occurrence: Occurrence) -> SQL:
    return SQL("= 1") if occurrence is Occurrence.FIRST else SQL("> 1")


def of_person(person_id: UUID, handles: Sequence[UUID]) -> Composed:
    """That a touchpoint `t` is a person's, `handles` being theirs, so that indexes find it."""
    return SQL("((t.customer_id = {id} OR t.visitor_id = ANY({handles}) OR t.guest_id = ANY({handles})) AND {person} = {id})").format(
        id=Literal(person_id), handles=Literal(list(handles)), person=SQL(PERSON)
    )


def in_time(since: datetime | None, until: datetime | None, channel: str = "") -> Composed:
    """That a touchpoint `t` is not before `since`, before `until`, and of a channel; each where it is given."""
    tests: list[Composable] = [TRUE]
    if since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(since)))
    if until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(until)))
    if channel:
        tests.append(SQL("t.channel = {}").format(Literal(channel)))
    return SQL(" AND ").join(tests)


async def answer(read: Read, query: Composed) -> list[dict[str, Any]]:
    """Runs a composed query. It has no parameters, so that a percent sign in a literal means nothing."""
    cursor = await read.connection.cursor(row_factory=dict_row).execute(query)
    return await cursor.fetchall()


def stage_number(stages: Sequence[Sequence[Rule]]) -> Composed:
    """The number of the first stage whose rules one person's touchpoint `t` satisfies, or null. The window `w` is all of the person's."""
    cases = []
    for number, rules in enumerate(stages):
        tests: list[Composable] = [plain(rules)]
        for rule in counted(rules):
            rank = SQL("count(*) FILTER (WHERE {}) OVER w").format(conditions(rule))
            tests.append(SQL("({} AND {} {})").format(conditions(rule), rank, _rank_test(rule.occurrence)))
        cases.append(SQL("WHEN {} THEN {}").format(SQL(" OR ").join(tests), Literal(number)))
    return SQL("CASE {} ELSE NULL END").format(SQL(" ").join(cases)) if cases else SQL("NULL::int").format()
