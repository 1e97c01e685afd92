"""Series that an expression of PromQL reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

_STRING = r'"(?:[^"\\]|\\.)*"'
_SELECTOR = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)\{{((?:[^\"}}]|{_STRING})*)\}}")
_MATCHER = re.compile(rf"([a-z_]+)(=~|=)({_STRING})")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right) ?\([^)]*\)")
_WORDS = {"and", "or", "unless", "bool"}


@dataclass(frozen=True)
class Selector:
    """A metric with, for each label, a pattern that must match all of its value."""

    metric: str
    labels: tuple[tuple[str, str], ...] = ()

    def matches(self, metric: str, labels: dict[str, str]) -> bool:
        return metric == self.metric and all(
            re.fullmatch(pattern, labels.get(label, "")) for label, pattern in self.labels
        )


def selectors_of(expr: str) -> list[Selector]:
    """Returns one selector for each alternative of each selector.

    A set of values that a pattern lists is not read in part.
    """
    found = [
        each for metric, body in _SELECTOR.findall(expr) for each in _alternatives(metric, body)
    ]
    rest = _GROUPING.sub(" ", re.sub(r"\[[^\]]*\]", " ", _SELECTOR.sub(" ", expr)))
    bare = [
        name
        for name in re.findall(r"(?<![\w:.])[a-zA-Z_:][\w:]*\b(?!\s*\()", rest)
        if name not in _WORDS
    ]
    return found + [Selector(name) for name in bare]


def _alternatives(metric: str, body: str) -> list[Selector]:
    choices: list[list[tuple[str, str]]] = []
    for label, how, quoted in _MATCHER.findall(body):
        text = quoted[1:-1]
        choices.append(
            [(label, re.escape(text))]
            if how == "="
            else [(label, pattern) for pattern in text.split("|")]
        )
    return [Selector(metric, labels) for labels in product(*choices)]
