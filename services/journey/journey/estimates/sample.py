"""A store whose scan ends in time, after a sample of the people where all would take longer."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import numpy as np

from journey.store.batch import Batch
from journey.store.store import TouchpointStore, Wanted


class SamplingStore:
    """The touchpoints of another store, of as many people as can be read within some seconds.

    Without a limit it yields all. Afterwards `read_share` is the share of people read: 1 of all.
    A scan stops where a sample is complete and the next one, which takes as long as the last,
    would be late. So the first sample is read whatever it takes.
    """

    def __init__(self, store: TouchpointStore, within_seconds: float = 0) -> None:
        self._store, self._within = store, within_seconds
        self.read_share = 1.0
        self._people = self._touchpoints = self._squares = 0

    @property
    def design_effect(self) -> float:
        """Factor by which a count of touchpoints varies more than one of people.

        Each person is drawn with all of theirs: the sum of squares of touchpoints a person over
        their sum (Kish 1965, on clusters).
        """
        return self._squares / self._touchpoints if self._touchpoints else 1.0

    @property
    def unevenness(self) -> float:
        """The part of the design effect that is not the mean: 1 where people have equally many."""
        mean = self._touchpoints / self._people if self._people else 1.0
        return self.design_effect / mean if mean else 1.0

    async def scan(self, wanted: Wanted) -> AsyncGenerator[Batch, None]:
        """Yields the wanted touchpoints, each person's in one batch."""
        if not self._within:
            async with aclosing(self._store.scan(wanted)) as batches:
                async for batch in batches:
                    yield batch
            return
        began, before = time.monotonic(), 0.0
        hurried = replace(wanted, within_seconds=self._within)
        async with aclosing(self._store.scan(hurried)) as batches:
            async for batch in batches:
                yield batch
                self._count(batch)
                share = batch.read_share
                if share is None or share >= 1:
                    continue
                taken = time.monotonic() - began
                if taken * (share + share - before) / share > self._within:
                    self.read_share = share
                    return
                before = share

    def _count(self, batch: Batch) -> None:
        own = np.diff(batch.starts)
        self._people += len(own)
        self._touchpoints += int(own.sum())
        self._squares += int((own * own).sum())
