"""Products of staff as messages, and back."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from catalog.categories.model import CategoryTree
from catalog.prices.model import Price
from catalog.product_content.pictures import encode_image, given_images
from catalog.products.changes import OptionChange, ProductChanges
from catalog.products.drafts import STATES
from catalog.products.model import Product, Variant
from catalog.products.own_data import document_of, struct_of
from catalog.products.queries import (
    KeptProduct,
    ListedProduct,
    ProductFilter,
    StaffProductSort,
)
from catalog.products.refusals import NO_LINE, refuse
from catalog.products.variant_drafts import option_values
from chassis.rpc.wire import EnumCodec, money, timestamp
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import product_admin_pb2 as admin_pb

SORTS: Final = EnumCodec(
    admin_pb.StaffProductSort, StaffProductSort, unspecified=StaffProductSort.NEWEST
)
_CALL: Final = frozenset({"id", "product_id", "variant_id", "update_mask", "expected_version"})


def filter_of(
    request: admin_pb.ListStaffProductsRequest, category_ids: list[UUID] | None
) -> ProductFilter:
    return ProductFilter(
        state=STATES.decode(request.state) if request.state else None,
        category_ids=category_ids,
        listed_in=request.listed_in,
        brand=request.brand,
        tag=request.tag,
        text=request.text,
        sku=request.sku,
        barcode=request.barcode,
        source=request.source,
        external_id=request.external_id,
        created_since=_time(request, "created_since"),
        created_until=_time(request, "created_until"),
        updated_since=_time(request, "updated_since"),
        updated_until=_time(request, "updated_until"),
    )


def changes_of(request: admin_pb.UpdateProductRequest) -> ProductChanges:
    """Returns what the mask of a request names. Raises InvalidProduct for a field that is none."""
    values: dict[str, Any] = {}
    for name in _masked(request, request.update_mask):
        value = getattr(request, name)
        match name:
            case "state":
                if not value:
                    refuse(NO_LINE, name, "must not be empty")
                values[name] = STATES.decode(value)
            case "images":
                values[name] = given_images(value)
            case "options":
                values[name] = [
                    OptionChange(each.name, list(each.values), each.renamed_from) for each in value
                ]
            case "references":
                values[name] = list(
                    dict.fromkeys((each.source, each.external_id) for each in value)
                )
            case "metadata":
                values[name] = document_of(value)
            case "title" | "description" | "attributes":
                values[name] = dict(value)
            case "tags" | "edited_fields":
                values[name] = list(value)
            case _:
                values[name] = value
    return ProductChanges(values)


def variant_changes_of(request: admin_pb.UpdateVariantRequest) -> dict[str, Any]:
    """Returns what the mask of a request names. Raises InvalidProduct for a field that is none."""
    return {
        name: option_values(
            [pb.OptionValue(name=each.name, value=each.value) for each in request.options],
            NO_LINE,
            "options",
        )
        if name == "options"
        else list(request.image_urls)
        if name == "image_urls"
        else document_of(request.metadata)
        if name == "metadata"
        else getattr(request, name)
        for name in _masked(request, request.update_mask)
    }


def encode_summary(listed: ListedProduct, tree: CategoryTree) -> admin_pb.StaffProductSummary:
    product = listed.product
    summary = admin_pb.StaffProductSummary(
        id=str(product.id),
        slug=product.slug,
        state=STATES.encode(product.state),
        title=product.title,
        brand=product.brand,
        category_slug=_category_slug(product, tree),
        variant_count=listed.variant_count,
        listed_in=listed.listed_in,
        synthetic=product.is_synthetic,
        created_at=timestamp(product.created_at),
        updated_at=timestamp(product.updated_at),
        version=product.version,
    )
    if product.images:
        summary.image.url, summary.image.alt = product.images[0]
    return summary


def encode_product(kept: KeptProduct, tree: CategoryTree) -> admin_pb.StaffProduct:
    product = kept.product
    return admin_pb.StaffProduct(
        id=str(product.id),
        slug=product.slug,
        state=STATES.encode(product.state),
        title=product.title,
        description=product.description,
        brand=product.brand,
        category_slug=_category_slug(product, tree),
        images=[
            encode_image(image, product.image_details.get(image.url)) for image in product.images
        ],
        description_html=product.rich_description,
        options=[pb.Option(name=option.name, values=option.values) for option in product.options],
        attributes=product.attributes,
        tags=product.tags,
        seo_title=product.seo_title,
        seo_description=product.seo_description,
        metadata=struct_of(product.own_data),
        synthetic=product.is_synthetic,
        references=[
            pb.ProductReference(source=source, external_id=external_id)
            for source, external_id in kept.references
        ],
        variants=[
            encode_variant(variant, kept.prices.get(variant.id, ()), product.version)
            for variant in kept.variants
        ],
        prices_left_out=not kept.has_all_prices,
        listed_in=kept.listed_in,
        edited_fields=product.edited_fields,
        created_at=timestamp(product.created_at),
        updated_at=timestamp(product.updated_at),
        version=product.version,
    )


def encode_variant(
    variant: Variant, prices: Iterable[Price], version: int
) -> admin_pb.StaffVariant:
    message = admin_pb.StaffVariant(
        id=str(variant.id),
        sku=variant.sku,
        options=[pb.OptionValue(name=name, value=value) for name, value in variant.options],
        active=variant.is_active,
        position=variant.position,
        prices=[encode_price(price) for price in prices],
        weight_grams=variant.weight_grams,
        volume_cm3=variant.volume_cm3,
        tax_class=variant.tax_class,
        barcode=variant.barcode,
        unit_code=variant.unit_code,
        scale=variant.scale,
        increment=variant.increment,
        edited_fields=variant.edited_fields,
        version=version,
        image_urls=variant.image_urls,
        metadata=struct_of(variant.own_data),
    )
    if (cost := variant.unit_cost) is not None:
        message.unit_cost.CopyFrom(money(*cost))
    return message


def encode_price(price: Price) -> admin_pb.VariantPrice:
    message = admin_pb.VariantPrice(
        price_list=price.price_list, price=money(price.amount_minor, price.currency)
    )
    if price.compare_at_minor is not None:
        message.compare_at.CopyFrom(money(price.compare_at_minor, price.currency))
    return message


def _masked(request: Message, mask: Iterable[str]) -> list[str]:
    known = {field.name for field in request.DESCRIPTOR.fields} - _CALL
    for number, name in enumerate(mask):
        if name not in known:
            refuse(NO_LINE, f"update_mask[{number}]", f"is one of {', '.join(sorted(known))}")
    return list(dict.fromkeys(mask))


def _category_slug(product: Product, tree: CategoryTree) -> str:
    category = tree.by_id.get(product.category_id) if product.category_id else None
    return category.slug if category else ""


def _time(request: Message, name: str) -> datetime | None:
    stamp: Timestamp = getattr(request, name)
    return stamp.ToDatetime(UTC) if request.HasField(name) else None
