"""Classifies touchpoints by stage in one pass over the table, for funnels and statistics.

What a rule asks of the kind is judged once for each kind, and of a touchpoint only the rest. A few
pages of the table tell which kinds there are; one that they do not show is judged row by row, so
that the answer never depends on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Literal

from chassis.data.tx import Read
from journey.maps import predicates
from journey.maps.predicates import TRUE
from journey.maps.rules import Condition, Rule
from journey.touchpoints.model import FROM_TOUCHPOINT, PERSON

WITHIN: Final = 1
BEGINS: Final = 2
MOST_KINDS: Final = 500
# What orders touchpoints of one time.
TIES: Final = ("sequence", "id")
_KIND: Final = "kind"


@dataclass(frozen=True, slots=True)
class Stages:
    """The rules of a map's stages, ready to be asked.

    `counted` is true of what counts at all, `within` of what is asked for, `begins` of what may
    begin a way.
    """

    rules: Sequence[Sequence[Rule]]
    kinds: Sequence[str]
    within: Composable
    begins: Composable
    counted: Composable

    @property
    def needs_ties(self) -> bool:
        """Returns whether `classified` needs the columns `TIES`."""
        return bool(self.special)

    @property
    def special(self) -> list[tuple[int, int, Rule]]:
        """Bit, stage and rule of each rule that looks at the person's other touchpoints.

        Rules that the same touchpoints fit share a bit.
        """
        bits: dict[tuple[tuple[Condition, ...], tuple[str, ...]], int] = {}
        found = []
        for number, rules in enumerate(self.rules):
            for rule in predicates.counted(rules):
                fits = rule.when, rule.after
                bit = bits.setdefault(fits, 1 << (len(self.rules) + 2 + len(bits)))
                found.append((bit, number, rule))
        return found

    @property
    def preceding(self) -> dict[str, int]:
        """The bit of each kind that a rule names by `after`."""
        begin = len(self.rules) + 2 + len({bit for bit, _, _ in self.special})
        kinds = predicates.preceding_kinds(self.rules)
        return {kind: 1 << (begin + number) for number, kind in enumerate(kinds)}

    @property
    def counted_bits(self) -> int:
        """The bits that tell of a person's other touchpoints."""
        return sum({bit for bit, _, _ in self.special}) + sum(self.preceding.values())

    @property
    def by_bit(self) -> dict[int, list[Rule]]:
        """The rules any of which sets a bit."""
        found = {bit: [rule] for bit, _, rule in self.special}
        found |= {bit: [predicates.happened(kind)] for kind, bit in self.preceding.items()}
        for number, rules in enumerate(self.rules):
            if alone := [rule for rule in rules if not rule.looks_at_others]:
                found[_bit(number)] = alone
        return found

    def classified(self, columns: Sequence[str]) -> Composed:
        """The steps `base` and `special`, from which `rows` reads.

        `base` has for each act a mask, its person and `columns`. The mask tells whether
        `within` and `begins` hold, where they may not, which stages' plain rules the touchpoint
        satisfies, and which counted rules' conditions. `special` has those of counted rules, with
        the bits of the stages whose counted rules chose them. `within` narrows what is answered,
        not which occurrence is the first, nor what happened before.
        """
        by_kind = _ByKind.from_rules(self.by_bit, self.kinds)
        wanted = SQL("{} AND {} AND ({} OR {})").format(
            self.counted, by_kind.any_of(~0), self.within, by_kind.any_of(self.counted_bits)
        )
        asked = [
            _when(test, bit)
            for test, bit in ((self.within, WITHIN), (self.begins, BEGINS))
            if test is not TRUE
        ]
        mask = SQL(" | ").join([by_kind.mask, *asked])
        # The mask comes first: each step reads it of every row, and nothing else of most.
        base = SQL(
            "base AS MATERIALIZED (SELECT {mask} AS mask, {person} AS person, "
            "{columns} FROM {source}{kinds} WHERE {wanted})"
        ).format(
            person=SQL(PERSON),
            columns=SQL(", ").join(sql.Identifier("t", name) for name in columns),
            mask=mask,
            source=SQL(FROM_TOUCHPOINT),
            kinds=by_kind.join,
            wanted=wanted,
        )
        if not self.special:
            return base
        steps = [base, *self._preceded(columns), self._chosen(columns)]
        return SQL(", ").join(steps)

    def _preceded(self, columns: Sequence[str]) -> list[Composed]:
        """The step that takes the bits of counted rules from what comes before their `after`."""
        if not self.preceding:
            return []
        bits = {
            bit: sum(self.preceding[kind] for kind in rule.after) for bit, _, rule in self.special
        }
        early = SQL(" | ").join(
            SQL("CASE WHEN before & {after} = {after} THEN 0 ELSE {bit}::bigint END").format(
                after=Literal(after), bit=Literal(bit)
            )
            for bit, after in bits.items()
            if after
        )
        return [
            SQL(
                "preceded AS (SELECT mask & ~({early}) AS mask, person, {columns} FROM (SELECT *, "
                "coalesce(bit_or(mask) OVER (PARTITION BY person ORDER BY occurred_at, {ties} ROWS "
                "BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before"
                " FROM base WHERE mask & {any} <> 0) b)"
            ).format(
                early=early,
                columns=_names(columns),
                ties=_names(TIES),
                any=Literal(self.counted_bits),
            )
        ]

    def _chosen(self, columns: Sequence[str]) -> Composed:
        """The step `special`."""
        chosen = SQL(" | ").join(
            SQL("CASE WHEN {fits} AND {test} THEN {stage}::bigint ELSE 0 END").format(
                fits=_has(bit),
                test=predicates.occurrence_test(
                    rule.occurrence, _has(bit), SQL("PARTITION BY person")
                ),
                stage=Literal(_bit(number)),
            )
            for bit, number, rule in self.special
        )
        return SQL(
            "special AS MATERIALIZED (SELECT mask, {chosen} AS chosen, person, {columns} "
            "FROM {rows} WHERE mask & {any} <> 0"
            " WINDOW w AS (PARTITION BY person ORDER BY occurred_at, {ties}))"
        ).format(
            chosen=chosen,
            columns=_names(columns),
            ties=_names(TIES),
            rows=SQL("preceded" if self.preceding else "base"),
            any=Literal(self.counted_bits),
        )

    def rows(
        self, numbers: Sequence[int], columns: Sequence[str], *, begins: bool = False
    ) -> Composed:
        """Returns the touchpoints of stages, each once a stage, with mask, person and `columns`."""
        names = SQL(", ").join(map(sql.Identifier, ("person", *columns)))
        bits = sum(map(_bit, numbers))
        asked = [
            _has(bit)
            for bit, test in ((WITHIN, self.within), (BEGINS, self.begins if begins else TRUE))
            if test is not TRUE
        ]
        rows = SQL("SELECT mask, {} FROM base WHERE {}").format(
            names, SQL(" AND ").join([_has(bits), *asked])
        )
        if not any(predicates.counted(self.rules[number]) for number in numbers):
            return rows
        chosen = SQL("chosen & ~mask & {} <> 0").format(Literal(bits))
        return SQL("{} UNION ALL SELECT chosen & ~mask, {} FROM special WHERE {}").format(
            rows, names, SQL(" AND ").join([chosen, *asked])
        )


def is_of(number: int) -> Composed:
    """Returns the test whether one of `Stages.rows` is of a stage."""
    return _has(_bit(number))


@dataclass(frozen=True, slots=True)
class _ByKind:
    """Returns the certain bits of each known kind, and those that other columns decide."""

    by_bit: Mapping[int, Sequence[Rule]]
    sure: Mapping[str, int]
    unsure: Mapping[str, int]

    @classmethod
    def from_rules(cls, by_bit: Mapping[int, Sequence[Rule]], kinds: Sequence[str]) -> "_ByKind":
        named = {
            value
            for rules in by_bit.values()
            for rule in rules
            for one in rule.when
            if one.field == _KIND
            for value in one.any_of
        }
        sure: dict[str, int] = {}
        unsure: dict[str, int] = {}
        for kind in sorted(named | set(kinds)):
            fitting = {
                bit: [rule for rule in rules if fits_kind(rule, kind)]
                for bit, rules in by_bit.items()
            }
            sure[kind] = sum(
                bit for bit, rules in fitting.items() if any(map(_asks_only_kind, rules))
            )
            unsure[kind] = sum(bit for bit, rules in fitting.items() if rules) - sure[kind]
        return cls(by_bit, sure, unsure)

    @property
    def join(self) -> Composed:
        if not self.sure:
            return SQL(
                " CROSS JOIN (SELECT NULL::text, NULL::bigint, NULL::bigint) AS k (kind, sure, "
                "unsure)"
            ).format()
        each = SQL(", ").join(
            SQL("({}, {}::bigint, {}::bigint)").format(
                Literal(kind), Literal(bits), Literal(self.unsure[kind])
            )
            for kind, bits in self.sure.items()
        )
        return SQL(" LEFT JOIN (VALUES {}) AS k (kind, sure, unsure) ON k.kind = t.kind").format(
            each
        )

    @property
    def mask(self) -> Composed:
        """All bits of a touchpoint `t`, of whose kind `k` tells what is known."""
        rest = [_when(self._rest(bit), bit) for bit in self._open(~0)]
        every = [_when(self._any_rule(bit), bit) for bit in self.by_bit]
        return SQL("CASE WHEN k.kind IS NOT NULL THEN {} ELSE {} END").format(
            SQL(" | ").join([SQL("k.sure"), *rest]),
            SQL(" | ").join(every or [SQL("0::bigint").format()]),
        )

    def any_of(self, bits: int) -> Composed:
        """Returns whether any of the bits is in the mask."""
        asked = [bit for bit in self.by_bit if bit & bits]
        if not asked:
            return SQL("FALSE").format()
        tests = [
            SQL("k.sure & {} <> 0").format(Literal(sum(asked))),
            *map(self._rest, self._open(bits)),
        ]
        every = SQL(" OR ").join(map(self._any_rule, asked))
        return SQL("CASE WHEN k.kind IS NOT NULL THEN {} ELSE {} END").format(
            SQL(" OR ").join(tests), every
        )

    def _open(self, bits: int) -> list[int]:
        """The bits that no kind alone decides."""
        return [
            bit
            for bit in self.by_bit
            if bit & bits and any(each & bit for each in self.unsure.values())
        ]

    def _rest(self, bit: int) -> Composable:
        open_rules = [rule for rule in self.by_bit[bit] if not _asks_only_kind(rule)]
        holds = SQL("({})").format(SQL(" OR ").join(map(predicates.conditions, open_rules)))
        if not any(map(_asks_kind, open_rules)):
            return holds
        return SQL("(k.unsure & {} <> 0 AND {})").format(Literal(bit), holds)

    def _any_rule(self, bit: int) -> Composed:
        return SQL("({})").format(SQL(" OR ").join(map(predicates.conditions, self.by_bit[bit])))


def fits_kind(rule: Rule, kind: str) -> bool:
    """Returns whether a rule may hold for a touchpoint of a kind."""
    return all(_holds(one, kind) for one in rule.when if one.field == _KIND)


def _holds(one: Condition, kind: str) -> bool:
    test = (
        kind in one.any_of
        if one.any_of
        else kind.startswith(one.prefix)
        if one.prefix
        else kind != ""
    )
    return test is not one.negated


def _asks_kind(rule: Rule) -> bool:
    return any(one.field == _KIND for one in rule.when)


def _asks_only_kind(rule: Rule) -> bool:
    return all(one.field == _KIND for one in rule.when)


def _names(columns: Sequence[str]) -> Composed:
    return SQL(", ").join(map(sql.Identifier, columns))


def _when(test: Composable, bit: int) -> Composed:
    return SQL("CASE WHEN {} THEN {}::bigint ELSE 0 END").format(test, Literal(bit))


def _has(bits: int) -> Composed:
    return SQL("mask & {} <> 0").format(Literal(bits))


def _bit(number: int) -> int:
    return 1 << (number + 2)


async def common_kinds(read: Read) -> list[str]:
    """Kinds that some hundred pages show: nearly all that are frequent."""
    found = await read.fetch(
        "SELECT DISTINCT kind FROM touchpoint TABLESAMPLE SYSTEM (least(100, 20000 / (1 + "
        "pg_relation_size('touchpoint') / 8192)))"
        " LIMIT %s",
        [MOST_KINDS],
    )
    return [kind for (kind,) in found]
