"""Asking: a question reads batch after batch, and answers at the end."""

from datetime import timedelta
from typing import Final, Protocol, TypeVar

from journey.questions.filters import Filter
from journey.store.batch import Batch, Mask
from journey.store.store import TouchpointStore

A = TypeVar("A", covariant=True)
AT_ONCE: Final = timedelta()


class Question(Protocol[A]):
    """A fold over batches. Each person is in one batch, so that counts of people add up."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it reads beside the filter's."""
        ...

    @property
    def before(self) -> timedelta:
        """How long before the period counts too, e.g. what led to an order."""
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


async def ask(store: TouchpointStore, chosen: Filter, question: Question[A]) -> A:
    """Returns the answer to a question about a store's touchpoints."""
    wanted = chosen.wanted(
        question.columns, before=question.before, reads_later=question.reads_later
    )
    async for batch in store.scan(wanted):
        counted = chosen.touchpoints(batch)
        if counted.any():
            question.add(batch, counted)
    return question.answer()
