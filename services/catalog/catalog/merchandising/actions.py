"""Changes of the settings of search by staff: each with an audit row and an event."""

from collections.abc import Iterable
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlmodel import select

from catalog import events
from catalog.categories.model import CategoryTree
from catalog.channels.model import LOCALE, Channels
from catalog.content_pages.model import page_of_slug
from catalog.errors import (
    AttributeTextNotFound,
    InvalidAttributeText,
    InvalidRedirect,
    InvalidRule,
    InvalidSynonyms,
    MerchandisingRuleNotFound,
    PageNotFound,
    SearchRedirectNotFound,
    SynonymSetNotFound,
    TooManySearchSettings,
)
from catalog.merchandising.model import (
    MOST_OF_A_KIND,
    AttributeText,
    MerchandisingRule,
    RedirectTarget,
    SearchRedirect,
    SearchTuning,
    SearchWeights,
    Selector,
    SynonymSet,
    code_of,
)
from catalog.merchandising.queries import count_of
from catalog.products.model import Product
from catalog.products.plain_text import line_of
from chassis.data.audit import record_audit
from chassis.data.rows import Row, key_values
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import NotFound, VersionMismatch

R = TypeVar("R", SynonymSet, SearchRedirect, MerchandisingRule, AttributeText, SearchWeights)
_RAISE: Final = prepare(update(SearchTuning).values(version=SearchTuning.version + 1))
_EXISTING: Final = prepare(select(Product.id).where(one_of(Product.id, "product_ids")))
_MISSING: Final[dict[type[Row], type[NotFound]]] = {
    SynonymSet: SynonymSetNotFound,
    SearchRedirect: SearchRedirectNotFound,
    MerchandisingRule: MerchandisingRuleNotFound,
    AttributeText: AttributeTextNotFound,
}


async def raise_settings_version(tx: Tx) -> None:
    """Lets one transaction at a time change settings; replicas read them again after it."""
    await tx.execute(_RAISE)


async def get_setting(read: Read, row: type[R], *key: str) -> R:
    """Reads a setting by its key. Raises the NotFound of its kind."""
    found: R | None = await read.get(row, *key)
    if found is None:
        raise _MISSING[row](code="/".join(key)[:200])
    return found


async def put_synonym_set(
    tx: Tx, channels: Channels, draft: SynonymSet, *, actor_id: UUID | None, expected_version: int
) -> SynonymSet:
    """Creates or replaces a set. Raises InvalidSynonyms, UnknownChannel, VersionMismatch."""
    draft.channel = channels.channel(draft.channel).code
    draft.phrases, draft.meanings = _lines(draft.phrases), _lines(draft.meanings)
    if not draft.phrases or (not draft.meanings and len(draft.phrases) < 2):
        raise InvalidSynonyms("two phrases, or a phrase and a meaning", path="phrases")
    return await _put(tx, draft, actor_id, expected_version)


async def put_search_redirect(
    tx: Tx,
    channels: Channels,
    tree: CategoryTree,
    draft: SearchRedirect,
    *,
    actor_id: UUID | None,
    expected_version: int,
) -> SearchRedirect:
    """Creates or replaces a redirect. Raises InvalidRedirect, UnknownChannel, VersionMismatch."""
    draft.channel = channels.channel(draft.channel).code
    draft.queries = _lines(draft.queries)
    if not draft.queries:
        raise InvalidRedirect("needs a query", path="queries")
    if not await _leads_somewhere(tx, tree, draft):
        raise InvalidRedirect(
            "a URL begins with / or https://, and a slug is of something that exists", path="value"
        )
    return await _put(tx, draft, actor_id, expected_version)


async def put_merchandising_rule(
    tx: Tx,
    channels: Channels,
    draft: MerchandisingRule,
    *,
    actor_id: UUID | None,
    expected_version: int,
) -> MerchandisingRule:
    """Creates or replaces a rule. Raises InvalidRule, UnknownChannel, VersionMismatch."""
    draft.channel = channels.channel(draft.channel).code
    draft.queries = _lines(draft.queries)
    if draft.queries and draft.category_id:
        raise InvalidRule("is for queries or for a category", path="category_slug")
    if draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at:
        raise InvalidRule("ends after it starts", path="ends_at")
    selected = (*draft.boosted, *draft.buried, *draft.hidden)
    if not (selected or draft.pinned):
        raise InvalidRule("pins, boosts, buries or hides something", path="pinned_product_ids")
    await _require_products(tx, draft.pinned, selected)
    return await _put(tx, draft, actor_id, expected_version)


async def put_attribute_text(
    tx: Tx, draft: AttributeText, *, actor_id: UUID | None, expected_version: int
) -> AttributeText:
    """Creates or replaces a translation. Raises InvalidAttributeText, VersionMismatch."""
    if not LOCALE.fullmatch(draft.locale):
        raise InvalidAttributeText("a locale is a BCP 47 language tag", path="locale")
    draft.label = line_of(draft.label)
    draft.values = {
        value: text for value in sorted(draft.values) if (text := line_of(draft.values[value]))
    }
    if not (draft.label or draft.values):
        raise InvalidAttributeText("translates the name or a value", path="label")
    return await _put(tx, draft, actor_id, expected_version)


async def put_search_weights(
    tx: Tx,
    channels: Channels,
    draft: SearchWeights,
    *,
    actor_id: UUID | None,
    expected_version: int,
) -> SearchWeights:
    """Sets a channel's weights. Raises UnknownChannel, VersionMismatch."""
    draft.channel = channels.channel(draft.channel).code
    return await _put(tx, draft, actor_id, expected_version)


async def delete_setting(
    tx: Tx, row: type[R], *key: str, actor_id: UUID | None, expected_version: int
) -> None:
    """Deletes a setting. Raises the NotFound of its kind, VersionMismatch."""
    await tx.execute(_RAISE)
    before: R | None = await tx.lock(row, *key)
    if before is None:
        raise _MISSING[row](code="/".join(key)[:200])
    _require_version(before.version, expected_version)
    await tx.delete(before)
    await _tell(tx, before, 0)
    _audit(tx, actor_id, "delete", before, None)


async def _put(tx: Tx, draft: R, actor_id: UUID | None, expected_version: int) -> R:
    """Writes a setting whose content is new; one that is the same keeps its version."""
    await tx.execute(_RAISE)
    row = type(draft)
    before: R | None = await tx.lock(row, *key_values(draft))
    _require_version(before.version if before else 0, expected_version)
    draft.version = before.version if before else 1
    draft.updated_at = before.updated_at if before else tx.now
    if draft == before:
        return draft
    draft.updated_at = tx.now
    if before is None:
        if await count_of(tx, row) >= MOST_OF_A_KIND:
            raise TooManySearchSettings(most=MOST_OF_A_KIND)
        await tx.insert(draft)
    else:
        await tx.update(draft)
    await _tell(tx, draft, draft.version)
    _audit(tx, actor_id, "put", before, draft)
    return draft


def _require_version(version: int, expected_version: int) -> None:
    if expected_version not in (0, version):
        raise VersionMismatch("the setting changed meanwhile", version=version)


async def _tell(tx: Tx, setting: Row, version: int) -> None:
    kind, code = _kind_of(setting), code_of(setting)
    event = events.search_setting_changed(kind, code, version)
    await tx.emit(event, key=f"{kind}/{code}")


def _audit(tx: Tx, actor_id: UUID | None, verb: str, before: Row | None, after: Row | None) -> None:
    setting = after if after is not None else before
    assert setting is not None
    kind = _kind_of(setting)
    record_audit(
        tx,
        actor_id,
        f"{verb}_{kind}",
        f"{kind}:{code_of(setting)}",
        before=before.model_dump(mode="json") if before is not None else None,
        after=after.model_dump(mode="json") if after is not None else None,
    )


def _kind_of(setting: Row) -> str:
    return str(type(setting).__tablename__)


def _lines(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(line for text in texts if (line := line_of(text))))


async def _require_products(tx: Tx, pinned: Iterable[UUID], selected: Iterable[Selector]) -> None:
    named = [*pinned]
    for selector in selected:
        if (selector.product_id is None) is not bool(selector.facet and selector.value):
            raise InvalidRule("a product, or a facet and its value", path="boosted")
        if selector.product_id is not None:
            named.append(selector.product_id)
    if named:
        known = {*await tx.all(_EXISTING, product_ids=named)}
        for product_id in named:
            if product_id not in known:
                raise InvalidRule("names an unknown product", product_id=str(product_id))


async def _leads_somewhere(tx: Tx, tree: CategoryTree, draft: SearchRedirect) -> bool:
    match draft.target:
        case RedirectTarget.URL:
            local = draft.value.startswith("/") and not draft.value.startswith("//")
            return local or draft.value.startswith("https://")
        case RedirectTarget.CATEGORY:
            return draft.value in tree.by_slug
        case RedirectTarget.PAGE:
            try:
                await page_of_slug(tx, draft.channel, draft.value)
            except PageNotFound:
                return False
            return True
        case RedirectTarget.PRODUCT:
            found = await tx.all(select(Product.id).where(Product.slug == draft.value))
            return bool(found)
