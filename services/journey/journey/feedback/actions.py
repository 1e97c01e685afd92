"""Taking the answers of surveys about orders."""

from uuid import UUID

from chassis.data.tx import Tx
from journey.feedback.model import Feedback, score_group
from journey.feedback.recording import Given, record_answer
from journey.feedback.survey_tokens import Survey
from journey.touchpoints.model import Placing, find_placing
from journey.touchpoints.record import DefaultConsent, Recorded


async def record_feedback(
    tx: Tx,
    survey: Survey,
    score: int,
    comment: str,
    *,
    is_granted_by_default: DefaultConsent,
    trace_id: UUID | None,
) -> tuple[bool, Recorded]:
    """Stores an order's answer over an earlier one, and a touchpoint if consent allows it.

    Returns whether there was an earlier one.
    """
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [str(survey.order_id)])
    before = await tx.get(Feedback, survey.order_id)
    placing = await find_placing(tx, survey.order_id)
    row = Feedback(
        order_id=survey.order_id,
        score=score,
        comment=comment,
        channel=placing.channel if placing else before.channel if before else "",
        given_at=before.given_at if before else tx.now,
        changed_at=tx.now,
        recorded_at=before.recorded_at if before else None,
        revision=before.revision if before else 0,
    )
    recorded = Recorded([], 0, [])
    if before is None or before.score != score:
        recorded = await record_answer(
            tx,
            row,
            _given(survey, row, placing, trace_id),
            is_granted_by_default,
            has_changed=before is not None,
        )
    if before is None:
        await tx.insert(row)
    else:
        await tx.update(row)
    return before is not None, recorded


def _given(survey: Survey, row: Feedback, placing: Placing | None, trace_id: UUID | None) -> Given:
    """Returns an answer as the touchpoint of who placed the order, or of who the token names."""
    return Given(
        key=str(survey.order_id),
        subject=str(survey.order_id),
        channel=row.channel,
        visitor_id=None,
        guest_id=placing.guest_id if placing else survey.owner_id,
        customer_id=placing.customer_id if placing else None,
        properties={"score": str(row.score), "group": score_group(row.score)},
        trace_id=trace_id,
    )
