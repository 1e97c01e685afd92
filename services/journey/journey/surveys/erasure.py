"""Deleting answers, and who was asked, of people who took their consent back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.data.tx import Tx


async def delete_surveys_of_person(
    tx: Tx, person_id: UUID, handles: Sequence[UUID], *, until: datetime | None
) -> None:
    """Deletes what a person was asked and answered up to a time, or all.

    Call it before the person's handles change.
    """
    found = await tx.fetch(
        "SELECT i.id FROM survey_invitation i LEFT JOIN person m"
        " ON m.handle_id = coalesce(i.visitor_id, i.guest_id)"
        " WHERE (%(until)s::timestamptz IS NULL OR i.created_at <= %(until)s)"
        " AND (i.customer_id = %(person)s OR i.customer_id IS NULL"
        " AND (i.visitor_id = ANY(%(handles)s) OR i.guest_id = ANY(%(handles)s)"
        " OR i.guest_id = %(person)s)"
        " AND (m.customer_id IS NULL OR m.customer_id <> %(person)s OR m.shared_from IS NULL"
        " OR i.created_at < m.shared_from))",
        {"person": person_id, "handles": list(handles), "until": until},
    )
    await _delete(tx, [id for (id,) in found])


async def delete_surveys_of_visitor(tx: Tx, visitor_id: UUID, guest_ids: Sequence[UUID]) -> None:
    """Deletes what a visitor, and their guests, were asked and answered."""
    found = await tx.fetch(
        "SELECT id FROM survey_invitation WHERE visitor_id = %(visitor)s"
        " OR visitor_id IS NULL AND guest_id = ANY(%(guests)s)",
        {"visitor": visitor_id, "guests": list(guest_ids)},
    )
    await _delete(tx, [id for (id,) in found])


async def _delete(tx: Tx, invitation_ids: list[UUID]) -> None:
    """Deletes invitations, first locked, so that no answer comes in between."""
    if not invitation_ids:
        return
    ids = sorted(invitation_ids)
    await tx.run("DELETE FROM survey_invitation WHERE id = ANY(%s)", [ids])
    await tx.run("DELETE FROM survey_answer WHERE invitation_id = ANY(%s)", [ids])
    await tx.run("DELETE FROM follow_up WHERE id = ANY(%s)", [ids])
