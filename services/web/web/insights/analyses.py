"""Pages of analyses: times, conformance, says and does, pains, products, searches, counts."""

from typing import Any, Final

from web.insights import analysis_model as model
from web.insights.asking import EXACT, Answer, Asker
from web.insights.questions import InsightQuestion

PAGES: Final = (
    "step-times",
    "conformance",
    "says-does",
    "pains",
    "products",
    "searches",
    "lifetime-value",
    "anomalies",
)


async def _step_times(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    funnel = {name: part for name, part in question.funnel.items() if name != "within_ms"}
    found = await ask.post("step-times", {"funnel": funnel}, model.StepTimes)
    return {"segments": found.segments} | EXACT


async def _conformance(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    body = {"filter": question.filter, "map": question.map}
    return {"found": await ask.post("conformance", body, model.Conformance)} | EXACT


async def _says_does(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    body = {"filter": question.filter, "map": question.map}
    return {"stages": (await ask.post("says-does", body, model.SaysDoes)).stages} | EXACT


async def _pains(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    found = await ask.post("pains", {"filter": question.filter}, model.Pains)
    return {"pains": found.pains} | EXACT


async def _products(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    found = await ask.post("products", {"filter": question.filter}, model.Products)
    return {"products": found.products} | EXACT


async def _searches(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    found = await ask.post("searches", {"filter": question.filter}, model.SearchTerms)
    return {"terms": found.terms} | EXACT


async def _anomalies(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    body = {
        "filter": question.filter,
        "interval": "hour" if question.interval == "hour" else "day",
        "time_zone": question.time_zone,
        "by": question.by,
    }
    return {"found": await ask.post("anomalies", body, model.Anomalies)} | EXACT


async def _lifetime_value(ask: Asker, question: InsightQuestion) -> dict[str, Any]:
    # Days say little of a lifetime: months, unless another interval is asked for.
    interval = question.interval if "interval" in question.model_fields_set else "month"
    body = {"filter": question.filter, "interval": interval, "time_zone": question.time_zone}
    found = await ask.post("lifetime-value", body, model.LifetimeValue)
    return {"cohorts": found.cohorts, "chosen_interval": interval} | EXACT


ANSWERS: Final[dict[str, Answer]] = {
    "lifetime-value": _lifetime_value,
    "step-times": _step_times,
    "conformance": _conformance,
    "says-does": _says_does,
    "pains": _pains,
    "products": _products,
    "searches": _searches,
    "anomalies": _anomalies,
}
