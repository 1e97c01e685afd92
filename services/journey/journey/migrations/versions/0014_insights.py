"""Insights with their settings, webhooks that tell of them, and objectives of stages."""

from chassis.data.migrations import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE insight_settings (
            name TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            maps JSONB NOT NULL,
            time_zone TEXT NOT NULL,
            threshold DOUBLE PRECISION NOT NULL,
            least_volume INTEGER NOT NULL,
            least_change DOUBLE PRECISION NOT NULL,
            slow_ms INTEGER NOT NULL
        );
        CREATE TABLE insight_progress (
            map_slug TEXT PRIMARY KEY,
            judged_on DATE,
            leased_until TIMESTAMPTZ
        );
        CREATE TABLE map_day (
            map_slug TEXT NOT NULL,
            day DATE NOT NULL,
            digest TEXT NOT NULL,
            measured_at TIMESTAMPTZ NOT NULL,
            tallies JSONB NOT NULL,
            PRIMARY KEY (map_slug, day)
        );
        CREATE TABLE insight (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
            map_slug TEXT NOT NULL,
            subject TEXT NOT NULL,
            measure TEXT NOT NULL
                CHECK (measure IN ('people', 'conversion', 'errors', 'slowness', 'count')),
            is_rise BOOLEAN NOT NULL,
            began_on DATE NOT NULL,
            last_on DATE NOT NULL,
            ended_on DATE,
            days INTEGER NOT NULL,
            actual DOUBLE PRECISION NOT NULL,
            expected DOUBLE PRECISION NOT NULL,
            score DOUBLE PRECISION NOT NULL,
            volume BIGINT NOT NULL,
            audience JSONB NOT NULL,
            likely JSONB NOT NULL,
            at_most JSONB NOT NULL,
            pains JSONB NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE UNIQUE INDEX insight_open ON insight (map_slug, subject, measure, is_rise)
            WHERE state = 'open';
        CREATE INDEX insight_changed ON insight (changed_at, id);
        CREATE TABLE insight_webhook (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            name TEXT NOT NULL,
            url TEXT NOT NULL,
            secret BYTEA NOT NULL,
            maps JSONB NOT NULL,
            measures JSONB NOT NULL,
            is_active BOOLEAN NOT NULL,
            created_by UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE webhook_delivery (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            webhook_id UUID NOT NULL,
            insight_id UUID NOT NULL,
            type TEXT NOT NULL,
            body JSONB NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
            attempts INTEGER NOT NULL,
            last_status INTEGER NOT NULL,
            last_problem TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            due_at TIMESTAMPTZ NOT NULL,
            finished_at TIMESTAMPTZ
        );
        CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE state = 'waiting';
        CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook_id, id);
        CREATE TABLE objective_count (
            map_slug TEXT PRIMARY KEY,
            digest TEXT NOT NULL,
            counted_since TIMESTAMPTZ NOT NULL,
            counted_until TIMESTAMPTZ NOT NULL,
            counted_at TIMESTAMPTZ NOT NULL,
            leased_until TIMESTAMPTZ
        );
        CREATE TABLE objective_slot (
            map_slug TEXT NOT NULL,
            stage TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('success', 'speed')),
            slot_at TIMESTAMPTZ NOT NULL,
            tries BIGINT NOT NULL,
            bad BIGINT NOT NULL,
            PRIMARY KEY (map_slug, stage, kind, slot_at)
        );
        """
    )
