"""Money of the orders of each stage, net of what was given back of them.

An order counts for the stages of its `order.placed`. Its refunds count with it, whenever they were,
so that the sums of all stages do not depend on the asked time of a refund.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composed, Literal

from chassis.data.tx import Tx
from journey.funnels.classification import TIES, Stages, common_kinds, fits_kind
from journey.funnels.queries import Question, prepare_large_reads
from journey.maps.model import Stage
from journey.maps.predicates import TRUE

_PLACED = "order.placed"


@dataclass(frozen=True, slots=True)
class StageRevenue:
    """Money of a stage's orders in one currency, in minor units."""

    stage: int
    currency: str
    orders: int
    gross_minor: int
    refunded_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.refunded_minor

    @property
    def average_order_minor(self) -> int:
        """Returns the average total, halves rounded up."""
        return (2 * self.gross_minor + self.orders) // (2 * self.orders) if self.orders else 0


async def list_stage_revenue(
    tx: Tx, stages: Sequence[Stage], question: Question
) -> list[StageRevenue]:
    """Returns the money of each stage and currency that has orders, in the map's order."""
    rules = [tuple(rule for rule in stage.rules if fits_kind(rule, _PLACED)) for stage in stages]
    ruled = [number for number, chosen in enumerate(rules) if chosen]
    if not ruled:
        return []
    await prepare_large_reads(tx)
    asked = Stages(rules, await common_kinds(tx), question.within, TRUE, question.counted)
    columns = ["occurred_at", "kind", "subject", "amount_minor", "currency"]
    if asked.needs_ties:
        columns += TIES
    query = SQL(
        "WITH {classified}, refunds AS (SELECT subject, currency, sum(amount_minor)::bigint AS "
        "minor FROM touchpoint WHERE kind = 'order.refunded' AND subject IN (SELECT subject FROM "
        "base WHERE kind = 'order.placed') GROUP BY subject, currency) {parts}"
    ).format(
        classified=asked.classified(columns),
        parts=SQL(" UNION ALL ").join([_part(asked, number) for number in ruled]),
    )
    found = [StageRevenue(**row) for row in await tx.answer(query)]
    return sorted(found, key=lambda one: (one.stage, one.currency))


def _part(asked: Stages, number: int) -> Composed:
    rows = asked.rows([number], ["kind", "subject", "amount_minor", "currency"])
    return SQL(
        "SELECT {} AS stage, r.currency, count(*) AS orders, sum(r.amount_minor)::bigint AS "
        "gross_minor, coalesce(sum(f.minor), 0)::bigint AS refunded_minor FROM ({}) r LEFT JOIN "
        "refunds f ON f.subject = r.subject AND f.currency = r.currency"
        " WHERE r.kind = 'order.placed' AND r.amount_minor IS NOT NULL GROUP BY r.currency"
    ).format(Literal(number), rows)
