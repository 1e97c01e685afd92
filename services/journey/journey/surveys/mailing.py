"""Asking by mail: after an order's touchpoint, with the address that its event has.

The mail is scheduled with the touchpoint. At its time the rules decide, as on a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic_core import from_json

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from journey.surveys.asking import (
    Respondent,
    context_of,
    find_people,
    ids_of,
    is_in_share,
    lock_askings,
)
from journey.surveys.model import InvitationState, Medium, Survey, SurveyInvitation
from journey.surveys.queries import get_rules, list_open_surveys, may_be_asked
from journey.touchpoints.model import Touchpoint

TIMER: Final = "ask_survey"


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address of a person, and the language to write in."""

    email: str = field(repr=False)
    locale: str


async def schedule_surveys(tx: Tx, stored: Sequence[tuple[Touchpoint, Address]]) -> int:
    """Schedules the mails of surveys after touchpoints that were stored. Returns how many.

    Idempotent: a survey is asked once about a touchpoint.
    """
    if not stored:
        return 0
    surveys = [
        survey
        for survey in await list_open_surveys(tx, tx.now)
        if Medium.MAIL in survey.trigger.media
    ]
    scheduled = 0
    for row, address in stored:
        for survey in surveys:
            trigger = survey.trigger
            if row.kind == trigger.kind and (
                not trigger.channels or row.channel in trigger.channels
            ):
                invitation = _invitation(tx, survey, row, address)
                if await tx.insert_new(invitation):
                    due_at = row.occurred_at + timedelta(seconds=trigger.delay_seconds)
                    await timers.schedule(tx, TIMER, str(invitation.id), due_at)
                    scheduled += 1
    return scheduled


def _invitation(tx: Tx, survey: Survey, row: Touchpoint, address: Address) -> SurveyInvitation:
    columns = {name: str(value) for name, value in row._asdict().items() if value is not None}
    return SurveyInvitation(
        id=uuid7(),
        survey_slug=survey.slug,
        touchpoint_id=row.id,
        visitor_id=None,
        guest_id=row.guest_id,
        customer_id=row.customer_id,
        medium=Medium.MAIL,
        state=InvitationState.SCHEDULED,
        context={**context_of(columns, from_json(row.properties)), "medium": Medium.MAIL},
        email=address.email,
        locale=address.locale,
        created_at=tx.now,
    )


async def take_turn(
    database: Database, invitation_id: UUID
) -> tuple[Survey, SurveyInvitation] | None:
    """Takes a person's turn for a scheduled mail; None where it must not be sent, or was.

    A turn that was taken and whose mail was not sent yet is answered again.
    """
    async with database.tx() as tx:
        invitation = await tx.lock(SurveyInvitation, invitation_id)
        if invitation is None or not invitation.email:
            return None
        survey = await tx.get(Survey, invitation.survey_slug)
        if invitation.state is InvitationState.ASKED and survey is not None:
            return survey, invitation
        if survey is None or not await _may_ask(tx, survey, invitation):
            skip(invitation, "not_due")
            await tx.update(invitation)
            return None
        rules = await get_rules(tx)
        invitation.state, invitation.asked_at = InvitationState.ASKED, tx.now
        invitation.expires_at = tx.now + timedelta(days=rules.answer_days)
        await tx.update(invitation)
        return survey, invitation


async def settle_mail(database: Database, invitation_id: UUID, *, refusal: str) -> bool:
    """Forgets the address of a mail that was sent or refused. Returns whether it knew it.

    What was refused was no turn.
    """
    async with database.tx() as tx:
        invitation = await tx.lock(SurveyInvitation, invitation_id)
        if invitation is None or not invitation.email:
            return False
        if refusal:
            skip(invitation, refusal)
        invitation.email = ""
        await tx.update(invitation)
        return True


def skip(invitation: SurveyInvitation, reason: str) -> None:
    """Settles an invitation as one that nobody got."""
    invitation.state, invitation.reason = InvitationState.SKIPPED, reason
    invitation.asked_at, invitation.expires_at, invitation.email = None, None, ""


async def _may_ask(tx: Tx, survey: Survey, invitation: SurveyInvitation) -> bool:
    if invitation.state is not InvitationState.SCHEDULED or not survey.is_open_at(tx.now):
        return False
    people = await find_people(tx, Respondent(None, invitation.guest_id, invitation.customer_id))
    if not is_in_share(survey, people[0].id):
        return False
    await lock_askings(tx, people)
    return await may_be_asked(tx, ids_of(people), await get_rules(tx))
