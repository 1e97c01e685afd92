"""Preferences to messages of the contract."""

from collections.abc import Mapping

from notifications.preferences.model import Topic
from sojourn.notifications.v1 import notifications_pb2 as pb


def encode_preferences(wanted: Mapping[Topic, bool]) -> pb.Preferences:
    return pb.Preferences(wanted={str(topic): is_wanted for topic, is_wanted in wanted.items()})
