"""Surveys, who was asked, what they answered, and follow-up tasks."""

from chassis.data.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE feedback ADD COLUMN recorded_at TIMESTAMPTZ, ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE survey (
            slug TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            name TEXT NOT NULL,
            type TEXT NOT NULL CHECK (type IN ('nps', 'csat', 'ces', 'free')),
            state TEXT NOT NULL CHECK (state IN ('draft', 'active', 'ended')),
            trigger JSONB NOT NULL,
            starts_at TIMESTAMPTZ,
            ends_at TIMESTAMPTZ,
            score_text JSONB NOT NULL,
            questions JSONB NOT NULL,
            follow_up_at INTEGER,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE survey_rules (
            name TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            days_between INTEGER NOT NULL,
            most_per_year INTEGER NOT NULL,
            answer_days INTEGER NOT NULL
        );
        CREATE TABLE survey_invitation (
            id UUID PRIMARY KEY,
            survey_slug TEXT NOT NULL,
            touchpoint_id UUID NOT NULL,
            visitor_id UUID,
            guest_id UUID,
            customer_id UUID,
            medium TEXT NOT NULL CHECK (medium IN ('page', 'mail')),
            state TEXT NOT NULL CHECK (state IN ('scheduled', 'skipped', 'asked', 'declined', 'answered')),
            reason TEXT NOT NULL,
            context JSONB NOT NULL,
            email TEXT NOT NULL,
            locale TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            asked_at TIMESTAMPTZ,
            expires_at TIMESTAMPTZ,
            UNIQUE (survey_slug, touchpoint_id),
            CHECK (coalesce(visitor_id, guest_id, customer_id) IS NOT NULL)
        );
        CREATE INDEX survey_invitation_visitor ON survey_invitation (visitor_id);
        CREATE INDEX survey_invitation_guest ON survey_invitation (guest_id);
        CREATE INDEX survey_invitation_customer ON survey_invitation (customer_id);
        CREATE INDEX survey_invitation_touchpoint ON survey_invitation (touchpoint_id);
        CREATE INDEX survey_invitation_survey ON survey_invitation (survey_slug, state);
        CREATE TABLE survey_answer (
            invitation_id UUID PRIMARY KEY,
            survey_slug TEXT NOT NULL,
            score INTEGER,
            answers JSONB NOT NULL,
            has_text BOOLEAN NOT NULL,
            sentiment TEXT NOT NULL CHECK (sentiment IN ('positive', 'neutral', 'negative', 'unknown')),
            context JSONB NOT NULL,
            locale TEXT NOT NULL,
            given_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL,
            recorded_at TIMESTAMPTZ,
            revision INTEGER NOT NULL
        );
        CREATE INDEX survey_answer_survey ON survey_answer (survey_slug, given_at, invitation_id);
        CREATE INDEX survey_answer_text ON survey_answer (survey_slug, given_at, invitation_id) WHERE has_text;
        CREATE TABLE follow_up (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            survey_slug TEXT NOT NULL,
            score INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
            assignee_id UUID,
            note TEXT NOT NULL,
            reason TEXT NOT NULL,
            opened_at TIMESTAMPTZ NOT NULL,
            closed_at TIMESTAMPTZ
        );
        CREATE INDEX follow_up_state ON follow_up (state, opened_at, id);
        CREATE INDEX follow_up_survey ON follow_up (survey_slug);
        """
    )
