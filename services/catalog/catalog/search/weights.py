"""Weights: how much a match in each part of a product counts towards its rank."""

from dataclasses import dataclass
from typing import Final

# Scores are sums of multiples of this, so that no replica rounds a sum in another way.
STEP: Final = 1 / 64
MOST: Final = 100.0
# Of a score, the most that a product gains by its rank among those of equal scores.
MOST_RANK_GAIN: Final = 1 / 256


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of a channel's search. 0 leaves a part out of the rank, not out of the results."""

    title: float = 4.0
    brand: float = 3.0
    category: float = 2.5
    attributes: float = 2.0
    body: float = 1.0
    sku: float = 32.0
    # What a product that can be had gains over one that is sold out.
    in_stock: float = 0.5

    def puts_titles_first(self, words: int, *, most_of_title: float) -> bool:
        """Whether all words in the title outweigh fewer of them with anything else.

        `most_of_title` is the weight of the best match in a title that is not a whole word. What
        can be had has to gain nothing, or more than a rank does.
        """
        others = max(self.brand, self.category, self.attributes, self.body, most_of_title)
        by_rank = (words + 1) * self.title * MOST_RANK_GAIN
        return others + self.in_stock + by_rank < self.title and not 0 < self.in_stock <= by_rank


DEFAULT: Final = Weights()


def exact(weight: float) -> float:
    """The weight as a multiple of STEP."""
    return round(weight / STEP) * STEP
