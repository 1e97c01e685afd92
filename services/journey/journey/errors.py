"""Refusals of journey. The class name is the reason."""

from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused


class InvalidTouchpoint(Invalid):
    """A touchpoint makes no sense; `field` and, in a batch, `index` say which."""


class VisitorIdTaken(Denied):
    """The visitor id is a guest's or a customer's; only they may use it, with their own token."""


class InvalidQuestion(Invalid):
    """The question makes no sense; `field` says why."""


class QuestionTooLarge(Refused):
    """It reads more than can be answered in time; ask for a shorter period, or with `within_ms`.

    `touchpoints` were read within `seconds`. With `within_ms` the answer is an estimate.
    """


class InvalidMap(Invalid):
    """The map breaks a rule; `path` names the place, `problem` the rule, and `most` a bound."""


class InvalidSurveyToken(Invalid):
    """The survey token is not one of ours."""


class InvalidMailToken(Invalid):
    """The token of a mail's link or picture is not one of ours."""


class MapIsBuiltIn(Refused):
    """The map comes with the product; put a copy under another slug."""


class MapNotFound(NotFound):
    """No such map."""


class MapExists(Exists):
    """A map has this slug; choose another one for the copy."""


class JourneyNotFound(NotFound):
    """Nothing is known of this person, or not for this caller."""


class ImportNotFound(NotFound):
    """No such import."""


class InvalidImport(Invalid):
    """The import's options make no sense, or its file cannot be read; the message says why."""


class ImportHasEnded(Refused):
    """The import runs, or has ended; begin another one."""


class SegmentNotFound(NotFound):
    """No such segment."""


class SegmentIsNamed(Refused):
    """Saved questions name the segment: change or delete `questions` first."""


class SavedQuestionNotFound(NotFound):
    """No such saved question."""


class ExportNotFound(NotFound):
    """No such export, or no such part of its file."""


class ExportNotReady(Refused):
    """The export has no file: it still runs, failed, or was deleted; `state` says which."""


class SurveyNotFound(NotFound):
    """No such survey."""


class InvalidSurvey(Invalid):
    """The survey breaks a rule; `path` names the place, `problem` the rule."""


class SurveyHasAnswers(Refused):
    """People answered the survey; end it, or keep what their answers refer to at `path`."""


class SurveyNotDue(Refused):
    """The visitor may not be asked now: they did not do what it is about, or were asked lately."""


class SurveyExpired(Refused):
    """The survey cannot be answered any more: its time is over, or it was ended."""


class InvalidAnswer(Invalid):
    """The answer does not fit the survey; `path` names the question, `problem` the rule."""


class FollowUpNotFound(NotFound):
    """No such follow-up task."""


class FollowUpIsClosed(Refused):
    """The follow-up task is closed."""


class MapRoleRequired(Denied):
    """The caller sees the map and may not do this; ask one of its owners for the `role`."""


class InvalidMapSharing(Invalid):
    """The roles or the link make no sense; `path` names the field, the message the rule."""


class MapShareLinkNotFound(NotFound):
    """No such link to a map, or one that was revoked or has expired."""


class MapCommentNotFound(NotFound):
    """No such comment on this map."""


class MapCommentIsAnothers(Denied):
    """Somebody else wrote the comment: its author changes it; an owner of the map deletes it."""


class InvalidMapComment(Invalid):
    """The comment makes no sense; `path` names the field, the message the rule."""


class MapThreadIsResolved(Refused):
    """The thread is resolved; reopen it to reply."""


class MapThreadIsFull(Refused):
    """The thread has the `most` replies that one may have; begin another one."""


class InsightNotFound(NotFound):
    """No such insight, or one of a map that the caller may not see."""


class InsightWebhookNotFound(NotFound):
    """No such webhook."""


class InvalidWebhook(Invalid):
    """The webhook makes no sense; `path` names the field, the message the rule."""


class TooManyWebhooks(Refused):
    """There are the `most` webhooks that there may be; delete one first."""


class WebhookDeliveryNotFound(NotFound):
    """No such delivery of this webhook."""
