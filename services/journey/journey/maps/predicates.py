"""Stage rules as SQL.

Values become literals by the driver's own quoting, names come from a closed list.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Literal

from journey.maps.rules import PROPERTY, Condition, Occurrence, Rule
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


def of_person(person_id: UUID, handles: Sequence[UUID]) -> Composed:
    """That a touchpoint `t` is a person's, `handles` being theirs, so that indexes find it."""
    return SQL(
        "((t.customer_id = {id} OR t.visitor_id = ANY({handles}) OR t.guest_id = ANY({handles})) "
        "AND {person} = {id})"
    ).format(id=Literal(person_id), handles=Literal(list(handles)), person=SQL(PERSON))


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


def rank_test(occurrence: Occurrence) -> SQL:
    """Returns the test of a touchpoint's rank among those of a counted rule."""
    return SQL("= 1") if occurrence is Occurrence.FIRST else SQL("> 1")


def stage_number(stages: Sequence[Sequence[Rule]]) -> Composed:
    """The number of the first stage whose rules one person's touchpoint `t` satisfies, or null.

    The window `w` is all of the person's.
    """
    cases = []
    for number, rules in enumerate(stages):
        tests: list[Composable] = [plain(rules)]
        for rule in counted(rules):
            rank = SQL("count(*) FILTER (WHERE {}) OVER w").format(conditions(rule))
            tests.append(
                SQL("({} AND {} {})").format(conditions(rule), rank, rank_test(rule.occurrence))
            )
        cases.append(SQL("WHEN {} THEN {}").format(SQL(" OR ").join(tests), Literal(number)))
    return (
        SQL("CASE {} ELSE NULL END").format(SQL(" ").join(cases))
        if cases
        else SQL("NULL::int").format()
    )
