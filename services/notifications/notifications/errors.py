"""Errors of notifications, one fact each."""

from chassis.rpc.errors import Invalid, NotFound, Refused, Unavailable


class UnknownTemplate(Invalid):
    """No template has this name."""


class InvalidVariables(Invalid):
    """A variable of the template is missing or invalid; `field` names the first one."""


class InvalidRecipient(Invalid):
    """The recipient is not a valid e-mail address."""


class UnknownTopic(Invalid):
    """No topic has this name."""


class MessageNotFound(NotFound):
    """No message has this id."""


class StaffNoticeRecipientNotFound(NotFound):
    """No recipient of mails to the staff has this code."""


class InvalidStaffNoticeRecipient(Invalid):
    """A recipient of mails to the staff cannot be so; `path` names the field, `problem` why."""


class ConfirmationTokenNotFound(NotFound):
    """The token of a confirmation link is invalid, expired, or replaced by a newer one."""


class UnsubscribeTokenNotFound(NotFound):
    """The token of an unsubscribe link is invalid."""


class TopicNotOptional(Refused):
    """The topic is transactional, and its mails cannot be switched off."""


class EmailNotConfirmed(Refused):
    """The customer has not confirmed their address, and preferences belong to an address."""


class WrongMessageState(Refused):
    """The state of the message does not allow this; `state` names it.

    Only a failed message is redriven.
    """


class MessageErased(Refused):
    """The message is old, or its person was erased: its text and recipient are gone."""


class ProfileNotReady(Unavailable):
    """The registration of the customer has not arrived here yet. Retry after a second."""


class Superseded(Refused):
    """Another process delivers this message. This error never leaves the process."""
