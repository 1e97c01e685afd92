"""Handlers of the journey's timers."""

from datetime import timedelta
from uuid import UUID

from chassis.data.database import Database
from chassis.data.timers import Timer, TimerHandler
from journey import metrics
from journey.maps.model import localized
from journey.peers import Catalog, ReminderChannel, SurveyChannel, SurveyMail
from journey.reminders.actions import find_objection, settle_reminder
from journey.reminders.model import TIMER, Reason, Reminder, Status
from journey.surveys import mailing
from journey.surveys.definition import score_texts
from journey.surveys.model import SCORES, Survey
from journey.surveys.tokens import InvitationTokens


def timers(
    database: Database, catalog: Catalog, channel: ReminderChannel
) -> dict[str, TimerHandler]:
    """Handlers of reminders.

    They ask for the truth at the moment of sending; what is away is asked again later.
    """

    async def remind(timer: Timer) -> None:
        async with database.read() as read:
            reminder = await read.get(Reminder, UUID(timer.key))
            if reminder is None or reminder.status is not Status.SCHEDULED:
                return
            reason = await find_objection(read, reminder)
        if reason is None:
            lines = await catalog.lines_in_stock(reminder)
            if lines:
                reason = await channel.send(
                    reminder, lines, expires_at=database.clock.now() + timedelta(days=1)
                )
            else:
                reason = Reason.OUT_OF_STOCK
        status = Status.CANCELLED if reason else Status.SENT
        if await settle_reminder(database, reminder.id, status, reason or ""):
            metrics.reminders.labels(reason or "sent").inc()

    return {TIMER: remind}


def survey_timers(
    database: Database, channel: SurveyChannel, tokens: InvitationTokens
) -> dict[str, TimerHandler]:
    """Handlers of surveys by mail. The rules decide at the moment of sending."""

    async def ask(timer: Timer) -> None:
        invitation_id = UUID(timer.key)
        turn = await mailing.take_turn(database, invitation_id)
        if turn is None:
            return
        survey, invitation = turn
        mail = _survey_mail(survey, invitation.locale, tokens.token_of(invitation_id))
        refusal = "" if await channel.send_survey(invitation, mail) else "not_allowed"
        if await mailing.settle_mail(database, invitation_id, refusal=refusal):
            metrics.surveys_mailed.labels(refusal or "sent").inc()

    return {mailing.TIMER: ask}


def _survey_mail(survey: Survey, locale: str, token: str) -> SurveyMail:
    lowest, highest = SCORES.get(survey.type, (0, 0))
    texts = score_texts(survey) or survey.questions[0].text
    return SurveyMail(
        token=token, question=localized(texts, locale), lowest=lowest, highest=highest
    )
