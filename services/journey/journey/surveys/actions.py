"""Staff's use cases: keeping surveys, and how often people are asked."""

from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from journey.errors import SurveyHasAnswers
from journey.surveys.definition import check_change, check_survey
from journey.surveys.model import Survey, SurveyRules
from journey.surveys.queries import has_answers


async def put_survey(tx: Tx, survey: Survey, *, actor_id: UUID, expected_version: int) -> Survey:
    """Creates or replaces a survey; `expected_version` 0 means any.

    Raises InvalidSurvey, SurveyHasAnswers, VersionMismatch.
    """
    check_survey(survey)
    before = await _lock_survey(tx, survey.slug)
    if expected_version and (before is None or before.version != expected_version):
        raise VersionMismatch(version=before.version if before else 0)
    survey.created_at = before.created_at if before else tx.now
    survey.changed_at = tx.now
    survey.version = before_version = before.version if before else 1
    if before is None:
        await tx.insert(survey)
    else:
        if await has_answers(tx, survey.slug):
            check_change(before, survey)
        await tx.update(survey)
    record_audit(
        tx,
        actor_id,
        "put_survey",
        f"survey:{survey.slug}",
        before={"version": before_version, "state": before.state} if before else None,
        after={"version": survey.version, "state": survey.state},
    )
    return survey


async def delete_survey(tx: Tx, slug: str, *, actor_id: UUID, expected_version: int) -> None:
    """Deletes a survey without answers. Who was asked by it still was. Idempotent.

    Raises SurveyHasAnswers, VersionMismatch.
    """
    if (before := await _lock_survey(tx, slug)) is None:
        return
    if expected_version and before.version != expected_version:
        raise VersionMismatch(version=before.version)
    if await has_answers(tx, slug):
        raise SurveyHasAnswers("end the survey instead: it has answers", path="state")
    await tx.delete(before)
    record_audit(
        tx,
        actor_id,
        "delete_survey",
        f"survey:{slug}",
        before={"version": before.version, "state": before.state},
        after=None,
    )


async def put_survey_rules(
    tx: Tx, rules: SurveyRules, *, actor_id: UUID, expected_version: int
) -> SurveyRules:
    """Replaces how often people may be asked. Raises VersionMismatch."""
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended('survey_rules', 4))")
    before = await tx.lock(SurveyRules, rules.name)
    if expected_version and (before is None or before.version != expected_version):
        raise VersionMismatch(version=before.version if before else 0)
    rules.version = before.version if before else 1
    if before is None:
        await tx.insert(rules)
    else:
        await tx.update(rules)
    record_audit(
        tx,
        actor_id,
        "put_survey_rules",
        "survey_rules",
        before=_numbers(before) if before else None,
        after=_numbers(rules),
    )
    return rules


def _numbers(rules: SurveyRules) -> dict[str, int]:
    return {
        "days_between": rules.days_between,
        "most_per_year": rules.most_per_year,
        "answer_days": rules.answer_days,
    }


async def _lock_survey(tx: Tx, slug: str) -> Survey | None:
    """Returns a survey, locked against answers too."""
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", [slug])
    return await tx.lock(Survey, slug)
