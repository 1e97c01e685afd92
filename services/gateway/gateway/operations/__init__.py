"""Tables of endpoints, one a resource: routes, documents, limits and series follow."""

from typing import Any, Final

from gateway.endpoints.endpoint import Endpoint
from gateway.operations import (
    carts,
    catalogue,
    checkouts,
    journeys,
    mail,
    orders,
    questions,
    surveys,
    touchpoints,
)
from gateway.operations.content import discovery as content_discovery
from gateway.operations.content import menus as content_menus
from gateway.operations.content import pages as content_pages
from gateway.operations.content import seo as content_seo
from gateway.operations.content import share_links as content_share_links
from gateway.operations.engagement import (
    alerts,
    loyalty,
    product_questions,
    recommendations,
    reviews,
    staff_product_questions,
    staff_related,
    staff_reviews,
)
from gateway.operations.identity import (
    accounts,
    api_keys,
    organizations,
    sessions,
    staff_members,
)
from gateway.operations.product_data import attributes as staff_attributes
from gateway.operations.product_data import bundles as staff_bundles
from gateway.operations.product_data import digital_goods, gift_card_variants, media
from gateway.operations.selling import (
    addresses,
    claims,
    documents,
    fraud,
    gift_cards,
    order_desk,
    orders_by_staff,
    returns,
    saved_payments,
    shipment_labels,
    store_credit,
    tracking,
)
from gateway.operations.selling import after_sale as staff_after_sale
from gateway.operations.selling import payments as staff_payments
from gateway.operations.staff import catalogue as staff_catalogue
from gateway.operations.staff import catalogue_categories as staff_categories
from gateway.operations.staff import catalogue_channels as staff_channels
from gateway.operations.staff import catalogue_files as staff_files
from gateway.operations.staff import catalogue_products as staff_products
from gateway.operations.staff import customers as staff_customers
from gateway.operations.staff import delivery as staff_delivery
from gateway.operations.staff import orders as staff_orders
from gateway.operations.staff import pickup_locations as staff_pickup_locations
from gateway.operations.staff import prices as staff_prices
from gateway.operations.staff import repairs as staff_repairs
from gateway.operations.staff import search as staff_search
from gateway.operations.staff import stock as staff_stock
from gateway.operations.staff import taxes as staff_taxes
from gateway.operations.studio import comments as map_comments
from gateway.operations.studio import documents as map_documents
from gateway.operations.studio import insights as map_insights
from gateway.operations.studio import sharing as map_sharing

# By tag, in the order of the document; the most frequent come first, as routes are tried in
# order.
TABLES: Final[dict[str, tuple[Endpoint[Any, Any], ...]]] = {
    "catalogue": catalogue.ENDPOINTS,
    "carts": carts.ENDPOINTS,
    # Before the checkouts: `links` is no id of one.
    "draft orders": orders_by_staff.PUBLIC_ENDPOINTS,
    "checkouts": checkouts.ENDPOINTS,
    "addresses": addresses.ENDPOINTS,
    "sessions": sessions.ENDPOINTS,
    "touchpoints": touchpoints.ENDPOINTS,
    "orders": orders.ENDPOINTS,
    "tracking": tracking.ENDPOINTS,
    "returns": returns.PUBLIC_ENDPOINTS,
    "claims": claims.PUBLIC_ENDPOINTS,
    "documents": documents.PUBLIC_ENDPOINTS,
    "gift cards": gift_cards.PUBLIC_ENDPOINTS,
    "saved payment methods": saved_payments.ENDPOINTS,
    "store credit": store_credit.PUBLIC_ENDPOINTS,
    "loyalty points": loyalty.PUBLIC_ENDPOINTS,
    "account": accounts.ENDPOINTS,
    "organizations": organizations.PUBLIC_ENDPOINTS,
    "mail": mail.ENDPOINTS,
    "journeys": journeys.ENDPOINTS,
    "journey map documents": map_documents.ENDPOINTS,
    "journey map sharing": map_sharing.ENDPOINTS,
    "journey map comments": map_comments.ENDPOINTS,
    "insights": map_insights.ENDPOINTS,
    "questions": questions.ENDPOINTS,
    "surveys": surveys.ENDPOINTS,
    "content": content_pages.PUBLIC_ENDPOINTS,
    "menus": content_menus.PUBLIC_ENDPOINTS,
    "short links": content_share_links.PUBLIC_ENDPOINTS,
    "search engines": content_discovery.ENDPOINTS,
    "reviews": reviews.ENDPOINTS,
    "recommendations": recommendations.ENDPOINTS,
    "product questions": product_questions.ENDPOINTS,
    "product questions (staff)": staff_product_questions.ENDPOINTS,
    "alerts": alerts.ENDPOINTS,
    "reviews (staff)": staff_reviews.ENDPOINTS,
    "related products (staff)": staff_related.ENDPOINTS,
    "catalogue (staff)": staff_catalogue.ENDPOINTS,
    "prices (staff)": staff_prices.ENDPOINTS,
    "search (staff)": staff_search.ENDPOINTS,
    "products (staff)": staff_products.ENDPOINTS,
    "media": media.ENDPOINTS,
    "digital goods": digital_goods.PUBLIC_ENDPOINTS,
    "digital goods (staff)": digital_goods.ENDPOINTS,
    "gift card products (staff)": gift_card_variants.ENDPOINTS,
    "attributes (staff)": staff_attributes.ENDPOINTS,
    "bundles (staff)": staff_bundles.ENDPOINTS,
    "imports and exports (staff)": staff_files.ENDPOINTS,
    "channels (staff)": staff_channels.ENDPOINTS,
    "categories (staff)": staff_categories.ENDPOINTS,
    "content pages (staff)": content_pages.ENDPOINTS,
    "menus (staff)": content_menus.ENDPOINTS,
    "short links (staff)": content_share_links.ENDPOINTS,
    "search engines (staff)": content_seo.ENDPOINTS,
    "stock (staff)": staff_stock.ENDPOINTS,
    "pick-up locations (staff)": staff_pickup_locations.ENDPOINTS,
    "customers (staff)": staff_customers.ENDPOINTS,
    "organizations (staff)": organizations.ENDPOINTS,
    "orders (staff)": staff_orders.ENDPOINTS,
    "order desk (staff)": order_desk.ENDPOINTS,
    "labels (staff)": shipment_labels.ENDPOINTS,
    "orders by staff": orders_by_staff.ENDPOINTS,
    "returns (staff)": returns.ENDPOINTS,
    "claims (staff)": claims.ENDPOINTS,
    "after the sale (staff)": staff_after_sale.ENDPOINTS,
    "payments (staff)": staff_payments.ENDPOINTS,
    "fraud (staff)": fraud.ENDPOINTS,
    "documents (staff)": documents.ENDPOINTS,
    "gift cards (staff)": gift_cards.ENDPOINTS,
    "store credit (staff)": store_credit.ENDPOINTS,
    "loyalty points (staff)": loyalty.ENDPOINTS,
    "taxes (staff)": staff_taxes.ENDPOINTS,
    "delivery (staff)": staff_delivery.ENDPOINTS,
    "repairs": staff_repairs.ENDPOINTS,
    "members of the staff": staff_members.ENDPOINTS,
    "API keys": api_keys.ENDPOINTS,
}
# What each part is about, for readers of the document.
TEXTS: Final[dict[str, str]] = {
    "catalogue": catalogue.__doc__ or "",
    "carts": carts.__doc__ or "",
    "draft orders": orders_by_staff.PUBLIC_TEXT,
    "checkouts": checkouts.__doc__ or "",
    "addresses": addresses.__doc__ or "",
    "sessions": sessions.__doc__ or "",
    "touchpoints": touchpoints.__doc__ or "",
    "orders": orders.__doc__ or "",
    "tracking": tracking.__doc__ or "",
    "returns": returns.__doc__ or "",
    "claims": claims.__doc__ or "",
    "documents": documents.PUBLIC_TEXT,
    "gift cards": gift_cards.PUBLIC_TEXT,
    "saved payment methods": saved_payments.__doc__ or "",
    "store credit": store_credit.PUBLIC_TEXT,
    "loyalty points": loyalty.PUBLIC_TEXT,
    "account": accounts.__doc__ or "",
    "organizations": organizations.PUBLIC_TEXT,
    "mail": mail.__doc__ or "",
    "journeys": journeys.__doc__ or "",
    "journey map documents": map_documents.__doc__ or "",
    "journey map sharing": map_sharing.__doc__ or "",
    "journey map comments": map_comments.__doc__ or "",
    "insights": map_insights.__doc__ or "",
    "questions": questions.__doc__ or "",
    "surveys": surveys.__doc__ or "",
    "content": content_pages.PUBLIC_TEXT,
    "menus": content_menus.PUBLIC_TEXT,
    "short links": content_share_links.PUBLIC_TEXT,
    "search engines": content_discovery.__doc__ or "",
    "reviews": reviews.__doc__ or "",
    "recommendations": recommendations.__doc__ or "",
    "product questions": product_questions.__doc__ or "",
    "product questions (staff)": staff_product_questions.__doc__ or "",
    "alerts": alerts.__doc__ or "",
    "reviews (staff)": staff_reviews.__doc__ or "",
    "related products (staff)": staff_related.__doc__ or "",
    "catalogue (staff)": staff_catalogue.__doc__ or "",
    "prices (staff)": staff_prices.__doc__ or "",
    "search (staff)": staff_search.__doc__ or "",
    "products (staff)": staff_products.__doc__ or "",
    "media": media.__doc__ or "",
    "digital goods": digital_goods.PUBLIC_TEXT,
    "digital goods (staff)": digital_goods.__doc__ or "",
    "gift card products (staff)": gift_card_variants.__doc__ or "",
    "attributes (staff)": staff_attributes.__doc__ or "",
    "bundles (staff)": staff_bundles.__doc__ or "",
    "imports and exports (staff)": staff_files.__doc__ or "",
    "channels (staff)": staff_channels.__doc__ or "",
    "categories (staff)": staff_categories.__doc__ or "",
    "content pages (staff)": content_pages.__doc__ or "",
    "menus (staff)": content_menus.__doc__ or "",
    "short links (staff)": content_share_links.__doc__ or "",
    "search engines (staff)": content_seo.__doc__ or "",
    "stock (staff)": staff_stock.__doc__ or "",
    "pick-up locations (staff)": staff_pickup_locations.__doc__ or "",
    "customers (staff)": staff_customers.__doc__ or "",
    "organizations (staff)": organizations.__doc__ or "",
    "orders (staff)": staff_orders.__doc__ or "",
    "order desk (staff)": order_desk.__doc__ or "",
    "labels (staff)": shipment_labels.__doc__ or "",
    "orders by staff": orders_by_staff.__doc__ or "",
    "returns (staff)": returns.__doc__ or "",
    "claims (staff)": claims.__doc__ or "",
    "after the sale (staff)": staff_after_sale.__doc__ or "",
    "payments (staff)": staff_payments.__doc__ or "",
    "fraud (staff)": fraud.__doc__ or "",
    "documents (staff)": documents.__doc__ or "",
    "gift cards (staff)": gift_cards.__doc__ or "",
    "store credit (staff)": store_credit.__doc__ or "",
    "loyalty points (staff)": loyalty.__doc__ or "",
    "taxes (staff)": staff_taxes.__doc__ or "",
    "delivery (staff)": staff_delivery.__doc__ or "",
    "repairs": staff_repairs.__doc__ or "",
    "members of the staff": staff_members.__doc__ or "",
    "API keys": api_keys.__doc__ or "",
}
ENDPOINTS: Final = tuple(endpoint for table in TABLES.values() for endpoint in table)
