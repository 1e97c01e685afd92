"""Taking the answers of surveys."""

from uuid import UUID

from chassis.data.tx import Tx
from journey.feedback.model import Feedback, score_group
from journey.feedback.survey_tokens import Survey
from journey.touchpoints.model import (
    Placing,
    Source,
    Touchpoint,
    derive_touchpoint_id,
    find_placing,
    replace_properties,
    serialize_properties,
)
from journey.touchpoints.record import DefaultConsent, Recorded, Seen, record_touchpoints

KIND = "feedback.given"


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
        channel=placing.channel if placing else "",
        given_at=before.given_at if before else tx.now,
        changed_at=tx.now,
    )
    if before is None:
        await tx.insert(row)
    else:
        await tx.update(row)
    properties = {"score": str(score), "group": score_group(score)}
    seen = _seen(tx, survey, placing, properties, trace_id)
    recorded = await record_touchpoints(tx, [seen] if seen else [], is_granted_by_default)
    if recorded.repeated and seen:
        await replace_properties(tx, seen.touchpoint.id, properties)
    return before is not None, recorded


def _seen(
    tx: Tx,
    survey: Survey,
    placing: Placing | None,
    properties: dict[str, str],
    trace_id: UUID | None,
) -> Seen | None:
    guest_id = placing.guest_id if placing else survey.owner_id
    customer_id = placing.customer_id if placing else None
    if guest_id is None and customer_id is None:
        return None
    return Seen(
        Touchpoint(
            id=derive_touchpoint_id(KIND, str(survey.order_id)),
            visitor_id=None,
            guest_id=guest_id,
            customer_id=customer_id,
            trace_id=trace_id,
            occurred_at=tx.now,
            received_at=tx.now,
            duration_ms=None,
            kind=KIND,
            source=Source.EVENT,
            channel=placing.channel if placing else "",
            subject=str(survey.order_id),
            properties=serialize_properties(properties),
        )
    )
