"""The tables of the ledger file. `user_version` tells which of them a file has."""

from typing import Final

VERSION: Final = 1

# Written for SQLite 3.24 and later, so no STRICT and no RETURNING: long-lived distributions ship
# old ones.
TABLES: Final = """
CREATE TABLE payment (
    payment_id      TEXT PRIMARY KEY,
    reference       TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    status          TEXT NOT NULL CHECK (status IN ('authorized', 'captured', 'requires_action',
    'declined', 'voided')),
    amount_minor    INTEGER NOT NULL CHECK (amount_minor > 0),
    captured_minor  INTEGER NOT NULL DEFAULT 0,
    refunded_minor  INTEGER NOT NULL DEFAULT 0,
    currency        TEXT NOT NULL,
    capture_at_once INTEGER NOT NULL,
    decline_code    TEXT,
    return_url      TEXT,
    challenge_token TEXT UNIQUE,
    challenge_url   TEXT,
    event_count     INTEGER NOT NULL DEFAULT 0,
    created_at      TEXT NOT NULL,
    CHECK (0 <= refunded_minor AND refunded_minor <= captured_minor AND captured_minor <=
    amount_minor)
);
CREATE INDEX payment_by_reference ON payment (reference, payment_id);
CREATE INDEX payment_by_status ON payment (status);

CREATE TABLE idempotency_record (
    operation   TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT,
    status_code INTEGER,
    body        BLOB,
    created_at  TEXT NOT NULL,
    PRIMARY KEY (operation, key),
    CHECK ((status_code IS NULL) = (body IS NULL))
) WITHOUT ROWID;

CREATE TABLE ledger_entry (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    payment_id   TEXT NOT NULL REFERENCES payment,
    reference    TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund')),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency     TEXT NOT NULL,
    at           TEXT NOT NULL
);
CREATE INDEX ledger_entry_by_reference ON ledger_entry (reference, seq);
CREATE TRIGGER ledger_entry_keeps BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_entry_stays BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TABLE webhook_event (
    event_id     TEXT PRIMARY KEY,
    payment_id   TEXT NOT NULL REFERENCES payment,
    sequence     INTEGER NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dropped', 'expired')),
    ordered      INTEGER NOT NULL,
    copies_left  INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    first_due_at REAL NOT NULL,
    due_at       REAL NOT NULL,
    UNIQUE (payment_id, sequence)
);
CREATE INDEX webhook_event_pending ON webhook_event (due_at) WHERE state = 'pending';

CREATE TABLE misbehaviour (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    rules          TEXT NOT NULL,
    approval_count INTEGER NOT NULL DEFAULT 0,
    charge_count   INTEGER NOT NULL DEFAULT 0
);
INSERT INTO misbehaviour (id, rules) VALUES (1, '{}');

CREATE TABLE heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), at TEXT NOT NULL);
"""
# Added to files of any age: an older program does not look at it.
ADDED: Final = """
CREATE TABLE IF NOT EXISTS dispute (
    dispute_id   TEXT PRIMARY KEY,
    payment_id   TEXT NOT NULL UNIQUE REFERENCES payment,
    reference    TEXT NOT NULL,
    status       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency     TEXT NOT NULL,
    respond_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payment_signals (
    payment_id TEXT PRIMARY KEY REFERENCES payment,
    body       TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payment_in_parts (
    payment_id TEXT PRIMARY KEY REFERENCES payment
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customer (
    customer_id TEXT PRIMARY KEY,
    reference   TEXT NOT NULL,
    created_at  TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS instrument (
    instrument_id TEXT PRIMARY KEY,
    customer_id   TEXT NOT NULL,
    kind          TEXT NOT NULL,
    is_attached   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS instrument_by_customer ON instrument (customer_id);
CREATE TABLE IF NOT EXISTS payment_instrument (
    payment_id    TEXT PRIMARY KEY REFERENCES payment,
    instrument_id TEXT NOT NULL REFERENCES instrument
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS set_up (
    set_up_id       TEXT PRIMARY KEY,
    customer_id     TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    status          TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    client_secret   TEXT NOT NULL,
    instrument_id   TEXT,
    decline_code    TEXT,
    return_url      TEXT,
    challenge_token TEXT UNIQUE,
    challenge_url   TEXT
) WITHOUT ROWID;
"""
