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
01a22485-3984-759a-af9b-1f12a0da2b2b	analytics	t	2026-11-29 01:40:40.853299+00
01a22485-3984-759a-af9b-1f12a0da2b2b	marketing	t	2026-11-29 01:40:40.853299+00
\.
COPY public.consent_change (id, customer_id, category, granted, changed_at) FROM stdin;
01a22485-3add-701f-94ef-cc8ededcdd3c	01a22485-3984-759a-af9b-1f12a0da2b2b	analytics	t	2026-11-29 01:40:40.853299+00
01a22485-3add-701f-94ef-cc8f27f41f8d	01a22485-3984-759a-af9b-1f12a0da2b2b	marketing	t	2026-11-29 01:40:40.853299+00
\.
COPY public.credential (email_digest, subject_id, kind, password_hash, changed_at) FROM stdin;
\\xf9ef99c1bd99c81dadd1f01854f61cdb426b8b493bb4cb5dabe7c78c89e4bc67	01a22485-16d2-71fe-9193-8e7f102a3111	staff	$argon2id$v=19$m=19456,t=2,p=1$mSJfwLc+PerbeMAy+8WSKA$/BrQ7HMKOC0CVmuGCOZCMZoSYYvc7nhtumQjB2GPZEY	2026-11-28 23:37:11.634704+00
\\x1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	customer	$argon2id$v=19$m=19456,t=2,p=1$TjLNQnbWOdSB4d29agH+mw$bWgBEfYiLAbTIuTBPr+FpprjL5TILUOocMypFWHuNrg	2026-11-28 23:37:20.516872+00
\.
COPY public.customer (id, email, first_name, last_name, phone_number, locale, channel, version, created_at, last_login_at, email_confirmed_at) FROM stdin;
01a22485-3984-759a-af9b-1f12a0da2b2b	sarah@example.com	Sarah	Jones			default	3	2026-11-29 01:40:40.514496+00	\N	2026-11-29 01:40:40.825343+00
01a22485-413e-74e4-9db5-fe3119f6ad1b	tom@example.com	Tom				default	1	2026-11-29 01:40:42.493728+00	\N	\N
\.
COPY public.customer_guest (guest_id, customer_id, linked_at) FROM stdin;
01a22485-2f48-7611-bc9f-0f34ce18172f	01a22485-3984-759a-af9b-1f12a0da2b2b	2026-11-29 01:40:40.514496+00
01a22485-410e-71fb-8b66-2aa8176dc252	01a22485-413e-74e4-9db5-fe3119f6ad1b	2026-11-29 01:40:42.493728+00
\.
COPY public.device (id, subject_id, digest, previous_digest, expires_at) FROM stdin;
01a22485-2e30-7240-a9c9-51da3fc9e651	01a22485-16d2-71fe-9193-8e7f102a3111	\\x2adbdf0ff9d21e0f687980794c4e31dcacf81479a6bc1fc490bf011d29fb4ddc	\N	2027-05-27 23:37:17.61669+00
01a22485-398d-7320-b85f-4b7182bed602	01a22485-3984-759a-af9b-1f12a0da2b2b	\\x65aee88c9531e20c97b1e2c4b8776c791068c667ea34ee0241adaf43a0db5093	\N	2027-05-27 23:37:20.525641+00
01a22485-4142-77a8-b44a-31b771a95f31	01a22485-413e-74e4-9db5-fe3119f6ad1b	\\x78484e81d6007d3fb528b7632e2dab4c4d35464b3010d7c949ed2495c230ec3e	\N	2027-05-27 23:37:22.498894+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
\.
COPY public.last_mail (key, purpose, asked_at, asked) FROM stdin;
\\x01a224853984759aaf9b1f12a0da2b2b	confirm_email	2026-11-28 23:37:20.516872+00	1
\\x1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	registration	2026-11-28 23:37:20.516872+00	1
\\x01a22485413e74e49db5fe3119f6ad1b	confirm_email	2026-11-28 23:37:22.494635+00	1
\\x72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	registration	2026-11-28 23:37:22.494635+00	1
\.
COPY public.login_attempt (email_digest, failures, failed_at, locked_until) FROM stdin;
\.
COPY public.login_budget (email_digest, failures, began_at) FROM stdin;
\.
COPY public.login_failure (email_digest, origin_digest, failures, failed_at, locked_until) FROM stdin;
\.
COPY public.mail_link (digest, purpose, subject_id, created_at, expires_at) FROM stdin;
\\x8779ba5068fb23debeefadd5fa497166093e9c60d6334b306433a698f9d56b33	confirm_email	01a22485-3984-759a-af9b-1f12a0da2b2b	2026-11-28 23:37:20.516872+00	2026-12-05 23:37:20.516872+00
\\x68df47923e5601f375346e815501ede3f8a066f73ec7cf1071e77e8c5053515f	confirm_email	01a22485-413e-74e4-9db5-fe3119f6ad1b	2026-11-28 23:37:22.494635+00	2026-12-05 23:37:22.494635+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.registration (idempotency_key, fingerprint, customer_id, created_at) FROM stdin;
7dbeceb1-9508-4dc9-8252-dc0ef5f88d2f	\\x3d89e09351913a72f546b6e2626562b59f2e3a0948f2f8329d946c5138af05a7	01a22485-3984-759a-af9b-1f12a0da2b2b	2026-11-28 23:37:20.516872+00
6427f5cc-a7bc-4238-afc3-862ea371836e	\\x444789bdd6b1cc0a63306b6ed603538b52563a0bf592e010720fde4915619d0e	01a22485-413e-74e4-9db5-fe3119f6ad1b	2026-11-28 23:37:22.494635+00
\.
COPY public.session (id, subject_id, kind, channel, refresh_digest, previous_digest, rotated_at, created_at, expires_at, revoked_at) FROM stdin;
01a22485-2e2e-73c5-b87d-9673a46a261a	01a22485-16d2-71fe-9193-8e7f102a3111	staff	default	\\xaf12990245bf4bc48306ada7e131093cfb26b25d867609f57a01c4cacb877117	\N	\N	2026-11-28 23:37:17.614709+00	2026-11-29 11:37:17.614709+00	\N
01a22485-2f49-774e-affc-959fe6894c6d	01a22485-2f48-7611-bc9f-0f34ce18172f	guest	default	\\xb4738568ed365c11fff02504865e942862a3e0df678084a01981d51677827342	\N	\N	2026-11-28 23:37:17.897015+00	2027-02-26 23:37:17.897015+00	\N
01a22485-398d-7320-b85f-4b70f7b69183	01a22485-3984-759a-af9b-1f12a0da2b2b	customer	default	\\xfd1011f9be7b2b3e5ca190fdc21fb36c73b5162383f45559bbfa2b7a717d0117	\N	\N	2026-11-28 23:37:20.525032+00	2026-12-28 23:37:20.525032+00	\N
01a22485-410e-71fb-8b66-2aa9117539e1	01a22485-410e-71fb-8b66-2aa8176dc252	guest	default	\\x8af048425ad20710f764e29677dd6388d1c797edb2b1f46bf2efcbbdb66df538	\N	\N	2026-11-28 23:37:22.446377+00	2027-02-26 23:37:22.446377+00	\N
01a22485-4140-743e-a10d-b1ee1c172dde	01a22485-413e-74e4-9db5-fe3119f6ad1b	customer	default	\\xcb7b8ccce506909b6bbb4a34ecd70e2658b3507ff295544008b21b823677fe6b	\N	\N	2026-11-28 23:37:22.496645+00	2026-12-28 23:37:22.496645+00	\N
01a22485-4188-703b-ac65-5db108f8720d	01a22485-4188-703b-ac65-5db0ec36a337	guest	default	\\x1999acfa322d84a1bfeb9fc9dafee563a114df6bd35c951416481f0b43f56458	\N	\N	2026-11-28 23:37:22.568392+00	2027-02-26 23:37:22.568392+00	\N
01a22485-41e2-739e-ab54-660d49affa1c	01a22485-41e2-739e-ab54-660cca3e238a	guest	default	\\xc67484cd3d1cc940ade8a3e00752492f1d00c31ff98369960b10ce10ebaf2962	\N	\N	2026-11-28 23:37:22.658242+00	2027-02-26 23:37:22.658242+00	\N
01a22485-4285-7594-871c-25020bed226f	01a22485-4285-7594-871c-25016c8a6db1	guest	default	\\x7389eaec2a43c654c1e916051a9879fcf36ddba079346f72c5fecc348ae25839	\N	\N	2026-11-28 23:37:22.821761+00	2027-02-26 23:37:22.821761+00	\N
01a22485-4c4a-7735-957f-d6afd8af7a47	01a22485-4c4a-7735-957f-d6aee681a75d	guest	default	\\x82041180d45c2f3c2118029399b236ef391167e4c1eb24c33dcb68b53140c468	\N	\N	2026-11-28 23:37:25.322765+00	2027-02-26 23:37:25.322765+00	\N
\.
COPY public.signing_key (id, public_jwk, private_sealed, created_at, signs_from, verifies_until) FROM stdin;
01a22485-160c-765c-a991-3b156b9a2f1c	{"x": "1M_LM7IDTDTXYdO434hUJHYFT28e2W-cAWTw5veIHms", "alg": "Ed25519", "crv": "Ed25519", "kid": "01a22485-160c-765c-a991-3b156b9a2f1c", "kty": "OKP", "use": "sig"}	\\x6214874817ee3e7c186b584d7c7a6d9c9fed11cd7e0fc39fb68cd54993b0647defe477cd6f2c126dbc809e153902e3208ee3f933ec9df2d4e2ad29fc7b8847ebe0d67547928f2cbab1da3aa54e068f9c0a446b0b07fdd73593eab280f3554e0b504031962e3662618966977d5b52d5ab262088419cdb5b45464b8159c79c99708fdfef6652eb380348d2ecd73a0a5170442837a135ec622bdb0d2b7748b5fbc61f32e3dc394bce4024c2b3cc847040b03673c056e3bc56e3cec23b804da855d5cb4da5753fdc9d000cf74dd5184f928535bc98bc242b8fc55b16501dbed34f3612f22bf5c2b1057ee32ef4e979c17694b2cc77	2026-11-28 23:37:11.437112+00	2026-11-28 23:37:11.436273+00	\N
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.staff (id, email, role, created_at) FROM stdin;
01a22485-16d2-71fe-9193-8e7f102a3111	staff@sojourn.example	admin	2026-11-28 23:37:11.634475+00
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
COPY public.unconfirmed_credential (customer_id, email_digest, password_hash, changed_at) FROM stdin;
01a22485-413e-74e4-9db5-fe3119f6ad1b	\\x72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	$argon2id$v=19$m=19456,t=2,p=1$VEsItc/VXj1WWQNWBsPksQ$eBCIerU//qryup7euyZqu/Dlv/xnhPB9oaGn4UD/ciA	2026-11-28 23:37:22.494635+00
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
