"""Maps over recorded journeys: several of one history, edited, deleted and restored."""

from __future__ import annotations

from functools import partial

import pytest
import yaml
from google.protobuf.json_format import MessageToDict

from chassis.rpc.errors import Denied, NotFound, Refused, Stale
from services.journey.tests.journey_world import (
    World,
    a_touchpoint,
    an_id,
    kinds,
)
from services.journey.tests.published_maps import PUBLISHED, leaves, published_maps
from sojourn.common.v1.page_pb2 import Page
from sojourn.journey.v1 import journey_pb2 as pb


async def test_the_same_touchpoints_mean_different_stages_in_different_maps(world: World) -> None:
    await world.record_touchpoints(
        *(a_touchpoint(kind, visitor="V", seconds=second) for second, kind in enumerate("abab"))
    )
    await world.put_map("forth", [kinds("a")], [kinds("b")])
    await world.put_map("back", [kinds("b")], [kinds("a")])
    await world.put_map(
        "again", [kinds("a", occurrence="first")], [kinds("a", occurrence="repeat")]
    )

    funnels = {
        slug: (await world.funnel(map=slug)).segments[0].stages
        for slug in ("forth", "back", "again")
    }
    journey = await world.journey(map="again", visitor_id=str(an_id("V")))

    assert {
        slug: [stage.median_seconds for stage in stages] for slug, stages in funnels.items()
    } == {"forth": [0, 1], "back": [0, 1], "again": [0, 2]}
    assert [(one.kind, one.stage) for one in journey.touchpoints] == [
        ("a", "stage-0"),
        ("b", ""),
        ("a", "stage-1"),
        ("b", ""),
    ]
    assert [stage.seconds for stage in journey.stages] == [2, 0]


async def test_an_edited_map_reads_all_history_anew_and_keeps_its_versions(world: World) -> None:
    await world.record_touchpoints(a_touchpoint("b", visitor="V"))
    first = await world.put_map("mine", [kinds("a")])
    assert (await world.funnel(map="mine")).segments[0].stages[0].people == 0

    second = await world.put_map("mine", [kinds("b")])

    assert (first.version, second.version) == (1, 2)
    assert (await world.funnel(map="mine")).segments[0].stages[0].people == 1
    async with world.database.read() as read:
        assert await read.fetch("SELECT version FROM journey_map_version ORDER BY version") == [
            (1,),
            (2,),
        ]
        audited = await read.fetch(
            "SELECT action, subject, after FROM audit WHERE action = 'put_map' ORDER BY at"
        )
        assert audited == [
            ("put_map", "map:mine", {"version": 1}),
            ("put_map", "map:mine", {"version": 2}),
        ]
    second.name["en"] = "Other"
    put = partial(world.ask, world.journeys.PutMap)
    with pytest.raises(Stale):
        await put(pb.PutMapRequest(map=second, expected_version=1), world.staff)
    second.slug = "five-stages"
    with pytest.raises(Refused):
        await put(pb.PutMapRequest(map=second), world.staff)
    listed = await world.ask(world.journeys.ListMaps, pb.ListMapsRequest(), world.staff)
    assert [(chart.slug, chart.is_built_in, len(chart.stages)) for chart in listed.maps] == [
        ("five-stages", True, 5),
        ("mine", False, 1),
    ]


async def test_a_map_is_deleted_and_an_earlier_version_is_restored(world: World) -> None:
    # The creator of a map owns it, and its owners alone delete it.
    owner = world.staff

    async def put(name: str) -> pb.JourneyMap:
        chart = pb.JourneyMap(slug="tea", name={"en": name})
        return await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), owner)

    async def restore(number: int, expected: int = 0) -> pb.JourneyMap:
        request = pb.RollBackMapRequest(slug="tea", number=number, expected_version=expected)
        return await world.ask(world.journeys.RollBackMap, request, world.staff)

    async def delete(slug: str = "tea", expected: int = 0) -> None:
        request = pb.DeleteMapRequest(slug=slug, expected_version=expected)
        await world.ask(world.journeys.DeleteMap, request, owner)

    async def versions(token: str = "") -> tuple[list[int], str]:
        request = pb.ListMapVersionsRequest(slug="tea", page=Page(size=2, token=token))
        page = await world.ask(world.journeys.ListMapVersions, request, world.staff)
        return [one.number for one in page.versions], page.next_page_token

    with pytest.raises(NotFound):
        await versions()
    await put("First")
    await put("Second")
    with pytest.raises(Stale):
        await delete(expected=1)
    with pytest.raises(Refused):
        await delete("five-stages")
    await delete(expected=2)
    with pytest.raises(NotFound):
        await world.ask(world.journeys.GetMap, pb.GetMapRequest(slug="tea"), world.staff)
    with pytest.raises(NotFound):
        await delete()

    again = await restore(1)

    assert (again.version, again.name["en"]) == (3, "First")
    with pytest.raises(Stale):
        await restore(2, expected=2)
    with pytest.raises(NotFound):
        await restore(9)
    assert (await put("Fourth")).version == 4
    first, token = await versions()
    assert (first, (await versions(token))[0]) == ([4, 3], [2, 1])
    request = pb.GetMapVersionRequest(slug="tea", number=2)
    old = await world.ask(world.journeys.GetMapVersion, request, world.staff)
    assert (old.version, old.name["en"]) == (2, "Second")
    with pytest.raises(Denied):
        await world.ask(world.journeys.GetMapVersion, request, world.tokens.customer())


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published maps are not on this machine")
async def test_a_map_holds_every_published_template_journey_and_persona(world: World) -> None:
    for chart in published_maps():
        kept = await world.ask(world.journeys.PutMap, pb.PutMapRequest(map=chart), world.staff)
        read = await world.ask(
            world.journeys.GetMap, pb.GetMapRequest(slug=chart.slug), world.staff
        )

        assert read == kept
        assert (await world.funnel(map=chart.slug)).map == chart.slug
        chart.version = kept.version
        assert read == chart
    documents = [
        yaml.safe_load((PUBLISHED / f"{name}.yaml").read_text())[name]
        for name in ("templates", "journeys", "personas")
    ]
    kept_texts = set()
    for chart in published_maps():
        read = await world.ask(
            world.journeys.GetMap, pb.GetMapRequest(slug=chart.slug), world.staff
        )
        kept_texts |= leaves(MessageToDict(read, preserving_proto_field_name=True))
    names = {
        "id",
        "stages",
        "steps",
        "name",
        "meaning",
        "pain",
        "needs",
        "next",
        "improve",
        "typical_pains",
        "struggles",
    }
    missing = {
        text
        for text in leaves(documents)
        if text not in kept_texts and f"{text}.0" not in kept_texts
    } - names
    assert missing == set()
