"""Stage rules as SQL.

Values become literals by the driver's own quoting, names come from a closed list.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Literal

from journey.maps.rules import AMOUNT, PROPERTY, Condition, Occurrence, Rule
from journey.touchpoints.acts import IS_ACT
from journey.touchpoints.model import PERSON

FALSE: Final = SQL("FALSE")
TRUE: Final = SQL("TRUE")


def column(field: str) -> Composable:
    """A field of the touchpoint `t` as text."""
    if field.startswith(PROPERTY):
        return SQL("coalesce(t.properties ->> {}, '')").format(
            Literal(field.removeprefix(PROPERTY))
        )
    return sql.Identifier("t", field)


def condition(one: Condition) -> Composable:
    """True or false, never null."""
    if one.field == AMOUNT:
        test: Composable = _amount_test(one)
    elif one.any_of:
        test = SQL("{} IN ({})").format(column(one.field), SQL(", ").join(map(Literal, one.any_of)))
    elif one.prefix:
        test = SQL("starts_with({}, {})").format(column(one.field), Literal(one.prefix))
    else:
        test = SQL("{} <> ''").format(column(one.field))
    return SQL("NOT ({})").format(test) if one.negated else test


def _amount_test(one: Condition) -> Composable:
    tests: list[Composable] = [SQL("t.amount_minor IS NOT NULL")]
    if one.at_least is not None:
        tests.append(SQL("t.amount_minor >= {}").format(Literal(one.at_least)))
    if one.below is not None:
        tests.append(SQL("t.amount_minor < {}").format(Literal(one.below)))
    # False and null is false: what is not known is within no bounds.
    return SQL("({})").format(SQL(" AND ").join(tests))


def conditions(rule: Rule) -> Composed:
    """All of a rule's conditions."""
    return SQL("({})").format(SQL(" AND ").join(map(condition, rule.when)))


def plain(rules: Sequence[Rule]) -> Composable:
    """Any of the rules that look at a touchpoint alone."""
    alone = [conditions(rule) for rule in rules if not rule.looks_at_others]
    return SQL("({})").format(SQL(" OR ").join(alone)) if alone else FALSE


def counted(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that look at the person's other touchpoints."""
    return [rule for rule in rules if rule.looks_at_others]


def happened(kind: str) -> Rule:
    """The rule of touchpoints by which a kind named by `after` has happened."""
    return Rule((Condition("kind", (kind,)), Condition("outcome", ("ok",))))


def preceding_kinds(stages: Sequence[Sequence[Rule]]) -> list[str]:
    """The kinds that rules name by `after`."""
    return sorted({kind for rules in stages for rule in rules for kind in rule.after})


def of_person(person_id: UUID, handles: Sequence[UUID]) -> Composed:
    """That a touchpoint `t` is a person's, `handles` being theirs, so that indexes find it."""
    return SQL(
        "((t.customer_id = {id} OR t.visitor_id = ANY({handles}) OR t.guest_id = ANY({handles})) "
        "AND {person} = {id})"
    ).format(id=Literal(person_id), handles=Literal(list(handles)), person=SQL(PERSON))


def counting(*, with_bots: bool) -> Composable:
    """Returns the condition that a touchpoint `t` counts: it is an act, and no bot's."""
    return SQL(IS_ACT) if with_bots else SQL(f"({IS_ACT} AND t.device <> 'bot')")


def in_time(since: datetime | None, until: datetime | None, channel: str = "") -> Composable:
    """Returns the condition that a touchpoint `t` is in a time range and of a channel.

    Each part is left out if it is not given.
    """
    tests: list[Composable] = []
    if since is not None:
        tests.append(SQL("t.occurred_at >= {}").format(Literal(since)))
    if until is not None:
        tests.append(SQL("t.occurred_at < {}").format(Literal(until)))
    if channel:
        tests.append(SQL("t.channel = {}").format(Literal(channel)))
    return SQL(" AND ").join(tests) if tests else TRUE


def occurrence_test(occurrence: Occurrence, fits: Composable, partition: SQL) -> Composable:
    """Returns the test of which touchpoint it is among the person's that fit a rule.

    The window `w` is ordered; `partition` parts all rows by person.
    """
    so_far = SQL("count(*) FILTER (WHERE {}) OVER w").format(fits)
    match occurrence:
        case Occurrence.ANY:
            return TRUE
        case Occurrence.FIRST:
            return SQL("{} = 1").format(so_far)
        case Occurrence.REPEAT:
            return SQL("{} > 1").format(so_far)
        case Occurrence.LAST:
            return SQL("{} = count(*) FILTER (WHERE {}) OVER ({})").format(so_far, fits, partition)


def preceding_flags(stages: Sequence[Sequence[Rule]]) -> list[Composed]:
    """Columns that tell of one person's touchpoint `t` which kinds happened before it.

    The window `earlier` is all of the person's that come before.
    """
    return [
        SQL("coalesce(bool_or({}) OVER earlier, FALSE) AS {}").format(
            conditions(happened(kind)), _flag(number)
        )
        for number, kind in enumerate(preceding_kinds(stages))
    ]


def _flag(number: int) -> sql.Identifier:
    return sql.Identifier(f"after_{number}")


def stage_number(stages: Sequence[Sequence[Rule]]) -> Composed:
    """The number of the first stage whose rules one person's touchpoint `t` satisfies, or null.

    `t` has `preceding_flags` too. The window `w` is all of the person's, in their order.
    """
    flags = {kind: _flag(number) for number, kind in enumerate(preceding_kinds(stages))}
    cases = []
    for number, rules in enumerate(stages):
        tests: list[Composable] = [plain(rules)]
        for rule in counted(rules):
            after = [SQL("t.{}").format(flags[kind]) for kind in rule.after]
            fits = SQL("({})").format(SQL(" AND ").join([conditions(rule), *after]))
            test = occurrence_test(rule.occurrence, fits, SQL(""))
            tests.append(SQL("({} AND {})").format(fits, test))
        cases.append(SQL("WHEN {} THEN {}").format(SQL(" OR ").join(tests), Literal(number)))
    return (
        SQL("CASE {} ELSE NULL END").format(SQL(" ").join(cases))
        if cases
        else SQL("NULL::int").format()
    )
