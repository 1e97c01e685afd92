-- Tables that every service has for itself. Run by its first migration through chassis.migrate.create_chassis_tables().
CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id UUID NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    payload BYTEA NOT NULL,
    headers JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE inbox (
    event_id UUID PRIMARY KEY,
    handled_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX inbox_handled_at ON inbox (handled_at);
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    method TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    response BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (caller, method, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);
CREATE TABLE timer (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    payload JSONB NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    leased_until TIMESTAMPTZ NOT NULL,
    headers JSONB NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX timer_due_at ON timer (due_at);
CREATE TABLE audit (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor_id UUID NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before JSONB,
    after JSONB,
    trace_id TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, at);
