"""Maps that a team draws: findings, files, roles, links, comments, edits, comparisons."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.documents import fill
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from services.journey.tests.journey_world import World, a_touchpoint, an_id
from sojourn.journey.v1 import journey_pb2 as pb
from sojourn.journey.v1 import map_comments_pb2 as comments_pb
from sojourn.journey.v1 import map_documents_pb2 as documents_pb
from sojourn.journey.v1 import map_sharing_pb2 as sharing_pb

SCOPES = ("journeys.read", "journeys.comment", "journeys.write")
STAGES: list[dict[str, Any]] = [
    {
        "slug": "look",
        "name": {"en": "Look"},
        "goals": ["find"],
        "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}],
    },
    {"slug": "buy", "name": {"en": "Buy"}, "pains": ["slow"]},
]


class Team:
    """Members of the staff, each with a token of their own, and the map that they draw."""

    def __init__(self, world: World, slug: str) -> None:
        self.world, self.slug = world, slug
        self.ids: dict[str, UUID] = {}

    def token(self, name: str, *scopes: str) -> str:
        member = self.ids.setdefault(name, uuid7())
        return "Bearer " + self.world.tokens.create("staff", member, scopes=scopes or SCOPES)

    def chart(self, stages: list[dict[str, Any]] | None = None) -> pb.JourneyMap:
        chart = pb.JourneyMap()
        fill(chart, {"slug": self.slug, "name": {"en": "A"}, "stages": stages or STAGES})
        return chart

    async def put(self, name: str, stages: list[dict[str, Any]] | None = None) -> pb.JourneyMap:
        request = pb.PutMapRequest(map=self.chart(stages))
        found: pb.JourneyMap = await self.ask(self.world.journeys.PutMap, request, name)
        return found

    async def get(self, name: str) -> pb.JourneyMap:
        request = pb.GetMapRequest(slug=self.slug)
        found: pb.JourneyMap = await self.ask(self.world.journeys.GetMap, request, name)
        return found

    async def ask(self, method: Any, request: Any, name: str, *scopes: str) -> Any:
        return await self.world.ask(method, request, self.token(name, *scopes))

    async def refusal(self, method: Any, request: Any, name: str, *scopes: str) -> str:
        with pytest.raises(DomainError) as refused:
            await self.ask(method, request, name, *scopes)
        return refused.value.reason

    async def share(self, staff_role: int, **roles: int) -> sharing_pb.MapSharing:
        for name in roles:
            self.token(name)
        grants = [
            sharing_pb.MapGrant(subject_id=str(self.ids[name]), role=role)
            for name, role in roles.items()
        ]
        request = sharing_pb.PutMapSharingRequest(
            slug=self.slug, staff_role=staff_role, grants=grants
        )
        found: sharing_pb.MapSharing = await self.ask(
            self.world.sharing.PutMapSharing, request, "eve"
        )
        return found


async def audited(world: World, slug: str) -> list[str]:
    async with world.database.read() as read:
        rows = await read.fetch(
            "SELECT action FROM audit WHERE subject = %s ORDER BY at, id", [f"map:{slug}"]
        )
    return [action for (action,) in rows]


async def test_findings_are_held_against_what_happened(world: World) -> None:
    team = Team(world, "lint")
    await world.record_touchpoints(a_touchpoint("cart.add", visitor="V", seconds=0))
    await team.put("eve")

    asked = documents_pb.LintMapRequest(slug="lint", locales=["de"])
    lint = await team.ask(world.documents.LintMap, asked, "eve")

    codes = [one.code for one in lint.findings]
    assert documents_pb.FINDING_CODE_STAGE_WITHOUT_RULES in codes
    assert documents_pb.FINDING_CODE_PAIN_WITHOUT_IMPACT in codes
    assert documents_pb.FINDING_CODE_MISSING_TRANSLATION in codes
    assert lint.is_exact


async def test_a_file_is_the_map_and_shows_its_numbers(world: World) -> None:
    team = Team(world, "files")
    kept = await team.put("eve")
    await world.record_touchpoints(a_touchpoint("product.view", visitor="V", seconds=0))

    async def file(**asked: Any) -> documents_pb.MapFile:
        request = documents_pb.ExportMapRequest(slug="files", **asked)
        found: documents_pb.MapFile = await team.ask(world.documents.ExportMap, request, "eve")
        return found

    plain = await file()
    assert plain.media_type == "application/json"
    again = pb.JourneyMap()
    fill(again, json.loads(plain.content))
    again.version = kept.version
    # The file leaves out what an answer says in full.
    again.stages[0].rules[0].occurrence = pb.OCCURRENCE_ANY
    assert again == kept
    with_numbers = json.loads((await file(with_numbers=True)).content)
    assert set(with_numbers) == {"map", "numbers"}
    for format in ("CSV", "MARKDOWN", "SVG"):
        number = documents_pb.MapFormat.Value(f"MAP_FORMAT_{format}")
        assert b"slow" in (await file(format=number, with_numbers=True, locale="de")).content
    await team.put("eve", STAGES[:1])
    assert b"slow" in (await file(number=1)).content
    assert b"slow" not in (await file()).content


async def test_roles_decide_who_sees_changes_and_shares_a_map(world: World) -> None:
    team = Team(world, "roles")
    await team.put("eve")
    assert (await team.get("bob")).slug == "roles"

    shared = await team.share(sharing_pb.MAP_ROLE_NONE, eve=sharing_pb.MAP_ROLE_OWN, al=2)

    assert shared.role == sharing_pb.MAP_ROLE_OWN
    get, put = pb.GetMapRequest(slug="roles"), pb.PutMapRequest(map=team.chart())
    journeys = world.journeys
    assert await team.refusal(journeys.GetMap, get, "bob") == "MAP_NOT_FOUND"
    assert await team.refusal(journeys.PutMap, put, "bob") == "MAP_NOT_FOUND"
    assert (await team.get("al")).slug == "roles"
    assert await team.refusal(journeys.PutMap, put, "al") == "MAP_ROLE_REQUIRED"
    listed = await team.ask(journeys.ListMaps, pb.ListMapsRequest(), "bob")
    assert "roles" not in [one.slug for one in listed.maps]
    asked = sharing_pb.PutMapSharingRequest(
        slug="roles",
        staff_role=sharing_pb.MAP_ROLE_EDIT,
        grants=[sharing_pb.MapGrant(subject_id=str(team.ids["al"]), role=5)],
    )
    assert await team.refusal(world.sharing.PutMapSharing, asked, "al") == "MAP_ROLE_REQUIRED"
    asked.expected_version = 7
    stale = await team.refusal(world.sharing.PutMapSharing, asked, "eve")
    assert stale == "VERSION_MISMATCH"
    assert await audited(world, "roles") == ["put_map", "put_map_sharing", "put_map_sharing"]


async def test_a_link_shows_a_map_until_it_is_revoked_or_expires(world: World) -> None:
    team = Team(world, "linked")
    await team.put("eve")
    create = sharing_pb.CreateMapShareLinkRequest(
        slug="linked", name="For the agency", with_numbers=True
    )

    made = await team.ask(world.sharing.CreateMapShareLink, create, "eve")

    opened = sharing_pb.OpenSharedMapRequest(token=made.token)
    seen = await world.ask(world.sharing.OpenSharedMap, opened)
    assert (seen.map.slug, seen.HasField("numbers")) == ("linked", True)
    assert await team.refusal(world.sharing.CreateMapShareLink, create, "bob") == (
        "MAP_ROLE_REQUIRED"
    )
    async with world.database.read() as read:
        (kept,) = await read.fetch("SELECT token_digest FROM map_share_link WHERE name <> ''")
    assert len(kept[0]) == 32
    revoke = sharing_pb.RevokeMapShareLinkRequest(slug="linked", link_id=made.link.id)
    for _ in range(2):
        gone = await team.ask(world.sharing.RevokeMapShareLink, revoke, "eve")
        assert not gone.is_open
    with pytest.raises(DomainError, match="map share link not found"):
        await world.ask(world.sharing.OpenSharedMap, opened)
    create.expires_at.FromDatetime(world.database.clock.now() - timedelta(seconds=1))
    assert await team.refusal(world.sharing.CreateMapShareLink, create, "eve") == (
        "INVALID_MAP_SHARING"
    )
    assert await audited(world, "linked") == [
        "put_map",
        "put_map_sharing",
        "create_map_share_link",
        "revoke_map_share_link",
    ]


async def test_a_hidden_map_is_hidden_from_journeys_and_results_too(world: World) -> None:
    team = Team(world, "hidden")
    await team.put("eve")
    await world.record_touchpoints(
        a_touchpoint("product.view", visitor="V", customer="A", seconds=0)
    )
    customer = world.tokens.customer(an_id("A"))
    asked = pb.GetJourneyRequest(map="hidden", customer_id=str(an_id("A")))
    method = world.journeys.GetJourney
    assert (await world.ask(method, asked, customer)).stages

    await team.share(sharing_pb.MAP_ROLE_NONE, eve=sharing_pb.MAP_ROLE_OWN)

    assert (await team.ask(method, asked, "eve")).stages
    assert await team.refusal(method, asked, "bob") == "MAP_NOT_FOUND"
    with pytest.raises(DomainError, match="map not found"):
        await world.ask(method, asked, customer)


async def test_a_deleted_map_leaves_no_link_behind(world: World) -> None:
    team = Team(world, "deleted")
    await team.put("eve")
    create = sharing_pb.CreateMapShareLinkRequest(slug="deleted", name="For the agency")
    made = await team.ask(world.sharing.CreateMapShareLink, create, "eve")
    opened = sharing_pb.OpenSharedMapRequest(token=made.token)
    await world.ask(world.sharing.OpenSharedMap, opened)

    await team.ask(world.journeys.DeleteMap, pb.DeleteMapRequest(slug="deleted"), "eve")
    await team.put("eve")

    with pytest.raises(DomainError, match="map share link not found"):
        await world.ask(world.sharing.OpenSharedMap, opened)
    listed = sharing_pb.ListMapShareLinksRequest(slug="deleted")
    (link,) = (await team.ask(world.sharing.ListMapShareLinks, listed, "eve")).links
    assert not link.is_open


async def test_comments_stay_with_their_cell_and_are_orphaned_when_it_is_gone(
    world: World,
) -> None:
    team, service = Team(world, "talk"), world.comments
    await team.put("eve")
    create = comments_pb.CreateMapCommentRequest(
        slug="talk", text=" Half of them leave. ", anchor={"stage": "buy", "lane": "pains"}
    )

    thread = await team.ask(service.CreateMapComment, create, "bob")
    reply = comments_pb.CreateMapCommentRequest(slug="talk", text="Why?", thread_id=thread.id)
    replied = await team.ask(service.CreateMapComment, reply, "eve")

    assert [one.text for one in replied.comments] == ["Half of them leave.", "Why?"]
    assert [one.is_own for one in replied.comments] == [False, True]
    readers = ("journeys.read", "journeys.write")
    assert await team.refusal(service.CreateMapComment, reply, "al", *readers) == "SCOPE_REQUIRED"
    wrong = comments_pb.CreateMapCommentRequest(slug="talk", text="x", anchor={"stage": "gone"})
    assert await team.refusal(service.CreateMapComment, wrong, "bob") == "INVALID_MAP_COMMENT"
    first = thread.comments[0].id
    update = comments_pb.UpdateMapCommentRequest(slug="talk", comment_id=first, text="Half leave.")
    assert await team.refusal(service.UpdateMapComment, update, "eve") == "MAP_COMMENT_IS_ANOTHERS"
    changed = await team.ask(service.UpdateMapComment, update, "bob")
    assert changed.comments[0].text == "Half leave."
    assert changed.comments[0].HasField("edited_at")

    resolve = comments_pb.ResolveMapThreadRequest(slug="talk", thread_id=thread.id)
    resolved = await team.ask(service.ResolveMapThread, resolve, "eve")
    assert resolved.resolved_by == str(team.ids["eve"])
    assert await team.refusal(service.CreateMapComment, reply, "eve") == "MAP_THREAD_IS_RESOLVED"
    listing = comments_pb.ListMapCommentsRequest(slug="talk")
    assert not (await team.ask(service.ListMapComments, listing, "al")).threads
    reopen = comments_pb.ReopenMapThreadRequest(slug="talk", thread_id=thread.id)
    await team.ask(service.ReopenMapThread, reopen, "bob")

    await team.put("eve", STAGES[:1])
    (orphan,) = (await team.ask(service.ListMapComments, listing, "al")).threads
    assert orphan.is_orphaned
    delete = comments_pb.DeleteMapCommentRequest(slug="talk", comment_id=first)
    assert await team.refusal(service.DeleteMapComment, delete, "al") == "MAP_COMMENT_IS_ANOTHERS"
    await team.ask(service.DeleteMapComment, delete, "eve")
    (left,) = (await team.ask(service.ListMapComments, listing, "al")).threads
    assert [(one.text, one.is_deleted) for one in left.comments] == [("", True), ("Why?", False)]


async def test_two_editors_of_different_cells_lose_nothing(world: World) -> None:
    team = Team(world, "merged")
    began = await team.put("eve")
    mine = [{**STAGES[0], "goals": ["compare"]}, STAGES[1]]
    theirs = [STAGES[0], {**STAGES[1], "pains": ["dear"]}]

    async def merge(stages: list[dict[str, Any]], name: str, **more: Any) -> Any:
        request = documents_pb.MergeMapRequest(
            map=team.chart(stages), base_version=began.version, **more
        )
        return await team.ask(world.documents.MergeMap, request, name)

    assert (await merge(theirs, "bob")).is_saved
    merged = await merge(mine, "eve")

    look, buy = merged.map.stages
    assert (merged.is_saved, merged.map.version) == (True, 3)
    assert (list(look.goals), list(buy.pains)) == (["compare"], ["dear"])
    late = await merge([{**STAGES[0], "goals": ["ask"]}, STAGES[1]], "al")
    (conflict,) = late.conflicts
    assert (late.is_saved, late.map.version, conflict.pointer) == (False, 3, "/stages/look/goals")
    assert [one.string_value for one in conflict.mine.list_value.values] == ["ask"]
    assert [one.string_value for one in conflict.theirs.list_value.values] == ["compare"]
    choice = documents_pb.MergeChoice(pointer=conflict.pointer, side=1)
    settled = await merge([{**STAGES[0], "goals": ["ask"]}, STAGES[1]], "al", choices=[choice])
    assert (settled.is_saved, list(settled.map.stages[0].goals)) == (True, ["ask"])
    assert list(settled.map.stages[1].pains) == ["dear"]


async def test_versions_and_periods_are_compared(world: World) -> None:
    team = Team(world, "compared")
    await team.put("eve")
    await team.put("eve", [{**STAGES[0], "goals": ["compare"]}, STAGES[1]])
    await world.record_touchpoints(a_touchpoint("product.view", visitor="V", seconds=0))
    asked = documents_pb.CompareMapsRequest(
        left={"slug": "compared", "number": 1}, right={"slug": "compared"}, with_numbers=True
    )
    asked.left.time_range.until.FromJsonString("2020-01-01T00:00:00Z")

    found = await team.ask(world.documents.CompareMaps, asked, "bob")

    (difference,) = found.differences
    assert (difference.stage, difference.cell) == ("look", "goals")
    assert (found.left_version, found.right_version) == (1, 2)
    people = next(one for one in found.figures if (one.stage, one.name) == ("look", "people"))
    assert people.left == 0
    assert people.right >= 1
    assert people.difference == people.right


async def test_writes_that_create_need_a_key(world: World) -> None:
    team = Team(world, "keyed")
    await team.put("eve")
    request = comments_pb.CreateMapCommentRequest(slug="keyed", text="x")

    with pytest.raises(DomainError, match="key required"):
        await world.peer.ask(
            world.comments.CreateMapComment, request, authorization=team.token("eve")
        )


async def test_a_copy_belongs_to_whoever_made_it_and_repeats_nothing(world: World) -> None:
    team = Team(world, "tea")
    await team.put("eve")
    await team.share(sharing_pb.MAP_ROLE_VIEW, eve=sharing_pb.MAP_ROLE_OWN)
    asked = documents_pb.CopyMapRequest(
        slug="tea", new_slug="tea-next", time=documents_pb.MAP_TIME_FUTURE
    )

    made = await team.ask(world.documents.CopyMap, asked, "al")

    assert made.version == 1
    assert made.name["en"] == "A (future)"
    assert made.details["current"] == "tea"
    role = await team.ask(
        world.sharing.GetMapSharing, sharing_pb.GetMapSharingRequest(slug="tea-next"), "al"
    )
    assert role.role == sharing_pb.MAP_ROLE_OWN
    assert "copy_map" in await audited(world, "tea-next")
    assert await team.refusal(world.documents.CopyMap, asked, "al") == "MAP_EXISTS"
    asked.new_slug = "five-stages"
    assert await team.refusal(world.documents.CopyMap, asked, "al") == "MAP_IS_BUILT_IN"
    await team.share(sharing_pb.MAP_ROLE_NONE, eve=sharing_pb.MAP_ROLE_OWN)
    asked.new_slug = "tea-again"
    assert await team.refusal(world.documents.CopyMap, asked, "al") == "MAP_NOT_FOUND"
