"""The catalogue: channels, products, prices, stock, stored pages."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE warehouse (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    is_default BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX warehouse_default ON warehouse (is_default) WHERE is_default;

CREATE TABLE channel (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    locales JSONB NOT NULL CHECK (jsonb_array_length(locales) > 0),
    currencies JSONB NOT NULL CHECK (jsonb_array_length(currencies) > 0),
    countries JSONB NOT NULL,
    tax_display TEXT NOT NULL CHECK (tax_display IN ('gross', 'net')),
    warehouses JSONB NOT NULL CHECK (jsonb_array_length(warehouses) > 0),
    hosts JSONB NOT NULL,
    price_list TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX channel_default ON channel (is_default) WHERE is_default;

CREATE TABLE price_list (
    code TEXT PRIMARY KEY,
    channel TEXT NOT NULL REFERENCES channel (code),
    organization_id UUID,
    tax_included BOOLEAN NOT NULL
);
ALTER TABLE channel ADD FOREIGN KEY (price_list) REFERENCES price_list (code) DEFERRABLE INITIALLY DEFERRED;

-- Rises with every change of the category tree; its lock lets one transaction at a time change the tree.
CREATE TABLE category_tree (
    is_only BOOLEAN PRIMARY KEY CHECK (is_only),
    version BIGINT NOT NULL
);

CREATE TABLE category (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name JSONB NOT NULL,
    parent_id UUID REFERENCES category (id),
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE product (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    category_id UUID REFERENCES category (id),
    brand TEXT NOT NULL,
    title JSONB NOT NULL,
    description JSONB NOT NULL,
    images JSONB NOT NULL,
    options JSONB NOT NULL,
    attributes JSONB NOT NULL,
    tags JSONB NOT NULL,
    seo_title TEXT NOT NULL,
    seo_description TEXT NOT NULL,
    is_published BOOLEAN NOT NULL,
    content_digest BYTEA NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX product_category_id ON product (category_id);

CREATE TABLE product_external_id (
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    product_id UUID NOT NULL REFERENCES product (id),
    PRIMARY KEY (source, external_id)
);
CREATE INDEX product_external_id_product_id ON product_external_id (product_id);

-- In which transaction each product changed last: what search indexes poll.
CREATE TABLE product_change (
    product_id UUID PRIMARY KEY,
    xid XID8 NOT NULL
);
CREATE INDEX product_change_xid ON product_change (xid);

CREATE TABLE variant (
    id UUID PRIMARY KEY,
    product_id UUID NOT NULL REFERENCES product (id),
    sku TEXT NOT NULL UNIQUE,
    options JSONB NOT NULL,
    position INTEGER NOT NULL,
    weight_grams BIGINT NOT NULL CHECK (weight_grams >= 0),
    tax_class TEXT NOT NULL,
    barcode TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    scale INTEGER NOT NULL CHECK (scale BETWEEN 0 AND 6),
    increment BIGINT NOT NULL CHECK (increment > 0),
    is_active BOOLEAN NOT NULL
);
CREATE INDEX variant_product_id ON variant (product_id);

CREATE TABLE price (
    variant_id UUID NOT NULL,
    price_list TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    compare_at_minor BIGINT CHECK (compare_at_minor > amount_minor),
    PRIMARY KEY (variant_id, price_list, currency)
);

-- In which channels a product is offered.
CREATE TABLE listing (
    product_id UUID NOT NULL,
    channel TEXT NOT NULL,
    listed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (product_id, channel)
);

-- Stored parts of product pages and cards. A serialized message followed by another one of its type is the two merged, so a
-- page is the part that depends on the language and then the part that depends on the currency.
CREATE TABLE listing_text (
    channel TEXT NOT NULL,
    locale TEXT NOT NULL,
    product_id UUID NOT NULL,
    category_id UUID NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT COLLATE "C" NOT NULL,
    page_part BYTEA NOT NULL,
    card_part BYTEA NOT NULL,
    PRIMARY KEY (product_id, channel, locale)
);
CREATE UNIQUE INDEX listing_text_slug ON listing_text (slug, channel, locale);
CREATE INDEX listing_text_by_title ON listing_text (channel, locale, category_id, title_key, product_id);

CREATE TABLE listing_offer (
    channel TEXT NOT NULL,
    currency TEXT NOT NULL,
    product_id UUID NOT NULL,
    category_id UUID NOT NULL,
    price_minor BIGINT NOT NULL,
    availability TEXT NOT NULL CHECK (availability IN ('in_stock', 'low_stock', 'out_of_stock')),
    facets TEXT[] NOT NULL,
    page_part BYTEA NOT NULL,
    card_part BYTEA NOT NULL,
    PRIMARY KEY (product_id, channel, currency)
);
CREATE INDEX listing_offer_by_price ON listing_offer (channel, currency, category_id, price_minor, product_id);
-- Ids are made in the order of time.
CREATE INDEX listing_offer_by_age ON listing_offer (channel, currency, category_id, product_id);

-- Room on each block for the next versions of its rows: counters change often and touch no index.
CREATE TABLE stock_level (
    variant_id UUID NOT NULL,
    warehouse TEXT NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    PRIMARY KEY (variant_id, warehouse),
    CONSTRAINT stock_level_not_oversold CHECK (reserved BETWEEN 0 AND on_hand)
) WITH (fillfactor = 70);

CREATE TABLE reservation (
    id UUID PRIMARY KEY,
    channel TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('held', 'confirmed', 'released', 'expired')),
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX reservation_held ON reservation (created_at, id) WHERE status = 'held';

CREATE TABLE reservation_line (
    reservation_id UUID NOT NULL REFERENCES reservation (id),
    variant_id UUID NOT NULL,
    warehouse TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (reservation_id, variant_id, warehouse)
);

CREATE TABLE page (
    id UUID PRIMARY KEY,
    channel TEXT NOT NULL,
    slug TEXT NOT NULL,
    title JSONB NOT NULL,
    body JSONB NOT NULL,
    product_ids JSONB NOT NULL,
    version BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (channel, slug)
);
"""

FIRST_ROWS = """
INSERT INTO warehouse (code, name, country, is_default) VALUES ('main', 'Main warehouse', 'DE', TRUE);
INSERT INTO channel (code, name, is_default, locales, currencies, countries, tax_display, warehouses, hosts, price_list, version) VALUES (
    'default', 'Default', TRUE, '["en", "de"]', '["EUR", "USD", "GBP"]',
    '["DE", "AT", "BE", "CH", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "LU", "NL", "NO", "PL", "PT", "SE", "US"]',
    'gross', '["main"]', '[]', 'default', 1
);
INSERT INTO price_list (code, channel, organization_id, tax_included) VALUES ('default', 'default', NULL, TRUE);
INSERT INTO category_tree (is_only, version) VALUES (TRUE, 1);
"""


def upgrade() -> None:
    create_chassis_tables()
    run_sql(TABLES)
    run_sql(FIRST_ROWS)
