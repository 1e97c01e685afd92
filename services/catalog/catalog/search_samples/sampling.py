"""Samples: fixed parts of an index, by which frequent words are ranked and counted.

A product's id decides which samples have it, so that they are equal in every replica. A sample of
one product in 64 is a part of that of one in 16.
"""

from typing import Final
from uuid import UUID

import tantivy
from tantivy import Occur, Query

SAMPLE: Final = "sample"
# A sample of rate 64 has one product in 64.
RATES: Final = (4, 8, 16, 32, 64, 128, 256, 512, 1_024)
# The sample in which the matches of a query are estimated, before anything else is asked.
PROBED: Final = 256
EVERYTHING: Final = 1
# Entries of an index from which samples are asked: below, all that match are looked at.
SAMPLED_FROM: Final = 50_000
# Of an estimate, beyond which a sample says nothing.
_DIGITS: Final = 2


def samples_of(product_id: UUID) -> list[str]:
    """The terms of the samples that have a product."""
    return [str(rate) for rate in RATES if not product_id.int % rate]


def rate_for(estimate: int, wanted: float) -> int:
    """The sparsest sample in which `wanted` of `estimate` products are expected, or EVERYTHING."""
    return max((rate for rate in RATES if estimate >= wanted * rate), default=EVERYTHING)


def in_sample(schema: tantivy.Schema, rate: int, query: Query) -> Query:
    """The matches of a query that are in a sample. Their scores do not count.

    A sample belongs beside each term: in front of several it would save nothing, as an `or` of
    terms reads all of each.
    """
    if rate == EVERYTHING:
        return query
    sample = Query.term_query(schema, SAMPLE, str(rate))
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, sample)])


def scaled(count: int, rate: int) -> int:
    """An estimate from a count in a sample; the count itself for EVERYTHING."""
    if rate == EVERYTHING:
        return count
    estimate = count * rate
    return round(estimate, _DIGITS - len(str(estimate)))
