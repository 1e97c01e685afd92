"""The edge that content, menus, short links and documents of discovery share."""

from dataclasses import dataclass

from catalog.channels.model import View
from catalog.directory import Directory
from catalog.reservations.actions import CatalogContext
from catalog.seo.directory import SeoContext, SeoDirectory
from catalog.seo.links import Links
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Servicer
from sojourn.catalog.v1 import catalog_pb2 as pb


@dataclass(frozen=True, slots=True)
class Showing:
    """Channel, language and currency in which something is shown."""

    context: CatalogContext
    seo: SeoContext
    view: View

    @property
    def fallback(self) -> str:
        """The channel's first language."""
        return self.context.channels.by_code[self.view.channel].locales[0]

    @property
    def links(self) -> Links:
        """The addresses of the channel."""
        return self.seo.links(self.context, self.view.channel)


class ContentEdge(Servicer):
    """A servicer that shows what has an address."""

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        directory: Directory,
        seo: SeoDirectory | None = None,
    ) -> None:
        super().__init__(database, verifier)
        self._directory, self._seo = directory, seo or SeoDirectory()

    async def _showing(self, read: Read, asked: pb.View) -> Showing:
        """Returns where and how to answer. Raises UnknownChannel, UnsupportedCurrency."""
        context = await self._directory.context(read)
        view = context.channels.view(
            asked.channel, asked.locale, asked.currency, asked.accepted_locales
        )
        return Showing(context, await self._seo.context(read), view)
