"""Edge of SurveyService and FollowUpService: staff's side of surveys."""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis import pagination
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from journey.map_sharing.model import MapRole
from journey.map_sharing.queries import require_role
from journey.maps.model import Stage, get_map
from journey.questions.answers import Answers
from journey.questions.calendar import require_zone
from journey.questions.fold import ask
from journey.store.store import TouchpointStore
from journey.survey_results import wire as results_wire
from journey.survey_results.people import PeopleAmong
from journey.survey_results.queries import STAGE, ResultsQuery, Tally, get_results
from journey.survey_results.texts import TextFilter, list_answers_with_text, texts_of
from journey.surveys import wire
from journey.surveys.actions import delete_survey, put_survey, put_survey_rules
from journey.surveys.follow_ups import (
    FollowUpChange,
    close_follow_up,
    get_follow_up,
    list_follow_ups,
    update_follow_up,
)
from journey.surveys.model import SurveyInvitation
from journey.surveys.queries import (
    Counts,
    count_invitations,
    get_rules,
    get_survey,
    list_surveys,
)
from journey.wire import time_or_none
from sojourn.journey.v1 import surveys_pb2 as pb
from sojourn.journey.v1 import surveys_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
_READ_TEXTS: Final = "feedback.texts.read"
_USUAL_SIZE: Final = 50


class SurveyServicer(Servicer, pb_grpc.SurveyServiceServicer):
    """Surveys, their rules and their results."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._store, self._answers = store, Answers(database, store)

    @read(scope=_READ)
    async def ListSurveys(
        self, request: pb.ListSurveysRequest, call: Call
    ) -> pb.ListSurveysResponse:
        async with call.read() as read:
            found = await list_surveys(read)
            counted = await count_invitations(read, [one.slug for one in found])
        return pb.ListSurveysResponse(
            surveys=[wire.survey(one, counted.get(one.slug, Counts())) for one in found]
        )

    @read(scope=_READ)
    async def GetSurvey(self, request: pb.GetSurveyRequest, call: Call) -> pb.Survey:
        async with call.read() as read:
            found = await get_survey(read, request.slug)
            counted = await count_invitations(read, [found.slug])
        return wire.survey(found, counted.get(found.slug, Counts()))

    @write(scope=_WRITE)
    async def PutSurvey(self, request: pb.PutSurveyRequest, call: Call) -> pb.Survey:
        survey, actor_id = wire.survey_of(request.survey), call.caller.person_id
        async with call.tx() as tx:
            kept = await put_survey(
                tx, survey, actor_id=actor_id, expected_version=request.expected_version
            )
            counted = await count_invitations(tx, [kept.slug])
            return wire.survey(kept, counted.get(kept.slug, Counts()))

    @write(scope=_WRITE)
    async def DeleteSurvey(
        self, request: pb.DeleteSurveyRequest, call: Call
    ) -> pb.DeleteSurveyResponse:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            await delete_survey(
                tx, request.slug, actor_id=actor_id, expected_version=request.expected_version
            )
        return pb.DeleteSurveyResponse()

    @read(scope=_READ)
    async def GetSurveyRules(self, request: pb.GetSurveyRulesRequest, call: Call) -> pb.SurveyRules:
        async with call.read() as read:
            return wire.rules(await get_rules(read))

    @write(scope=_WRITE)
    async def PutSurveyRules(self, request: pb.PutSurveyRulesRequest, call: Call) -> pb.SurveyRules:
        rules, actor_id = wire.rules_of(request.rules), call.caller.person_id
        async with call.tx() as tx:
            return wire.rules(
                await put_survey_rules(
                    tx, rules, actor_id=actor_id, expected_version=request.expected_version
                )
            )

    @read(scope=_READ)
    async def GetSurveyResults(
        self, request: pb.GetSurveyResultsRequest, call: Call
    ) -> pb.SurveyResults:
        zone = request.time_zone or "UTC"
        require_zone(zone)
        async with call.read() as read:
            survey = await get_survey(read, request.slug)
            stages = await _stages(read, request, call.caller)
            query = ResultsQuery(
                since=time_or_none(request.time_range, "since"),
                until=time_or_none(request.time_range, "until"),
                by=request.by,
                period=results_wire.PERIODS.decode(request.period),
                zone=ZoneInfo(zone),
                stages=stages,
            )
            counted = await count_invitations(read, [survey.slug])
            found = await get_results(read, survey, counted.get(survey.slug, Counts()), query)
        # Segments are asked with no connection out: they may read the whole history.
        compared: dict[str, Tally] = {}
        for number, slug in enumerate(request.compare_segments):
            chosen = await self._answers.segment(slug, f"compare_segments[{number}]")
            people = await ask(self._store, chosen, PeopleAmong(found.people))
            compared[slug] = found.tally_of(people)
        return results_wire.results(found, compared)

    @read(scope=_READ_TEXTS)
    async def ListSurveyTexts(
        self, request: pb.ListSurveyTextsRequest, call: Call
    ) -> pb.ListSurveyTextsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        chosen = TextFilter(
            since=time_or_none(request.time_range, "since"),
            until=time_or_none(request.time_range, "until"),
            sentiment=results_wire.SENTIMENTS.decode(request.sentiment)
            if request.sentiment
            else None,
            score_at_most=request.score_at_most if request.HasField("score_at_most") else None,
            question=request.question,
        )
        before = _position(request.page.token)
        async with call.read() as read:
            survey = await get_survey(read, request.slug)
            found = await list_answers_with_text(
                read, survey.slug, chosen, before=before, limit=size + 1
            )
        shown = found[:size]
        return pb.ListSurveyTextsResponse(
            texts=[
                results_wire.written_text(one)
                for answer in shown
                for one in texts_of(answer, chosen.question)
            ],
            next_page_token=_token(shown[-1].given_at, shown[-1].invitation_id)
            if len(found) > size
            else "",
        )


class FollowUpServicer(Servicer, pb_grpc.FollowUpServiceServicer):
    """Follow-up tasks."""

    @read(scope=_READ)
    async def ListFollowUps(
        self, request: pb.ListFollowUpsRequest, call: Call
    ) -> pb.ListFollowUpsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        async with call.read() as read:
            found = await list_follow_ups(
                read,
                state=results_wire.FOLLOW_UP_STATES.decode(request.state)
                if request.state
                else None,
                survey_slug=request.survey_slug,
                assignee_id=parse_optional_id(request.assignee_id, "assignee_id"),
                after=_position(request.page.token),
                limit=size + 1,
            )
            shown = found[:size]
            invitations = [await read.get(SurveyInvitation, one.id) for one in shown]
        return pb.ListFollowUpsResponse(
            follow_ups=[
                results_wire.follow_up(one, invitation)
                for one, invitation in zip(shown, invitations, strict=True)
            ],
            next_page_token=_token(shown[-1].opened_at, shown[-1].id) if len(found) > size else "",
        )

    @read(scope=_READ)
    async def GetFollowUp(self, request: pb.GetFollowUpRequest, call: Call) -> pb.FollowUp:
        async with call.read() as read:
            task = await get_follow_up(read, parse_id(request.id, "id"))
            return results_wire.follow_up(task, await read.get(SurveyInvitation, task.id))

    @write(scope=_WRITE)
    async def UpdateFollowUp(self, request: pb.UpdateFollowUpRequest, call: Call) -> pb.FollowUp:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            task = await update_follow_up(
                tx,
                parse_id(request.id, "id"),
                actor_id=actor_id,
                change=_change(request),
                expected_version=request.expected_version,
            )
            return results_wire.follow_up(task, await tx.get(SurveyInvitation, task.id))

    @write(scope=_WRITE)
    async def CloseFollowUp(self, request: pb.CloseFollowUpRequest, call: Call) -> pb.FollowUp:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            task = await close_follow_up(
                tx,
                parse_id(request.id, "id"),
                actor_id=actor_id,
                reason=request.reason,
                expected_version=request.expected_version,
            )
            return results_wire.follow_up(task, await tx.get(SurveyInvitation, task.id))


def _change(request: pb.UpdateFollowUpRequest) -> FollowUpChange:
    return FollowUpChange(
        assignee_id=parse_optional_id(request.assignee_id, "assignee_id"),
        is_released=request.is_released,
        note=request.note if request.HasField("note") else None,
    )


def _token(at: datetime, id: UUID) -> str:
    return pagination.token_of([at.isoformat(), str(id)])


def _position(token: str) -> tuple[datetime, UUID] | None:
    position = pagination.position_of(token, length=2)
    if position is None:
        return None
    try:
        return datetime.fromisoformat(position[0]), UUID(position[1])
    except (TypeError, ValueError, AttributeError):
        raise InvalidPageToken from None


async def _stages(
    read: Read, request: pb.GetSurveyResultsRequest, caller: Caller
) -> tuple[Stage, ...]:
    """Returns the stages by which answers are parted. Raises MapNotFound."""
    if request.by != STAGE:
        return ()
    await require_role(read, request.map, caller, MapRole.VIEW)
    return (await get_map(read, request.map)).stages
