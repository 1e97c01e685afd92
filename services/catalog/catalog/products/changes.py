"""Changes of a product or a variant that staff ask for: what they leave, set and clear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from catalog.product_content.pictures import pictures_of
from catalog.product_content.rich_text import rich_of
from catalog.product_content.texts import texts_of
from catalog.products.drafts import (
    MOST_ATTRIBUTES,
    MOST_SEO_TEXT,
    attributes_of,
    descriptions_of,
    slug_text,
    tags_of,
    titles_of,
)
from catalog.products.model import Option, Product, ProductState, Variant
from catalog.products.own_data import merge_patch, require_bounded
from catalog.products.refusals import NO_LINE, refuse, require_at_most, short_text
from catalog.products.variant_drafts import require_option_name

# Fields that an import sets, so that staff's change of one has to be kept from it.
IMPORTED_FIELDS: Final = frozenset(
    {
        "slug", "state", "title", "description", "brand", "category_slug", "images", "options",
        "attributes", "tags", "seo_title", "seo_description",
    }
)  # fmt: skip
IMPORTED_FIELDS_OF_VARIANT: Final = frozenset(
    {
        "sku", "options", "active", "weight_grams", "tax_class", "barcode", "unit_code", "scale",
        "increment", "unit_cost", "image_urls", "volume_cm3",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OptionChange:
    """An option as it shall be; `renamed_from` is its name now, or empty."""

    name: str
    values: Sequence[str]
    renamed_from: str = ""


@dataclass(frozen=True, slots=True)
class ProductChanges:
    """Fields that change, by the names that requests give them. An empty value clears its field.

    Texts and facts merge by their keys, where an empty text removes one.
    """

    values: Mapping[str, Any] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values


def change_product(product: Product, changes: ProductChanges) -> Product:
    """Returns the product with the changes of its own fields.

    Its category, options and references are not among them: they need what other rows hold.
    Raises InvalidProduct.
    """
    found: dict[str, Any] = {}
    for name, value in changes.values.items():
        match name:
            case "slug":
                found[name] = slug_text(value, NO_LINE, name) or refuse(
                    NO_LINE, name, "must not be empty"
                )
            case "title":
                found[name] = titles_of(_merged(product.title, value, name), NO_LINE)
            case "description":
                found |= _descriptions(product, value)
            case "attributes":
                found[name] = _attributes(product, value)
            case "images":
                found[name], found["image_details"] = pictures_of(value, NO_LINE)
            case "tags":
                found[name] = tags_of(value, NO_LINE)
            case "brand":
                found[name] = short_text(value, NO_LINE, name)
            case "seo_title" | "seo_description":
                found[name] = short_text(value, NO_LINE, name, most=MOST_SEO_TEXT)
            case "metadata":
                data = merge_patch(product.own_data, value) if value else {}
                require_bounded(data, NO_LINE, name)
                found["own_data"] = data
            case "edited_fields":
                found[name] = edited_fields_of(value, IMPORTED_FIELDS)
    changed = product.copy_row(**found)
    if (state := changes.values.get("state")) is not None:
        _set_state(changed, state)
    return changed


def edited_fields_of(given: Sequence[str], known: frozenset[str]) -> list[str]:
    """Returns names of fields in their order. Refuses one that no import sets."""
    for number, name in enumerate(given):
        if name not in known:
            refuse(NO_LINE, f"edited_fields[{number}]", f"is one of {', '.join(sorted(known))}")
    return sorted(set(given))


def change_options(
    product: Product, variants: Sequence[Variant], given: Sequence[OptionChange]
) -> tuple[list[Option], dict[str, str]]:
    """Returns options in the order that is asked for, and new names by the present ones.

    Values of variants that are not named follow. Raises InvalidProduct unless each option of the
    variants is there once.
    """
    names = {
        (change.renamed_from or change.name): short_text(
            change.name, NO_LINE, f"options[{number}].name"
        )
        for number, change in enumerate(given)
    }
    used: dict[str, dict[str, None]] = {option.name: {} for option in product.options}
    for variant in variants:
        for name, value in variant.options:
            used.setdefault(name, {})[value] = None
    if names.keys() != used.keys() or len(names) < len(given):
        refuse(NO_LINE, "options", f"must be all of {', '.join(used) or 'none'}, each once")
    for number, name in enumerate(names.values()):
        require_option_name(name, f"options[{number}].name")
    if len({*names.values()}) < len(names):
        refuse(NO_LINE, "options", "two options would have one name")
    options = [
        Option(name, list(dict.fromkeys([*change.values, *used[before]])))
        for (before, name), change in zip(names.items(), given, strict=True)
    ]
    return options, names


def _set_state(product: Product, state: ProductState) -> None:
    if product.is_synthetic and state is not ProductState.HIDDEN:
        refuse(NO_LINE, "state", "must be hidden: a synthetic product is never shown")
    product.become(state)


def _merged(before: Mapping[str, str], given: Mapping[str, str], name: str) -> dict[str, str]:
    if not given:
        return {}
    texts = texts_of(given, NO_LINE, name)
    return {locale: text for locale, text in {**before, **texts}.items() if text.strip()}


def _descriptions(product: Product, given: Mapping[str, str]) -> dict[str, Any]:
    """Returns descriptions as text and as safe HTML: the given ones, and those of other locales."""
    texts = descriptions_of(_merged(product.description, given, "description"), NO_LINE)
    kept = {locale: text for locale, text in texts.items() if text}
    rich = {
        locale: html
        for locale in kept
        if (
            html := rich_of(given[locale])
            if locale in given
            else product.rich_description.get(locale)
        )
    }
    return {"description": kept, "rich_description": rich}


def _attributes(product: Product, given: Mapping[str, str]) -> dict[str, str]:
    if not given:
        return {}
    merged = {**product.attributes, **attributes_of(given, NO_LINE)}
    found = {name: text for name, text in sorted(merged.items()) if text}
    require_at_most(MOST_ATTRIBUTES, len(found), NO_LINE, "attributes", "attributes")
    return found
