"""Offers of variants, loaded together for all that ask at one time."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from catalog.channels.model import View
from catalog.directory import Directory
from catalog.listings import offers
from catalog.listings.offers import Offer
from catalog.prices.resolution import Audience
from chassis.data.database import Database
from chassis.data.isolation import Loop, handle_isolated
from chassis.data.tx import Read
from chassis.rpc.dataloader import Loader

OFFERS_LOOP: Final = Loop("offers")


class OfferAnswers:
    """Offers in a view, for an audience. An offer that cannot be read is left out."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._directory = directory
        self._offers: Loader[tuple[View, UUID, Audience], Offer] = Loader(database, self._load)

    async def of_variants(
        self, view: View, variant_ids: Iterable[UUID], audience: Audience
    ) -> list[Offer]:
        """Returns offers in the order asked, each variant once."""
        keys = ((view, variant_id, audience) for variant_id in dict.fromkeys(variant_ids))
        return list((await self._offers.load(keys)).values())

    async def synthetic(self, read: Read, view: View, variant_ids: Sequence[UUID]) -> list[Offer]:
        """Returns offers of synthetic products: of these variants, or of all for none."""
        channel = (await self._directory.context(read)).channels.by_code[view.channel]
        if not variant_ids:
            try:
                return await offers.synthetic_offers_of(read, channel, view, [])
            except ValidationError:
                variant_ids = await offers.synthetic_variants(read)
        found: list[Offer] = []

        async def load(ids: Sequence[UUID]) -> None:
            found.extend(await offers.synthetic_offers_of(read, channel, view, ids))

        await handle_isolated(variant_ids, load, loop=OFFERS_LOOP, key=str)
        return found

    async def _load(
        self, read: Read, keys: Sequence[tuple[View, UUID, Audience]]
    ) -> dict[tuple[View, UUID, Audience], Offer]:
        channels = (await self._directory.context(read)).channels
        found: dict[tuple[View, UUID, Audience], Offer] = {}
        asked: dict[tuple[View, Audience], list[UUID]] = {}
        for view, variant_id, audience in keys:
            asked.setdefault((view, audience), []).append(variant_id)
        for (view, audience), variant_ids in asked.items():

            async def load(
                ids: Sequence[UUID], view: View = view, audience: Audience = audience
            ) -> None:
                channel = channels.by_code[view.channel]
                for offer in await offers.offers_of(read, channel, view, ids, audience):
                    found[view, offer.variant_id, audience] = offer

            await handle_isolated(variant_ids, load, loop=OFFERS_LOOP, key=str)
        return found
