"""Replies of the gateway that pages of analyses show."""

from web.gateway_client import Reply
from web.insights.model import Amount


class Durations(Reply):
    """Percentiles of times."""

    count: int = 0
    p25_seconds: float = 0
    median_seconds: float = 0
    p75_seconds: float = 0
    p90_seconds: float = 0


class StepTime(Reply):
    name: str
    since_previous: Durations


class StepTimesSegment(Reply):
    """Times of ways with one value."""

    value: str = ""
    ways: int = 0
    steps: list[StepTime] = []
    whole: Durations


class StepTimes(Reply):
    segments: list[StepTimesSegment] = []


class Pattern(Reply):
    """People whose paths deviate in the same ways."""

    skips: bool = False
    repeats: bool = False
    is_out_of_order: bool = False
    people: int = 0

    @property
    def parts(self) -> list[str]:
        """Names of the ways in which these paths deviate, or none."""
        found = {
            "skips": self.skips,
            "repeats": self.repeats,
            "is_out_of_order": self.is_out_of_order,
        }
        return [name for name, is_so in found.items() if is_so] or ["none"]


class StageConformance(Reply):
    stage: str
    visited: int = 0
    skipped: int = 0
    repeated: int = 0
    out_of_order: int = 0


class RealPath(Reply):
    stages: list[str] = []
    people: int = 0
    fitness: float = 0


class Conformance(Reply):
    """Real paths against a map."""

    people: int = 0
    outside: int = 0
    unknown_rate: float = 0
    fitness: float = 0
    patterns: list[Pattern] = []
    stages: list[StageConformance] = []
    paths: list[RealPath] = []


class GroupConversion(Reply):
    reached: int = 0
    conversion_rate: float = 0


class StageSaysDoes(Reply):
    """Scores and conversion of those who reached a stage."""

    stage: str
    score: float | None = None
    promoters: GroupConversion = GroupConversion()
    passives: GroupConversion = GroupConversion()
    detractors: GroupConversion = GroupConversion()
    silent: GroupConversion = GroupConversion()


class SaysDoes(Reply):
    stages: list[StageSaysDoes] = []


class Pain(Reply):
    """A kind and reason of failures."""

    kind: str
    outcome: str
    reason: str = ""
    people: int = 0
    bought: int = 0
    lost: int = 0
    usual_rate: float | None = None
    at_most: list[Amount] = []
    likely: list[Amount] = []


class Pains(Reply):
    pains: list[Pain] = []


class ProductCounts(Reply):
    """Counts of a product."""

    product: str
    views: int = 0
    viewers: int = 0
    adders: int = 0
    orders: int = 0
    revenue: list[Amount] = []
    cart_rate: float = 0
    order_rate: float = 0


class Products(Reply):
    products: list[ProductCounts] = []


class SearchTerm(Reply):
    """Counts of a term."""

    term: str
    searches: int = 0
    people: int = 0
    with_known_results: int = 0
    without_results: int = 0
    clicked: int = 0
    ordered: int = 0


class SearchTerms(Reply):
    terms: list[SearchTerm] = []


class Anomaly(Reply):
    """A count far from what was expected."""

    begin: str
    value: str = ""
    actual: int = 0
    expected: float = 0
    score: float = 0


class Anomalies(Reply):
    anomalies: list[Anomaly] = []
    judged: int = 0
    too_new: int = 0


class CohortValue(Reply):
    """Money of a cohort in one currency, summed up interval after interval."""

    currency: str = ""
    orders: int = 0
    net_minor: list[int] = []
    net_minor_a_person: int = 0
    net_minor_an_order: int = 0
    orders_with_margin: int = 0
    margin_minor: list[int] = []


class ValueCohort(Reply):
    begin: str
    people: int
    values: list[CohortValue] = []


class LifetimeValue(Reply):
    cohorts: list[ValueCohort] = []
