"""Asking: a question reads batch after batch, and answers at the end."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Final, Protocol, TypeVar, runtime_checkable

from journey.errors import QuestionTooLarge
from journey.questions.filters import Filter
from journey.store.batch import Batch, Mask
from journey.store.store import TouchpointStore

A = TypeVar("A", covariant=True)
AT_ONCE: Final = timedelta()
# Below the 15 s that the gateway waits.
MOST_SECONDS: Final = 12


class Question(Protocol[A]):
    """A fold over batches. Each person is in one batch, so that counts of people add up.

    One whose answer only touchpoints of some kinds decide names them: see `OfKinds`.
    """

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it reads beside the filter's."""
        ...

    @property
    def before(self) -> timedelta:
        """Time before the period that counts too, e.g. what led to an order."""
        ...

    @property
    def reads_later(self) -> bool:
        """Whether what came after the period counts too, e.g. refunds."""
        ...

    def add(self, batch: Batch, counted: Mask) -> None:
        """Takes in a batch; `counted` are the touchpoints that the filter lets through."""
        ...

    def answer(self) -> A:
        """Returns the answer to what was taken in."""
        ...


@runtime_checkable
class OfKinds(Protocol):
    """A question that touchpoints of other kinds do not change: a scan leaves them out."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds; empty for all."""
        ...


def kinds_of(question: Question[object]) -> frozenset[str]:
    """Returns the kinds that decide a question's answer; empty for all."""
    return question.kinds if isinstance(question, OfKinds) else frozenset()


async def ask(
    store: TouchpointStore,
    chosen: Filter,
    question: Question[A],
    *,
    most_seconds: float = MOST_SECONDS,
) -> A:
    """Returns the answer to a question about a store's touchpoints.

    Raises QuestionTooLarge, with what was read, where it takes longer than `most_seconds`, also
    where the store has yielded nothing by then.
    """
    touchpoints = 0
    wanted = chosen.wanted(
        question.columns,
        before=question.before,
        reads_later=question.reads_later,
        kinds=kinds_of(question),
    )
    try:
        # A refusal ends the statement that runs and gives the connection back at once.
        async with asyncio.timeout(most_seconds), aclosing(store.scan(wanted)) as batches:
            async for batch in batches:
                touchpoints += len(batch)
                await asyncio.to_thread(_add, batch, chosen, question)
    except TimeoutError:
        raise QuestionTooLarge(touchpoints=touchpoints, seconds=round(most_seconds)) from None
    return question.answer()


def _add(batch: Batch, chosen: Filter, question: Question[A]) -> None:
    counted = chosen.touchpoints(batch)
    if counted.any():
        question.add(batch, counted)
