SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.address (
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    organization_id uuid,
    first_name text NOT NULL,
    last_name text NOT NULL,
    organization text NOT NULL,
    street_address text NOT NULL,
    address_locality text NOT NULL,
    address_region text NOT NULL,
    postal_code text NOT NULL,
    address_country text NOT NULL,
    phone_number text NOT NULL,
    is_default boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alembic_version_chassis (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_key (
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    digest bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    idempotency_key text NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    version bigint NOT NULL,
    CONSTRAINT api_key_role_check CHECK ((role = 'synthetic'::text))
);
CREATE TABLE public.audit (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    before jsonb,
    after jsonb,
    trace_id text NOT NULL
);
CREATE TABLE public.consent (
    customer_id uuid NOT NULL,
    category text NOT NULL,
    granted boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT consent_category_check CHECK ((category = ANY (ARRAY['analytics'::text, 'marketing'::text, 'personalization'::text])))
);
CREATE TABLE public.consent_change (
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    category text NOT NULL,
    granted boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
CREATE TABLE public.credential (
    email_digest bytea NOT NULL,
    subject_id uuid NOT NULL,
    kind text NOT NULL,
    password_hash text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT credential_kind_check CHECK ((kind = ANY (ARRAY['customer'::text, 'staff'::text])))
);
CREATE TABLE public.customer (
    id uuid NOT NULL,
    email text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    phone_number text NOT NULL,
    locale text NOT NULL,
    channel text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_login_at timestamp with time zone,
    email_confirmed_at timestamp with time zone DEFAULT clock_timestamp()
);
CREATE TABLE public.customer_guest (
    guest_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    linked_at timestamp with time zone NOT NULL
);
CREATE TABLE public.device (
    id uuid NOT NULL,
    subject_id uuid NOT NULL,
    digest bytea NOT NULL,
    previous_digest bytea,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.idempotency (
    caller text NOT NULL,
    method text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    response bytea,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.inbox (
    event_id uuid NOT NULL,
    handled_at timestamp with time zone NOT NULL
);
CREATE TABLE public.last_mail (
    key bytea NOT NULL,
    purpose text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    asked integer NOT NULL,
    CONSTRAINT last_mail_purpose_check CHECK ((purpose = ANY (ARRAY['confirm_email'::text, 'registration'::text, 'log_in'::text, 'email_in_use'::text])))
);
CREATE TABLE public.login_attempt (
    email_digest bytea NOT NULL,
    failures integer NOT NULL,
    failed_at timestamp with time zone NOT NULL,
    locked_until timestamp with time zone NOT NULL
);
CREATE TABLE public.login_budget (
    email_digest bytea NOT NULL,
    failures integer NOT NULL,
    began_at timestamp with time zone NOT NULL
);
CREATE TABLE public.login_failure (
    email_digest bytea NOT NULL,
    origin_digest bytea NOT NULL,
    failures integer NOT NULL,
    failed_at timestamp with time zone NOT NULL,
    locked_until timestamp with time zone NOT NULL
);
CREATE TABLE public.mail_link (
    digest bytea NOT NULL,
    purpose text NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT mail_link_purpose_check CHECK ((purpose = ANY (ARRAY['confirm_email'::text, 'log_in'::text])))
);
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    key text NOT NULL,
    payload bytea NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registration (
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    customer_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.session (
    id uuid NOT NULL,
    subject_id uuid NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    refresh_digest bytea NOT NULL,
    previous_digest bytea,
    rotated_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT session_kind_check CHECK ((kind = ANY (ARRAY['guest'::text, 'customer'::text, 'staff'::text])))
);
CREATE TABLE public.signing_key (
    id uuid NOT NULL,
    public_jwk jsonb NOT NULL,
    private_sealed bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    verifies_until timestamp with time zone
);
CREATE TABLE public.skipped_row (
    loop text NOT NULL,
    key text NOT NULL,
    error text NOT NULL,
    times bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
);
CREATE TABLE public.staff (
    id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT staff_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'catalog_manager'::text, 'fulfilment'::text, 'support'::text])))
);
CREATE TABLE public.timer (
    id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    leased_until timestamp with time zone NOT NULL,
    headers jsonb NOT NULL
);
CREATE TABLE public.unconfirmed_credential (
    customer_id uuid NOT NULL,
    email_digest bytea NOT NULL,
    password_hash text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    recipe text GENERATED ALWAYS AS (regexp_replace(password_hash, '[^$]*$'::text, ''::text)) STORED NOT NULL
);
COPY public.address (id, customer_id, organization_id, first_name, last_name, organization, street_address, address_locality, address_region, postal_code, address_country, phone_number, is_default, created_at) FROM stdin;
\.
COPY public.alembic_version (version_num) FROM stdin;
0003
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.api_key (id, name, role, digest, created_at, created_by, idempotency_key, last_used_at, revoked_at, version) FROM stdin;
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
\.
COPY public.consent (customer_id, category, granted, changed_at) FROM stdin;
01a2248a-161f-7705-bb9d-d6419213b4e2	analytics	t	2026-11-29 01:45:59.47659+00
01a2248a-161f-7705-bb9d-d6419213b4e2	marketing	t	2026-11-29 01:45:59.47659+00
\.
COPY public.consent_change (id, customer_id, category, granted, changed_at) FROM stdin;
01a2248a-1786-756f-b084-e1874d5968c1	01a2248a-161f-7705-bb9d-d6419213b4e2	analytics	t	2026-11-29 01:45:59.47659+00
01a2248a-1786-756f-b084-e188eedd1ec9	01a2248a-161f-7705-bb9d-d6419213b4e2	marketing	t	2026-11-29 01:45:59.47659+00
\.
COPY public.credential (email_digest, subject_id, kind, password_hash, changed_at) FROM stdin;
\\xf9ef99c1bd99c81dadd1f01854f61cdb426b8b493bb4cb5dabe7c78c89e4bc67	01a22489-f0f1-7491-ab98-597cf8a15654	staff	$argon2id$v=19$m=19456,t=2,p=1$56Hlliy3h7CqbpboTtdoJg$TKvv81y1+gBOhX67UKsaRx1LMGbAEEuXleLtlxVm/Ys	2026-11-28 23:42:29.61762+00
\\x1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	customer	$argon2id$v=19$m=19456,t=2,p=1$TjLNQnbWOdSB4d29agH+mw$bWgBEfYiLAbTIuTBPr+FpprjL5TILUOocMypFWHuNrg	2026-11-28 23:42:39.135747+00
\.
COPY public.customer (id, email, first_name, last_name, phone_number, locale, channel, version, created_at, last_login_at, email_confirmed_at) FROM stdin;
01a2248a-161f-7705-bb9d-d6419213b4e2	sarah@example.com	Sarah	Jones			default	3	2026-11-29 01:45:59.13395+00	\N	2026-11-29 01:45:59.461128+00
01a2248a-1dd7-71ce-9898-c69a7f29ec58	tom@example.com	Tom				default	1	2026-11-29 01:46:01.109618+00	\N	\N
\.
COPY public.customer_guest (guest_id, customer_id, linked_at) FROM stdin;
01a2248a-0c47-707b-82f9-7a4a2208c960	01a2248a-161f-7705-bb9d-d6419213b4e2	2026-11-29 01:45:59.13395+00
01a2248a-1d9b-7129-9bbc-e09822239ca7	01a2248a-1dd7-71ce-9898-c69a7f29ec58	2026-11-29 01:46:01.109618+00
\.
COPY public.device (id, subject_id, digest, previous_digest, expires_at) FROM stdin;
01a2248a-0b52-7217-9555-464a1bfb5c21	01a22489-f0f1-7491-ab98-597cf8a15654	\\x95279cd20b7adefbcbc6c57d18d304455d298fef3c11c07f5684f009309c11be	\N	2027-05-27 23:42:36.370202+00
01a2248a-162a-752d-bea2-3b0d0e8acdbb	01a2248a-161f-7705-bb9d-d6419213b4e2	\\x6d83cbdb7d1dbfe63d9ceab416637d38ae530e538902441bf319b7f60d1566f2	\N	2027-05-27 23:42:39.146158+00
01a2248a-1de2-7528-9f51-c6ed0f280b21	01a2248a-1dd7-71ce-9898-c69a7f29ec58	\\xa9e262470fba183457302748350659dad69fb7cdbc4ac388b44b4f1e5c857a97	\N	2027-05-27 23:42:41.122572+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
\.
COPY public.last_mail (key, purpose, asked_at, asked) FROM stdin;
\\x01a2248a161f7705bb9dd6419213b4e2	confirm_email	2026-11-28 23:42:39.135747+00	1
\\x1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	registration	2026-11-28 23:42:39.135747+00	1
\\x01a2248a1dd771ce9898c69a7f29ec58	confirm_email	2026-11-28 23:42:41.11169+00	1
\\x72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	registration	2026-11-28 23:42:41.11169+00	1
\.
COPY public.login_attempt (email_digest, failures, failed_at, locked_until) FROM stdin;
\.
COPY public.login_budget (email_digest, failures, began_at) FROM stdin;
\.
COPY public.login_failure (email_digest, origin_digest, failures, failed_at, locked_until) FROM stdin;
\.
COPY public.mail_link (digest, purpose, subject_id, created_at, expires_at) FROM stdin;
\\x39757153e2e24d55de50bbd998fb8efc484df049731673e85938576c4b830c4c	confirm_email	01a2248a-161f-7705-bb9d-d6419213b4e2	2026-11-28 23:42:39.135747+00	2026-12-05 23:42:39.135747+00
\\xd78642ea8f39a174fd680b8bd7d0bcbe35f74205c77de46350b0e74b8bbb92a8	confirm_email	01a2248a-1dd7-71ce-9898-c69a7f29ec58	2026-11-28 23:42:41.11169+00	2026-12-05 23:42:41.11169+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.registration (idempotency_key, fingerprint, customer_id, created_at) FROM stdin;
a9484856-5434-4683-82a4-abf863f0b316	\\x164c6acb02676d950d29a6f13cee58e7d7aef8768f75bda6abaf075837df74ed	01a2248a-161f-7705-bb9d-d6419213b4e2	2026-11-28 23:42:39.135747+00
219a38c9-7e64-48fa-b1ce-0f85bafbfaf4	\\xd2fa803df2922393a71c360d5f373912efea618294e0e77a2f5a8c9c2e465319	01a2248a-1dd7-71ce-9898-c69a7f29ec58	2026-11-28 23:42:41.11169+00
\.
COPY public.session (id, subject_id, kind, channel, refresh_digest, previous_digest, rotated_at, created_at, expires_at, revoked_at) FROM stdin;
01a2248a-0b4f-753e-8654-0dea08f243f6	01a22489-f0f1-7491-ab98-597cf8a15654	staff	default	\\xee9070caec3cee284e69fcc0928e7937819c08d7c39e46076fbaf2efd5da82fa	\N	\N	2026-11-28 23:42:36.367535+00	2026-11-29 11:42:36.367535+00	\N
01a2248a-0c47-707b-82f9-7a4be0307fc8	01a2248a-0c47-707b-82f9-7a4a2208c960	guest	default	\\xed3f5933f2db90bd1a12f4c7117be950707b69ab004bf517c84ae13cf077a349	\N	\N	2026-11-28 23:42:36.615703+00	2027-02-26 23:42:36.615703+00	\N
01a2248a-1627-7145-a270-e0e46db8d4a4	01a2248a-161f-7705-bb9d-d6419213b4e2	customer	default	\\x74c6ee034e65be039aca2986a253373e16f53dd9bd816680fa070112c24ce4e5	\N	\N	2026-11-28 23:42:39.143987+00	2026-12-28 23:42:39.143987+00	\N
01a2248a-1d9b-7129-9bbc-e0995f3a8d78	01a2248a-1d9b-7129-9bbc-e09822239ca7	guest	default	\\xde47992577bf19896fe25d61c8cfbe636300afdaff79737f5eafc7dee3727e47	\N	\N	2026-11-28 23:42:41.051046+00	2027-02-26 23:42:41.051046+00	\N
01a2248a-1de2-7528-9f51-c6ec17940a55	01a2248a-1dd7-71ce-9898-c69a7f29ec58	customer	default	\\xa74d586c9e999a863d1f53f16bc03a71c0194867ebea8b9ba20d0b5d3af8c2ea	\N	\N	2026-11-28 23:42:41.122197+00	2026-12-28 23:42:41.122197+00	\N
01a2248a-1e31-7684-bf5d-1ccee79b8060	01a2248a-1e31-7684-bf5d-1ccd58ca56b8	guest	default	\\xc834cfce173217534a0f0efadef8954b5f4733fd4b550aeb1054ed281921aedc	\N	\N	2026-11-28 23:42:41.201391+00	2027-02-26 23:42:41.201391+00	\N
01a2248a-1ea4-712d-b565-8a5007811149	01a2248a-1ea4-712d-b565-8a4f335ac6b5	guest	default	\\x34b49e14df00db4395d675fa3618af74102bbb9904058326cd197a854655ced0	\N	\N	2026-11-28 23:42:41.316624+00	2027-02-26 23:42:41.316624+00	\N
01a2248a-1fac-7090-9907-20da44d1752c	01a2248a-1fac-7090-9907-20d931d3dfc4	guest	default	\\x15e396e3c5ccd7a5ccab8fc4064fce532b69cb9bddc64067a3af1f438467d3ad	\N	\N	2026-11-28 23:42:41.580321+00	2027-02-26 23:42:41.580321+00	\N
01a2248a-2961-73ec-b9b7-669b8142c094	01a2248a-2961-73ec-b9b7-669a7fd9c85c	guest	default	\\x10d0cf1c3e795d075083d11b31058b5f767230383d70ab9cc7d14b63e8603bde	\N	\N	2026-11-28 23:42:44.065642+00	2027-02-26 23:42:44.065642+00	\N
\.
COPY public.signing_key (id, public_jwk, private_sealed, created_at, signs_from, verifies_until) FROM stdin;
01a22489-f075-756f-81db-ea19dd230a02	{"x": "2nw-CCt81xxqeO2Vh2G2HWRYoqBHugq9NC5FW9NCteI", "alg": "Ed25519", "crv": "Ed25519", "kid": "01a22489-f075-756f-81db-ea19dd230a02", "kty": "OKP", "use": "sig"}	\\x94d3b83ec9425f3073865d9401f07a0d07075279df6b117d5091822adfadb947afda9d0522c8e814ea99d6a8d5e525f06e50764202f9202411db1e340cc64fe065121560f59c0dec53c89cb32a8107cf8ee0fe88ac944f61d92230f1da0f0ba0aab47c8f0bb0f7b46e9492651fe4a98b2a3e5a74f074cd4814e94ad85057cb07150a86441129e6a0bd0ea271f3c19bea8d252f1b57092db2fe3967812b1589cf13dbaf61860d4585cecab0455bd3a907ac1727d470a6967bae86aa1091d00129e60bbeb8f07bd4b8b1cf6b07a896fbd8d593aec6f386e5cc2fa3b5dfff102d3fa5ee8c355d0dfe65569942adf1ccb75e386bfb	2026-11-28 23:42:29.494244+00	2026-11-28 23:42:29.493469+00	\N
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.staff (id, email, role, created_at) FROM stdin;
01a22489-f0f1-7491-ab98-597cf8a15654	staff@sojourn.example	admin	2026-11-28 23:42:29.617393+00
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
COPY public.unconfirmed_credential (customer_id, email_digest, password_hash, changed_at) FROM stdin;
01a2248a-1dd7-71ce-9898-c69a7f29ec58	\\x72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	$argon2id$v=19$m=19456,t=2,p=1$VEsItc/VXj1WWQNWBsPksQ$eBCIerU//qryup7euyZqu/Dlv/xnhPB9oaGn4UD/ciA	2026-11-28 23:42:41.11169+00
\.
SELECT pg_catalog.setval('public.outbox_id_seq', 6, true);
ALTER TABLE ONLY public.address
    ADD CONSTRAINT address_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alembic_version_chassis
    ADD CONSTRAINT alembic_version_chassis_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_created_by_idempotency_key_key UNIQUE (created_by, idempotency_key);
ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.consent_change
    ADD CONSTRAINT consent_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (customer_id, category);
ALTER TABLE ONLY public.credential
    ADD CONSTRAINT credential_pkey PRIMARY KEY (email_digest);
ALTER TABLE ONLY public.credential
    ADD CONSTRAINT credential_subject_id_key UNIQUE (subject_id);
ALTER TABLE ONLY public.customer_guest
    ADD CONSTRAINT customer_guest_pkey PRIMARY KEY (guest_id);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id, subject_id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (caller, method, key);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.last_mail
    ADD CONSTRAINT last_mail_pkey PRIMARY KEY (key, purpose);
ALTER TABLE ONLY public.login_attempt
    ADD CONSTRAINT login_attempt_pkey PRIMARY KEY (email_digest);
ALTER TABLE ONLY public.login_budget
    ADD CONSTRAINT login_budget_pkey PRIMARY KEY (email_digest);
ALTER TABLE ONLY public.login_failure
    ADD CONSTRAINT login_failure_pkey PRIMARY KEY (email_digest, origin_digest);
ALTER TABLE ONLY public.mail_link
    ADD CONSTRAINT mail_link_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registration
    ADD CONSTRAINT registration_pkey PRIMARY KEY (idempotency_key);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.skipped_row
    ADD CONSTRAINT skipped_row_pkey PRIMARY KEY (loop, key);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_email_key UNIQUE (email);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_kind_key_key UNIQUE (kind, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.unconfirmed_credential
    ADD CONSTRAINT unconfirmed_credential_pkey PRIMARY KEY (customer_id);
CREATE INDEX address_customer_id ON public.address USING btree (customer_id, id);
CREATE UNIQUE INDEX address_default ON public.address USING btree (customer_id) WHERE is_default;
CREATE INDEX audit_subject ON public.audit USING btree (subject, at);
CREATE INDEX consent_change_customer_id ON public.consent_change USING btree (customer_id, id);
CREATE UNIQUE INDEX customer_confirmed_email ON public.customer USING btree (email) WHERE (email_confirmed_at IS NOT NULL);
CREATE INDEX customer_guest_customer_id ON public.customer_guest USING btree (customer_id);
CREATE INDEX device_expires_at ON public.device USING btree (expires_at);
CREATE INDEX device_subject_id ON public.device USING btree (subject_id);
CREATE INDEX idempotency_created_at ON public.idempotency USING btree (created_at);
CREATE INDEX inbox_handled_at ON public.inbox USING btree (handled_at);
CREATE INDEX last_mail_asked_at ON public.last_mail USING btree (asked_at);
CREATE INDEX login_attempt_failed_at ON public.login_attempt USING btree (failed_at);
CREATE INDEX login_budget_began_at ON public.login_budget USING btree (began_at);
CREATE INDEX login_failure_failed_at ON public.login_failure USING btree (failed_at);
CREATE INDEX mail_link_expires_at ON public.mail_link USING btree (expires_at);
CREATE INDEX registration_created_at ON public.registration USING btree (created_at);
CREATE INDEX session_expires_at ON public.session USING btree (expires_at);
CREATE INDEX session_subject_id ON public.session USING btree (subject_id) WHERE (kind <> 'guest'::text);
CREATE INDEX session_unused_guest ON public.session USING btree (created_at) WHERE ((kind = 'guest'::text) AND (rotated_at IS NULL));
CREATE INDEX skipped_row_last_at ON public.skipped_row USING btree (last_at);
CREATE INDEX timer_due_at ON public.timer USING btree (due_at);
CREATE INDEX unconfirmed_credential_password_hash ON public.unconfirmed_credential USING btree (email_digest, password_hash, customer_id);
CREATE INDEX unconfirmed_credential_recipe ON public.unconfirmed_credential USING btree (email_digest, recipe);
ALTER TABLE ONLY public.address
    ADD CONSTRAINT address_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.consent_change
    ADD CONSTRAINT consent_change_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.customer_guest
    ADD CONSTRAINT customer_guest_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.registration
    ADD CONSTRAINT registration_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.unconfirmed_credential
    ADD CONSTRAINT unconfirmed_credential_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id) ON DELETE CASCADE;
