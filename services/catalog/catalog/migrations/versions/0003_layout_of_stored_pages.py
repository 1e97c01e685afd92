"""The layout that stored parts of pages and cards are written in."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Older processes do not write it: what they store is found by the index and republished. An update that names the parts alone turns a
    # layout negative; one that names the layout too turns it back.
    run_sql(
        """
        ALTER TABLE listing_offer ADD COLUMN layout SMALLINT NOT NULL DEFAULT 0;
        CREATE INDEX listing_offer_outdated ON listing_offer (product_id) WHERE layout < 1;

        CREATE FUNCTION negate_layout() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.layout := -NEW.layout;
            RETURN NEW;
        END $$;
        CREATE TRIGGER listing_offer_parts BEFORE UPDATE OF page_part, card_part ON listing_offer
            FOR EACH ROW EXECUTE FUNCTION negate_layout();
        CREATE TRIGGER listing_offer_layout BEFORE UPDATE OF layout ON listing_offer FOR EACH ROW EXECUTE FUNCTION negate_layout();
        """
    )
