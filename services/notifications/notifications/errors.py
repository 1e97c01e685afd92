"""What notifications refuses, one fact a line."""

from chassis.rpc.errors import Invalid, NotFound, Refused, Unavailable


class UnknownTemplate(Invalid):
    """There is no such template."""


class InvalidVariables(Invalid):
    """The template's variables are missing or of the wrong shape; `field` says the first."""


class InvalidRecipient(Invalid):
    """Not an e-mail address."""


class UnknownTopic(Invalid):
    """Not a topic."""


class MessageNotFound(NotFound):
    """No such message."""


class ConfirmationTokenNotFound(NotFound):
    """The token of a confirmation link is not one of ours, too old, or replaced."""


class UnsubscribeTokenNotFound(NotFound):
    """The token is not one of ours."""


class TopicNotOptional(Refused):
    """What belongs to an order cannot be switched off."""


class EmailNotConfirmed(Refused):
    """Preferences belong to an address, and the customer has not confirmed theirs."""


class WrongMessageState(Refused):
    """Only a failed message is redriven; `state` says what it is."""


class MessageErased(Refused):
    """The message's text and recipient were erased by age."""


class ProfileNotReady(Unavailable):
    """The customer registered so recently that their address is not known here yet."""


class Superseded(Refused):
    """Somebody else works on this message; never leaves the process."""
