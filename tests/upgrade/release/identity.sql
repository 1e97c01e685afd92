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
01a2248d-be5d-7756-b401-444dca26ae1d	analytics	t	2026-11-29 01:49:59.379148+00
01a2248d-be5d-7756-b401-444dca26ae1d	marketing	t	2026-11-29 01:49:59.379148+00
\.
COPY public.consent_change (id, customer_id, category, granted, changed_at) FROM stdin;
01a2248d-c096-74e1-83ab-c79dc9dc7d46	01a2248d-be5d-7756-b401-444dca26ae1d	analytics	t	2026-11-29 01:49:59.379148+00
01a2248d-c096-74e1-83ab-c79edc08f93c	01a2248d-be5d-7756-b401-444dca26ae1d	marketing	t	2026-11-29 01:49:59.379148+00
\.
COPY public.credential (email_digest, subject_id, kind, password_hash, changed_at) FROM stdin;
\\xf9ef99c1bd99c81dadd1f01854f61cdb426b8b493bb4cb5dabe7c78c89e4bc67	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	staff	$argon2id$v=19$m=19456,t=2,p=1$9a8dzPIKXqy84A4x+//CTQ$nZETZcLL/8iWXDmGg+/5ik8Vm4RsrhouxsUDQ8ZJJk8	2026-11-28 23:46:22.00803+00
\\x1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	customer	$argon2id$v=19$m=19456,t=2,p=1$TjLNQnbWOdSB4d29agH+mw$bWgBEfYiLAbTIuTBPr+FpprjL5TILUOocMypFWHuNrg	2026-11-28 23:46:38.813098+00
\.
COPY public.customer (id, email, first_name, last_name, phone_number, locale, channel, version, created_at, last_login_at, email_confirmed_at) FROM stdin;
01a2248d-be5d-7756-b401-444dca26ae1d	sarah@example.com	Sarah	Jones			default	3	2026-11-29 01:49:58.808011+00	\N	2026-11-29 01:49:59.357339+00
01a2248d-cdb0-75c1-8856-b4c642db32a4	tom@example.com	Tom				default	1	2026-11-29 01:50:02.732122+00	\N	\N
\.
COPY public.customer_guest (guest_id, customer_id, linked_at) FROM stdin;
01a2248d-b14d-75e8-9710-7ffff0e718c9	01a2248d-be5d-7756-b401-444dca26ae1d	2026-11-29 01:49:58.808011+00
01a2248d-ccef-70e6-afa4-460e39d8f41e	01a2248d-cdb0-75c1-8856-b4c642db32a4	2026-11-29 01:50:02.732122+00
\.
COPY public.device (id, subject_id, digest, previous_digest, expires_at) FROM stdin;
01a2248d-add3-75c3-92e4-47180471cfe1	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	\\x86269b591dfb83044dafbd3e95f59949af91c8dc5f705a25ecd5199b17131447	\N	2027-05-27 23:46:34.579674+00
01a2248d-bed8-74a3-809f-fdb0b244436e	01a2248d-be5d-7756-b401-444dca26ae1d	\\x65f39f81721b27fb9de6e62409c897db9f4ae9ba5917388b863f364544d85ad2	\N	2027-05-27 23:46:38.936922+00
01a2248d-cdc7-742d-9fa1-b64d9a10b524	01a2248d-cdb0-75c1-8856-b4c642db32a4	\\x39551a252047dcd2cf4bac50453d36245ba20401b305a707ac73f2ad52b8d3d8	\N	2027-05-27 23:46:42.759489+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
\.
COPY public.last_mail (key, purpose, asked_at, asked) FROM stdin;
\\x01a2248dbe5d7756b401444dca26ae1d	confirm_email	2026-11-28 23:46:38.813098+00	1
\\x1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	registration	2026-11-28 23:46:38.813098+00	1
\\x01a2248dcdb075c18856b4c642db32a4	confirm_email	2026-11-28 23:46:42.73692+00	1
\\x72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	registration	2026-11-28 23:46:42.73692+00	1
\.
COPY public.login_attempt (email_digest, failures, failed_at, locked_until) FROM stdin;
\.
COPY public.login_budget (email_digest, failures, began_at) FROM stdin;
\.
COPY public.login_failure (email_digest, origin_digest, failures, failed_at, locked_until) FROM stdin;
\.
COPY public.mail_link (digest, purpose, subject_id, created_at, expires_at) FROM stdin;
\\x8532a56191be8a6e1ef4ad668eba5b73e4ec40426bac8943df6941e8d04661c0	confirm_email	01a2248d-be5d-7756-b401-444dca26ae1d	2026-11-28 23:46:38.813098+00	2026-12-05 23:46:38.813098+00
\\x7b72b8aaebc10f69d3e5675449b398c1d6932ac08f9597fdbe918cb318e94ae5	confirm_email	01a2248d-cdb0-75c1-8856-b4c642db32a4	2026-11-28 23:46:42.73692+00	2026-12-05 23:46:42.73692+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.registration (idempotency_key, fingerprint, customer_id, created_at) FROM stdin;
cf09c3a5-45c3-4c7b-a3c4-65a4688a905b	\\x690bfe14b4cbc2e8f7549f8792de4b2b96f294e95afcf0761087a87aaf616bd6	01a2248d-be5d-7756-b401-444dca26ae1d	2026-11-28 23:46:38.813098+00
e7960aa9-0b46-428e-9cac-a1cd83bd9a1a	\\xaa88e15f10bc8d9e08d39431fce545c7c8e67fb06419d70b76b50cbd924b9c1f	01a2248d-cdb0-75c1-8856-b4c642db32a4	2026-11-28 23:46:42.73692+00
\.
COPY public.session (id, subject_id, kind, channel, refresh_digest, previous_digest, rotated_at, created_at, expires_at, revoked_at) FROM stdin;
01a2248d-adc9-748e-bc31-f03651fa3565	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	staff	default	\\xfefc2e7c1f4e85c514ce82460214f960a2caa90a5e04d9577463837923f75984	\N	\N	2026-11-28 23:46:34.56949+00	2026-11-29 11:46:34.56949+00	\N
01a2248d-b14d-75e8-9710-80007c54a39a	01a2248d-b14d-75e8-9710-7ffff0e718c9	guest	default	\\xc561d88056c90b24d58d7255d6b1d450be129336748e66204b93d95206d35676	\N	\N	2026-11-28 23:46:35.469562+00	2027-02-26 23:46:35.469562+00	\N
01a2248d-bebf-773a-858e-78ecc901edfb	01a2248d-be5d-7756-b401-444dca26ae1d	customer	default	\\xed31f35e32c50d0a41ac976bb0d9efdcf5323d333f382a79588aa3379ec7f911	\N	\N	2026-11-28 23:46:38.911849+00	2026-12-28 23:46:38.911849+00	\N
01a2248d-ccef-70e6-afa4-460fd6114999	01a2248d-ccef-70e6-afa4-460e39d8f41e	guest	default	\\x421b085cc315cc61ca9d1b37156ae0071a2413c30950aa6be76e8d53ca6ece49	\N	\N	2026-11-28 23:46:42.543865+00	2027-02-26 23:46:42.543865+00	\N
01a2248d-cdc6-75e5-9879-3f1d608789bd	01a2248d-cdb0-75c1-8856-b4c642db32a4	customer	default	\\xd00f5cfcc7a77d68eeb0a856f00b2ab83683263285edcdd79f44f1c8404f66ca	\N	\N	2026-11-28 23:46:42.758414+00	2026-12-28 23:46:42.758414+00	\N
01a2248d-ce57-7342-8d23-9f75d42db485	01a2248d-ce57-7342-8d23-9f74ec3bdbb5	guest	default	\\x9f1bdefe4732735a5f4e9f9fda6d4cae5121da6a6dd59f091abef6a84cc8ca9f	\N	\N	2026-11-28 23:46:42.903141+00	2027-02-26 23:46:42.903141+00	\N
01a2248d-cf25-71dc-96e4-bcbb9afe7248	01a2248d-cf25-71dc-96e4-bcbad2551cf7	guest	default	\\x92f847a39f2b12f2f87e80a8a306a1ce81fb16a74d85dd66c9c0584ebe2d277d	\N	\N	2026-11-28 23:46:43.109347+00	2027-02-26 23:46:43.109347+00	\N
01a2248d-d0cd-7150-a494-a2d3c4f9fb0c	01a2248d-d0cd-7150-a494-a2d2a7fde587	guest	default	\\xb128f8434e46b12a271ad68e5f306366edae201b1e8ccfbfd2d6f581c182cab2	\N	\N	2026-11-28 23:46:43.533292+00	2027-02-26 23:46:43.533292+00	\N
01a2248d-dc89-77cc-86ce-09afd8f0179b	01a2248d-dc89-77cc-86ce-09ae313b79c3	guest	default	\\xe535d8449f3162bfce203003a51940374e5ca2333041d7590981ae41f5b59717	\N	\N	2026-11-28 23:46:46.537665+00	2027-02-26 23:46:46.537665+00	\N
\.
COPY public.signing_key (id, public_jwk, private_sealed, created_at, signs_from, verifies_until) FROM stdin;
01a2248d-7ba8-715f-83cc-f66518950e7e	{"x": "hXU9xKtwKIEq4zdJzn9vvCNrSb8LJPeWItNfzDPgJC8", "alg": "Ed25519", "crv": "Ed25519", "kid": "01a2248d-7ba8-715f-83cc-f66518950e7e", "kty": "OKP", "use": "sig"}	\\xded3b5ede24c80a3ba13b0c24d63d870b93cad0c045bb2e584aca2e5854599b3bcaa724b65d4513e9865abff8399574edcf243c270f03df9ebd9dd03d228f76c06190e41778a028ea8ec2623d5f3a7cbbf7eeb50d28a3b348d10ab250dd29eb042349d4a9c15f65e352fdb9d06430dbbc961acffd1954296718716831f65f79b3699607afc25219c2f10f721fdf9c1633f560f4048a100a485e43893ec970b4956aefff0cde5c2416b2981a6ba8b206cdfdedcf47a8769f8cdb81f1122618a294b49240a933bbf945dd3d89b68750e3fe6638e246c86c6a9af3d7cd46ae9d2bb292f3a2671b4e1b90cb4a92c5db0b4c8d66968	2026-11-28 23:46:21.737549+00	2026-11-28 23:46:21.736646+00	\N
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.staff (id, email, role, created_at) FROM stdin;
01a2248d-7cb7-7230-ba5d-6af08d63b1ec	staff@sojourn.example	admin	2026-11-28 23:46:22.007744+00
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
COPY public.unconfirmed_credential (customer_id, email_digest, password_hash, changed_at) FROM stdin;
01a2248d-cdb0-75c1-8856-b4c642db32a4	\\x72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	$argon2id$v=19$m=19456,t=2,p=1$VEsItc/VXj1WWQNWBsPksQ$eBCIerU//qryup7euyZqu/Dlv/xnhPB9oaGn4UD/ciA	2026-11-28 23:46:42.73692+00
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
