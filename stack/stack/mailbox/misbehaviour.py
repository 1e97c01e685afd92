"""Misbehaviour of the mailbox on demand."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, Literal

Stage = Literal["rcpt", "data"]


class Mode(StrEnum):
    """Treatment of a mail.

    REFUSE_TEMPORARILY (4xx) and REFUSE_PERMANENTLY (5xx) at `stage`; SLOW keeps it `seconds` late;
    SLOW_ANSWER keeps it at once and answers late; DROP_AFTER_DATA keeps it and cuts the connection
    instead of answering; DROP_BEFORE_KEEPING cuts it and keeps nothing.
    """

    NONE = "none"
    REFUSE_TEMPORARILY = "refuse_temporarily"
    REFUSE_PERMANENTLY = "refuse_permanently"
    SLOW = "slow"
    SLOW_ANSWER = "slow_answer"
    DROP_AFTER_DATA = "drop_after_data"
    DROP_BEFORE_KEEPING = "drop_before_keeping"


_REPLIES: Final = {
    Mode.REFUSE_TEMPORARILY: "451 4.7.1 try again later",
    Mode.REFUSE_PERMANENTLY: "550 5.1.1 no such mailbox",
}


class Misbehaviour:
    """The present one.

    It ends by itself after `times` mails, and concerns only recipients that contain `to`.
    """

    def __init__(self) -> None:
        self.apply({"mode": Mode.NONE})

    def apply(self, wish: dict[str, Any]) -> None:
        """Takes `{"mode", "stage":

        "rcpt" | "data", "times": n | null, "to": "", "seconds": s}`. Raises ValueError.
        """
        mode = Mode(str(wish.get("mode")))
        stage, times = wish.get("stage", "rcpt"), wish.get("times")
        seconds = float(wish.get("seconds", 1.0))
        if stage not in ("rcpt", "data") or (times is not None and int(times) < 1) or seconds < 0:
            raise ValueError("stage, times or seconds")
        self._mode, self._stage, self._to, self.seconds = (
            mode,
            stage,
            str(wish.get("to", "")).lower(),
            seconds,
        )
        self._times = None if times is None else int(times)

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "mode": self._mode,
            "stage": self._stage,
            "times": self._times,
            "to": self._to,
            "seconds": self.seconds,
        }

    def refusal(self, stage: Stage, recipients: Sequence[str]) -> str | None:
        """The reply that refuses, or None."""
        if self._mode not in _REPLIES or stage != self._stage:
            return None
        mode = self._take(recipients)
        return _REPLIES.get(mode) if mode else None

    def take(self, recipients: Sequence[str]) -> Mode:
        """Returns the treatment of a mail that was not refused."""
        return Mode.NONE if self._mode in _REPLIES else self._take(recipients) or Mode.NONE

    def _take(self, recipients: Sequence[str]) -> Mode | None:
        if self._mode is Mode.NONE or not any(
            self._to in recipient.lower() for recipient in recipients
        ):
            return None
        mode = self._mode
        if self._times is not None:
            self._times -= 1
            if not self._times:
                self._mode, self._times = Mode.NONE, None
        return mode
