"""What a message is about, as far as somebody may want it or not."""

from enum import StrEnum
from typing import Final

from notifications.errors import TopicNotOptional, UnknownTopic


class Topic(StrEnum):
    TRANSACTIONAL = "transactional"
    REMINDERS = "reminders"
    SURVEYS = "surveys"
    MARKETING = "marketing"


# Marketing needs a yes; the others follow from what the shopper did, until they say no.
WANTED_BY_DEFAULT: Final = {Topic.REMINDERS: True, Topic.SURVEYS: True, Topic.MARKETING: False}


def optional(name: str) -> Topic:
    """The topic of that name. Raises UnknownTopic, TopicNotOptional."""
    try:
        topic = Topic(name)
    except ValueError:
        raise UnknownTopic(f"one of {', '.join(WANTED_BY_DEFAULT)}") from None
    if topic not in WANTED_BY_DEFAULT:
        raise TopicNotOptional(topic=topic)
    return topic
