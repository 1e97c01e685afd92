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
CREATE TABLE public.account_consent (
    customer_id uuid NOT NULL,
    analytics boolean,
    marketing boolean,
    version bigint NOT NULL,
    withdrawn_at timestamp with time zone,
    marketing_refused_at timestamp with time zone
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alembic_version_chassis (
    version_num character varying(32) NOT NULL
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
CREATE TABLE public.cart_activity (
    key_id uuid NOT NULL,
    version bigint NOT NULL,
    seen_at timestamp with time zone NOT NULL
);
CREATE TABLE public.consent (
    handle_id uuid NOT NULL,
    is_granted boolean NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone
);
CREATE TABLE public.customer (
    id uuid NOT NULL
);
CREATE TABLE public.feedback (
    order_id uuid NOT NULL,
    score integer NOT NULL,
    comment text NOT NULL,
    channel text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT feedback_score_check CHECK (((score >= 0) AND (score <= 10)))
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
CREATE TABLE public.journey_map (
    slug text NOT NULL,
    version bigint NOT NULL,
    document jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
CREATE TABLE public.journey_map_version (
    slug text NOT NULL,
    version bigint NOT NULL,
    document jsonb NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamp with time zone NOT NULL
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
CREATE TABLE public.person (
    handle_id uuid NOT NULL,
    group_id uuid NOT NULL,
    customer_id uuid,
    shared_from timestamp with time zone
);
CREATE TABLE public.reminder (
    id uuid NOT NULL,
    cart_id uuid NOT NULL,
    cart_version bigint NOT NULL,
    owner_id uuid NOT NULL,
    email text NOT NULL,
    locale text NOT NULL,
    channel text NOT NULL,
    currency text NOT NULL,
    lines jsonb NOT NULL,
    restore_token text NOT NULL,
    agreed_at timestamp with time zone NOT NULL,
    abandoned_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT reminder_status_check CHECK ((status = ANY (ARRAY['scheduled'::text, 'sent'::text, 'cancelled'::text])))
);
CREATE TABLE public.sighting (
    handle_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    seen_at timestamp with time zone NOT NULL
);
CREATE TABLE public.skipped_row (
    loop text NOT NULL,
    key text NOT NULL,
    error text NOT NULL,
    times bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
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
CREATE TABLE public.touchpoint (
    id uuid NOT NULL,
    visitor_id uuid,
    guest_id uuid,
    customer_id uuid,
    trace_id uuid,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    duration_ms integer,
    kind text NOT NULL,
    source text NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    subject text NOT NULL,
    session_id text NOT NULL,
    utm_source text NOT NULL,
    utm_medium text NOT NULL,
    utm_campaign text NOT NULL,
    utm_term text NOT NULL,
    utm_content text NOT NULL,
    click_id text NOT NULL,
    referrer_host text NOT NULL,
    properties jsonb NOT NULL,
    CONSTRAINT touchpoint_check CHECK ((COALESCE(visitor_id, guest_id, customer_id) IS NOT NULL)),
    CONSTRAINT touchpoint_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT touchpoint_outcome_check CHECK ((outcome = ANY (ARRAY['ok'::text, 'refused'::text, 'error'::text]))),
    CONSTRAINT touchpoint_source_check CHECK ((source = ANY (ARRAY['gateway'::text, 'event'::text, 'beacon'::text, 'import'::text])))
);
COPY public.account_consent (customer_id, analytics, marketing, version, withdrawn_at, marketing_refused_at) FROM stdin;
01a2248d-be5d-7756-b401-444dca26ae1d	t	t	3	\N	\N
\.
COPY public.alembic_version (version_num) FROM stdin;
0001
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
01a2248d-b037-75b1-9ec8-8dd7233968c0	2026-11-28 23:46:35.182132+00	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	put_map	map:two-stages	\N	{"version": 1}	6e3eb1db4f76e514aee975bdf0b2b271
\.
COPY public.cart_activity (key_id, version, seen_at) FROM stdin;
01a2248d-b14d-75e8-9710-7ffff0e718c9	9223372036854775807	2026-11-29 01:49:59.135311+00
01a2248d-b1e8-729d-b508-10d2bd71f801	9223372036854775807	2026-11-29 01:49:59.830951+00
01a2248d-c612-7642-9e8d-a0f469b5e8dd	9223372036854775807	2026-11-29 01:50:01.253328+00
01a2248d-c87a-70c4-bb58-0ae2b0529fe2	9223372036854775807	2026-11-29 01:50:01.663321+00
01a2248d-ca18-7704-84be-95c453321c55	9223372036854775807	2026-11-29 01:50:02.178452+00
01a2248d-cc44-77e8-aaa9-74f438f8ac4d	2	2026-11-29 01:50:02.447422+00
01a2248d-ce6d-70c6-9472-bee058f6d398	1	2026-11-29 01:50:02.953387+00
01a2248d-cf45-70c5-9260-ed13e005b3fd	1	2026-11-29 01:50:03.16214+00
01a2248d-d111-77f8-aec2-33b2f75fab68	9223372036854775807	2026-11-29 01:50:03.902501+00
\.
COPY public.consent (handle_id, is_granted, decided_at, withdrawn_at) FROM stdin;
01a2248d-b13b-7760-b710-9d901ee9fe84	t	2026-11-28 23:46:35.485596+00	\N
01a2248d-b14d-75e8-9710-7ffff0e718c9	t	2026-11-28 23:46:35.485596+00	\N
01a2248d-be5d-7756-b401-444dca26ae1d	t	2026-11-29 01:49:58.808011+00	\N
\.
COPY public.customer (id) FROM stdin;
01a2248d-be5d-7756-b401-444dca26ae1d
\.
COPY public.feedback (order_id, score, comment, channel, given_at, changed_at) FROM stdin;
01a2248d-c150-72e4-b195-e57bf2565e65	9		default	2026-11-29 01:50:00.652228+00	2026-11-29 01:50:00.652228+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
staff:01a2248d-7cb7-7230-ba5d-6af08d63b1ec	sojourn.journey.v1.JourneyService/PutMap	f5982e1e-99b4-4dfc-a327-b74763b6eb44	\\x40aaa95c31a70f79641074d0b47fc694e3f615e7fc40dac90ad0d3d69fd2bfd8	\\x0a0a74776f2d73746167657310011a160a02656e12104265666f726520616e642061667465722a2e0a066265666f7265120c0a02656e12064265666f726522160a140a046b696e64120c70726f647563742e766965772a2c0a056166746572120b0a02656e1205416674657222160a140a046b696e64120c6f726465722e706c61636564	2026-11-28 23:46:35.184589+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a2248d-b22e-7156-ae6d-2d0f39ec1aee	2026-11-28 23:46:35.769486+00
01a2248d-b22e-7156-ae6d-2d108c32773a	2026-11-28 23:46:35.896372+00
01a2248d-b415-77e4-aa39-d2de33aab8e2	2026-11-28 23:46:36.203478+00
01a2248d-b5fd-7148-ae5e-6dc1bf3931ec	2026-11-28 23:46:36.682473+00
01a2248d-bbe3-7118-bde0-ec8e1cb14e2e	2026-11-28 23:46:38.202921+00
01a2248d-bdf3-73bf-9087-52915313c939	2026-11-28 23:46:38.727188+00
01a2248d-be6c-74cd-8dd8-4a92fc4f50e6	2026-11-28 23:46:38.991224+00
01a2248d-bf1b-7382-b71f-fb934c63df37	2026-11-28 23:46:39.14013+00
01a2248d-bfc6-774a-aa22-6fa898f90e8c	2026-11-28 23:46:39.227813+00
01a2248d-c098-77f9-9454-30b0eb6ce13b	2026-11-28 23:46:39.429277+00
01a2248d-c0d3-7600-98b1-29b77545d107	2026-11-28 23:46:39.499118+00
01a2248d-c0d8-7119-8e72-c6b83a13c912	2026-11-28 23:46:39.499176+00
01a2248d-c243-765a-ac23-d232e96b71a8	2026-11-28 23:46:39.845804+00
01a2248d-c27c-7558-9a0a-9a4940c85aab	2026-11-28 23:46:39.936674+00
01a2248d-c2b5-7370-af36-f6c60c6813c9	2026-11-28 23:46:39.936724+00
01a2248d-c392-7072-8af2-657416094180	2026-11-28 23:46:40.155518+00
01a2248d-c3fc-7064-9a0c-a26e489f97bd	2026-11-28 23:46:40.277906+00
01a2248d-c40d-773c-a321-cfe4170d4904	2026-11-28 23:46:40.337063+00
01a2248d-c614-7730-b5c6-3826ecf5e831	2026-11-28 23:46:40.82164+00
01a2248d-c66e-7706-a7ff-60bb5f6298e8	2026-11-28 23:46:40.911689+00
01a2248d-c7de-7702-9294-8ca71efa9b24	2026-11-28 23:46:41.254479+00
01a2248d-c83c-7296-98cb-6821e5b759b2	2026-11-28 23:46:41.36755+00
01a2248d-c879-77cd-8dbf-a238f4cd19a0	2026-11-28 23:46:41.441812+00
01a2248d-c880-76eb-b412-a1c32f4f87d2	2026-11-28 23:46:41.441874+00
01a2248d-c880-76eb-b412-a1c486cf92da	2026-11-28 23:46:41.441882+00
01a2248d-c8a0-70fc-bcbc-71de9414b604	2026-11-28 23:46:41.513367+00
01a2248d-c8c5-7787-b87a-40a530319e0e	2026-11-28 23:46:41.513429+00
01a2248d-c970-71fa-ac43-7325e9724a6f	2026-11-28 23:46:41.666877+00
01a2248d-c9bb-7686-a364-42b2b8419fe0	2026-11-28 23:46:41.736079+00
01a2248d-c9f5-7190-be8b-16b7f4c6af52	2026-11-28 23:46:41.814134+00
01a2248d-ca1a-7054-942d-aa9f8dcef0e5	2026-11-28 23:46:41.878732+00
01a2248d-ca37-7311-81aa-0519a0fe97d9	2026-11-28 23:46:41.878825+00
01a2248d-cb74-74cd-a182-224c7789ee43	2026-11-28 23:46:42.180827+00
01a2248d-cbcf-755b-a8d3-55380bc73169	2026-11-28 23:46:42.274991+00
01a2248d-cbe7-756a-8ec2-5f64982ef4eb	2026-11-28 23:46:42.358249+00
01a2248d-cc16-70cf-8668-2d5fb2335126	2026-11-28 23:46:42.358304+00
01a2248d-cc4b-7457-92b0-efbe8c7fde2c	2026-11-28 23:46:42.448028+00
01a2248d-cc7e-70e4-9db2-60160a373875	2026-11-28 23:46:42.448103+00
01a2248d-cc82-7105-950b-9cc6b5139837	2026-11-28 23:46:42.448107+00
01a2248d-cdbd-722d-a5e4-18c94a0da05e	2026-11-28 23:46:42.770146+00
01a2248d-ce48-7448-a6b0-b071725f9474	2026-11-28 23:46:42.893535+00
01a2248d-ce6f-768d-9bd6-1dc359387e36	2026-11-28 23:46:42.954212+00
01a2248d-cf47-704c-9010-f15eef06c761	2026-11-28 23:46:43.163838+00
01a2248d-cf7a-763a-9a70-603ce2626091	2026-11-28 23:46:43.223193+00
01a2248d-d114-7655-9ebe-229c022fa04b	2026-11-28 23:46:43.623371+00
01a2248d-d145-70f0-98c4-b6d09aba1a42	2026-11-28 23:46:43.69715+00
01a2248d-d22f-7501-8275-6125a52c20fc	2026-11-28 23:46:43.903132+00
01a2248d-d2c3-7048-91e5-da81885eb2ed	2026-11-28 23:46:44.097209+00
\.
COPY public.journey_map (slug, version, document, changed_at) FROM stdin;
two-stages	1	{"name": {"en": "Before and after"}, "slug": "two-stages", "stages": [{"name": {"en": "Before"}, "slug": "before", "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}]}, {"name": {"en": "After"}, "slug": "after", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]}]}	2026-11-28 23:46:35.182132+00
\.
COPY public.journey_map_version (slug, version, document, changed_by, changed_at) FROM stdin;
two-stages	1	{"name": {"en": "Before and after"}, "slug": "two-stages", "stages": [{"name": {"en": "Before"}, "slug": "before", "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}]}, {"name": {"en": "After"}, "slug": "after", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]}]}	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	2026-11-28 23:46:35.182132+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.person (handle_id, group_id, customer_id, shared_from) FROM stdin;
01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-be5d-7756-b401-444dca26ae1d	\N
01a2248d-b14d-75e8-9710-7ffff0e718c9	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-be5d-7756-b401-444dca26ae1d	\N
01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-be5d-7756-b401-444dca26ae1d	\N
\.
COPY public.reminder (id, cart_id, cart_version, owner_id, email, locale, channel, currency, lines, restore_token, agreed_at, abandoned_at, status, reason, settled_at) FROM stdin;
01a2248d-b60b-7012-bc00-e848c1794e00	01a2248d-b1e8-729d-b508-10d2bd71f801	3	01a2248d-b14d-75e8-9710-7ffff0e718c9			default	EUR	[]		2026-11-28 23:46:35.818673+00	2026-11-29 00:48:16.663721+00	sent		2026-11-29 01:49:58.147426+00
\.
COPY public.sighting (handle_id, subject_id, seen_at) FROM stdin;
01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	2026-11-28 23:46:35.485596+00
01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-be5d-7756-b401-444dca26ae1d	2026-11-29 01:49:58.808011+00
01a2248d-b14d-75e8-9710-7ffff0e718c9	01a2248d-be5d-7756-b401-444dca26ae1d	2026-11-29 01:49:58.808011+00
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
COPY public.touchpoint (id, visitor_id, guest_id, customer_id, trace_id, occurred_at, received_at, duration_ms, kind, source, channel, outcome, reason, subject, session_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, click_id, referrer_host, properties) FROM stdin;
01a2248d-b146-761b-9683-e5f4b168c30b	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	\N	2f1ee027-b388-a7e6-2713-6f31736d8d04	2026-11-28 23:46:35.462258+00	2026-11-28 23:46:35.547972+00	10	page.view	gateway	default	ok		weekend-outside	01a2248d-b13b-7760-b710-9d9161a9b039	instagram		weekend					{}
01a2248d-b15d-73f6-b0fd-168f10848e84	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	df9cbcff-e8ad-8ea3-ae4e-3b38492fd544	2026-11-28 23:46:35.485596+00	2026-11-28 23:46:35.547972+00	4	product.view	gateway	default	ok		tidewater-ulmus-parka	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-b22e-7156-ae6d-2d0f39ec1aee	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	63c48e7b-6cd5-edbf-559d-67d3de13e4b6	2026-11-28 23:46:35.610109+00	2026-11-28 23:46:35.765927+00	\N	cart.line_added	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "1", "variant_id": "01a2248d-aed9-741c-a43a-0e6ffd74cb81"}
01a2248d-b284-703b-8567-8f9230a598c8	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	63c48e7b-6cd5-edbf-559d-67d3de13e4b6	2026-11-28 23:46:35.78015+00	2026-11-28 23:46:35.831689+00	286	cart.create	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-b22e-7156-ae6d-2d108c32773a	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	63c48e7b-6cd5-edbf-559d-67d3de13e4b6	2026-11-28 23:46:35.610109+00	2026-11-28 23:46:35.875484+00	\N	cart.line_added	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "2", "variant_id": "01a2248d-aed9-741c-a43a-0e7048826b3c"}
01a2248d-b2db-767e-8e1f-7e277375dd94	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	68314042-3541-9886-85a7-d0ea2c7a78c3	2026-11-28 23:46:35.867436+00	2026-11-28 23:46:36.051886+00	84	cart.save	gateway	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-b415-77e4-aa39-d2de33aab8e2	\N	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	68314042-3541-9886-85a7-d0ea2c7a78c3	2026-11-28 23:46:36.175819+00	2026-11-28 23:46:36.190449+00	\N	email.sent	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801									{"topic": "reminders", "template": "confirm_reminders"}
01a2248d-b52a-76f8-a88b-06b64f7439a9	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	9c3aa975-bd5b-99e5-f42d-747147cfda84	2026-11-28 23:46:36.457997+00	2026-11-28 23:46:36.508896+00	12	email.confirm	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-b5fd-7148-ae5e-6dc1bf3931ec	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	68314042-3541-9886-85a7-d0ea2c7a78c3	2026-11-29 00:48:16.663721+00	2026-11-29 00:48:16.681933+00	\N	cart.abandoned	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-b13b-7760-b710-9d9161a9b039								{"lines": "2", "currency": "EUR", "subtotal_minor": "81885"}
01a2248d-bbe3-7118-bde0-ec8e1cb14e2e	\N	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	68314042-3541-9886-85a7-d0ea2c7a78c3	2026-11-29 01:49:58.169577+00	2026-11-29 01:49:58.196667+00	\N	email.sent	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801									{"topic": "reminders", "template": "cart_reminder"}
01a2248d-bdf3-73bf-9087-52915313c939	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	093754eb-ddf7-e6d0-9249-70b7c6940465	2026-11-29 01:49:58.688007+00	2026-11-29 01:49:58.725519+00	\N	cart.restored	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-be03-7702-b701-1dfeab97f4b3	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	093754eb-ddf7-e6d0-9249-70b7c6940465	2026-11-29 01:49:58.723418+00	2026-11-29 01:49:58.784402+00	61	cart.restore	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-be6c-74cd-8dd8-4a92fc4f50e6	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	01a2248d-be5d-7756-b401-444dca26ae1d	287db2ef-de33-3063-bce4-6a8a9af1a3ee	2026-11-29 01:49:58.808011+00	2026-11-29 01:49:58.983865+00	\N	account.registered	event	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-bf32-717e-a5ae-c25c41b03db1	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	287db2ef-de33-3063-bce4-6a8a9af1a3ee	2026-11-29 01:49:59.021908+00	2026-11-29 01:49:59.041044+00	293	account.register	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-bf1b-7382-b71f-fb934c63df37	01a2248d-b13b-7760-b710-9d901ee9fe84	01a2248d-b14d-75e8-9710-7ffff0e718c9	01a2248d-be5d-7756-b401-444dca26ae1d	287db2ef-de33-3063-bce4-6a8a9af1a3ee	2026-11-29 01:49:58.996887+00	2026-11-29 01:49:59.135311+00	\N	cart.merged	event	default	ok		01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-bfc6-774a-aa22-6fa898f90e8c	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	287db2ef-de33-3063-bce4-6a8a9af1a3ee	2026-11-29 01:49:59.168311+00	2026-11-29 01:49:59.226489+00	\N	email.sent	event	default	ok											{"topic": "transactional", "template": "confirm_email"}
01a2248d-c098-77f9-9454-30b0eb6ce13b	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	e74c1966-b0f6-89ac-7bd1-dd98dff79147	2026-11-29 01:49:59.379148+00	2026-11-29 01:49:59.428509+00	\N	account.consent_changed	event	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{"analytics": "True", "marketing": "True"}
01a2248d-c0d8-7119-8e72-c6b83a13c912	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	33f0f1ea-fe80-4e8f-01f3-896f130872bd	2026-11-29 01:49:59.44485+00	2026-11-29 01:49:59.498025+00	\N	email.sent	event	default	ok											{"topic": "transactional", "template": "welcome"}
01a2248d-c0d3-7600-98b1-29b77545d107	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	45579a27-75c1-ba35-5b2c-ea0d75875577	2026-11-29 01:49:59.440826+00	2026-11-29 01:49:59.498025+00	\N	checkout.started	event	default	ok		01a2248d-c0d2-72a9-999b-47f18f0de81e	01a2248d-b13b-7760-b710-9d9161a9b039								{"cart_id": "01a2248d-b1e8-729d-b508-10d2bd71f801"}
01a2248d-c08a-7642-bd05-5dd34419f60f	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	33f0f1ea-fe80-4e8f-01f3-896f130872bd	2026-11-29 01:49:59.370378+00	2026-11-29 01:49:59.494173+00	23	account.confirm	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c09b-7678-89f7-ccbed82faee3	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	e74c1966-b0f6-89ac-7bd1-dd98dff79147	2026-11-29 01:49:59.387259+00	2026-11-29 01:49:59.494173+00	15	account.consent	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c0e5-76f5-ba21-e8e1a7f4b914	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	45579a27-75c1-ba35-5b2c-ea0d75875577	2026-11-29 01:49:59.461483+00	2026-11-29 01:49:59.494173+00	69	checkout.start	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c101-71dc-a5c0-184454fb6baa	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	f864b1fb-32b7-daca-81ef-41079f4c4712	2026-11-29 01:49:59.489687+00	2026-11-29 01:49:59.494173+00	26	checkout.update	gateway	default	ok		01a2248d-c0d2-72a9-999b-47f18f0de81e	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c12a-7296-adda-2c5db36c7c62	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	4d30d40f-8189-e353-e075-53f7b66e3068	2026-11-29 01:49:59.530593+00	2026-11-29 01:49:59.61008+00	26	checkout.update	gateway	default	ok		01a2248d-c0d2-72a9-999b-47f18f0de81e	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c243-765a-ac23-d232e96b71a8	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	74466b12-2281-1a3c-7b67-5d0c2a7d4969	2026-11-29 01:49:59.80783+00	2026-11-29 01:49:59.830951+00	\N	order.placed	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65	01a2248d-b13b-7760-b710-9d9161a9b039								{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a2248d-c27c-7558-9a0a-9a4940c85aab	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	c5569f95-6fb4-8dcd-3769-5a6804d96e22	2026-11-29 01:49:59.835503+00	2026-11-29 01:49:59.935608+00	\N	order.shipped	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65									{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a2248d-c2b5-7370-af36-f6c60c6813c9	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	5596983f-fdf0-3197-00be-83923626224d	2026-11-29 01:49:59.914801+00	2026-11-29 01:49:59.935608+00	\N	order.delivered	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65									{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a2248d-c251-741c-92db-c71ffb17ce85	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	74466b12-2281-1a3c-7b67-5d0c2a7d4969	2026-11-29 01:49:59.825902+00	2026-11-29 01:49:59.999829+00	282	order.place	gateway	default	ok		01a2248d-c0d2-72a9-999b-47f18f0de81e	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c392-7072-8af2-657416094180	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	74466b12-2281-1a3c-7b67-5d0c2a7d4969	2026-11-29 01:50:00.136753+00	2026-11-29 01:50:00.15497+00	\N	email.sent	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65									{"topic": "transactional", "template": "order_confirmation"}
01a2248d-c3fc-7064-9a0c-a26e489f97bd	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	c5569f95-6fb4-8dcd-3769-5a6804d96e22	2026-11-29 01:50:00.245085+00	2026-11-29 01:50:00.271541+00	\N	email.sent	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65									{"topic": "transactional", "template": "order_shipped"}
01a2248d-c40d-773c-a321-cfe4170d4904	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	5596983f-fdf0-3197-00be-83923626224d	2026-11-29 01:50:00.261831+00	2026-11-29 01:50:00.336454+00	\N	email.sent	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65									{"topic": "transactional", "template": "order_delivered"}
737aa0cf-6567-836d-9975-14301853b91a	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	8269b751-5561-618e-ef8e-6044f9ecd596	2026-11-29 01:50:00.652228+00	2026-11-29 01:50:00.652228+00	\N	feedback.given	event	default	ok		01a2248d-c150-72e4-b195-e57bf2565e65									{"group": "promoter", "score": "9"}
01a2248d-c614-7730-b5c6-3826ecf5e831	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	ff382f20-d7c7-7661-8b7f-4a2b9cdf4cbd	2026-11-29 01:50:00.782534+00	2026-11-29 01:50:00.811899+00	\N	cart.line_added	event	default	ok		01a2248d-c612-7642-9e8d-a0f469b5e8dd	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "1", "variant_id": "01a2248d-aed9-741c-a43a-0e7154fef842"}
01a2248d-c63a-7566-9354-d3f60f92f493	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	ff382f20-d7c7-7661-8b7f-4a2b9cdf4cbd	2026-11-29 01:50:00.826851+00	2026-11-29 01:50:00.863283+00	68	cart.create	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c879-77cd-8dbf-a238f4cd19a0	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	86436f7e-1173-c017-39b2-84cadf2f9412	2026-11-29 01:50:01.395354+00	2026-11-29 01:50:01.438954+00	\N	email.sent	event	default	ok		01a2248d-c767-7675-9bb6-d0c22a32885a									{"topic": "transactional", "template": "order_confirmation"}
01a2248d-c880-76eb-b412-a1c32f4f87d2	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	6770e2ca-039e-5a5f-e93a-5da8eb9d609f	2026-11-29 01:50:01.400748+00	2026-11-29 01:50:01.438954+00	\N	cart.line_added	event	default	ok		01a2248d-c87a-70c4-bb58-0ae2b0529fe2	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "3", "variant_id": "01a2248d-aed9-741c-a43a-0e7154fef842"}
01a2248d-c880-76eb-b412-a1c486cf92da	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	6770e2ca-039e-5a5f-e93a-5da8eb9d609f	2026-11-29 01:50:01.400748+00	2026-11-29 01:50:01.438954+00	\N	cart.line_added	event	default	ok		01a2248d-c87a-70c4-bb58-0ae2b0529fe2	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "1", "variant_id": "01a2248d-aed9-741c-a43a-0e72ac748555"}
01a2248d-c8d3-77d3-8a7f-b0319f8e1770	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	3abfc679-4ce1-59c1-53bc-00cdadf5c51d	2026-11-29 01:50:01.491624+00	2026-11-29 01:50:01.552873+00	42	checkout.update	gateway	default	ok		01a2248d-c8a0-70fc-bcbc-71dcfee26e19	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-ca1a-7054-942d-aa9f8dcef0e5	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	e1e8349e-1f9e-aa12-7397-df10f857a8d0	2026-11-29 01:50:01.815919+00	2026-11-29 01:50:01.87577+00	\N	cart.line_added	event	default	ok		01a2248d-ca18-7704-84be-95c453321c55	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "1", "variant_id": "01a2248d-aed9-741c-a43a-0e733ecff50b"}
01a2248d-ca37-7311-81aa-0519a0fe97d9	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	32e12fb2-5e58-f9d1-a84d-028724c90802	2026-11-29 01:50:01.846006+00	2026-11-29 01:50:01.87577+00	\N	checkout.started	event	default	ok		01a2248d-ca37-7311-81aa-0517d28fb5e1	01a2248d-b13b-7760-b710-9d9161a9b039								{"cart_id": "01a2248d-ca18-7704-84be-95c453321c55"}
01a2248d-cb86-778d-b4c8-ae58ec419ef3	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	66d9a596-be14-4964-4287-a0bd84e0c019	2026-11-29 01:50:02.182682+00	2026-11-29 01:50:02.236219+00	235	order.place	gateway	default	ok		01a2248d-ca37-7311-81aa-0517d28fb5e1	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-cc4b-7457-92b0-efbe8c7fde2c	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	e190be6f-4188-97d3-e9ba-df9f68ece0f1	2026-11-29 01:50:02.368468+00	2026-11-29 01:50:02.447422+00	\N	cart.line_added	event	default	ok		01a2248d-cc44-77e8-aaa9-74f438f8ac4d	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "2", "variant_id": "01a2248d-aed9-741c-a43a-0e74e50f496b"}
01a2248d-cc7e-70e4-9db2-60160a373875	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	aca6ab6a-ebd1-cbe5-22c6-4d41e8a3ddf1	2026-11-29 01:50:02.428035+00	2026-11-29 01:50:02.447422+00	\N	email.sent	event	default	ok		01a2248d-caf3-76ec-827f-d89045fdffd9									{"topic": "transactional", "template": "order_cancelled"}
01a2248d-cc82-7105-950b-9cc6b5139837	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	4a79bf52-1d3a-6279-3299-9a12b341852d	2026-11-29 01:50:02.429701+00	2026-11-29 01:50:02.447422+00	\N	cart.line_added	event	default	ok		01a2248d-cc44-77e8-aaa9-74f438f8ac4d	01a2248d-b13b-7760-b710-9d9161a9b039								{"quantity": "1", "variant_id": "01a2248d-aed9-741c-a43a-0e759aaafe66"}
01a2248d-c66e-7706-a7ff-60bb5f6298e8	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	d4e22b43-23cc-3ef6-107d-960a1be8f358	2026-11-29 01:50:00.869576+00	2026-11-29 01:50:00.910684+00	\N	checkout.started	event	default	ok		01a2248d-c66d-7168-8d6d-b062d97a0a68	01a2248d-b13b-7760-b710-9d9161a9b039								{"cart_id": "01a2248d-c612-7642-9e8d-a0f469b5e8dd"}
01a2248d-c7de-7702-9294-8ca71efa9b24	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	86436f7e-1173-c017-39b2-84cadf2f9412	2026-11-29 01:50:01.245134+00	2026-11-29 01:50:01.253328+00	\N	order.placed	event	default	ok		01a2248d-c767-7675-9bb6-d0c22a32885a	01a2248d-b13b-7760-b710-9d9161a9b039								{"lines": "1", "currency": "EUR", "total_minor": "7495"}
01a2248d-c8a7-7436-a209-c1497b4dec29	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	09326c81-0606-fed8-7ad7-1f5d7d3df381	2026-11-29 01:50:01.447749+00	2026-11-29 01:50:01.489024+00	28	checkout.start	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c8f6-77ea-961f-d30e72ca94ea	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	2054b453-72ed-2bac-944b-24544b3e48ea	2026-11-29 01:50:01.5262+00	2026-11-29 01:50:01.618995+00	31	checkout.update	gateway	default	ok		01a2248d-c8a0-70fc-bcbc-71dcfee26e19	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c9f5-7190-be8b-16b7f4c6af52	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	c295a050-0525-f3ae-c7a6-bf7f679ed306	2026-11-29 01:50:01.770945+00	2026-11-29 01:50:01.813569+00	\N	order.refunded	event	default	ok		01a2248d-c916-7261-a005-ede911ff64e8									{"currency": "EUR", "amount_minor": "1000"}
01a2248d-ca6a-74c9-abd6-6c171f1ca459	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	0cf1bfd5-d1e6-bec6-23d6-7320bddb75a3	2026-11-29 01:50:01.898232+00	2026-11-29 01:50:01.969901+00	44	checkout.update	gateway	default	ok		01a2248d-ca37-7311-81aa-0517d28fb5e1	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-cc24-75c0-bc7e-9d61d8664363	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	aca6ab6a-ebd1-cbe5-22c6-4d41e8a3ddf1	2026-11-29 01:50:02.340545+00	2026-11-29 01:50:02.491126+00	155	order.cancel	gateway	default	ok		01a2248d-caf3-76ec-827f-d89045fdffd9	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-cc58-776e-b35b-933165df6405	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	e190be6f-4188-97d3-e9ba-df9f68ece0f1	2026-11-29 01:50:02.392368+00	2026-11-29 01:50:02.491126+00	47	cart.create	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-cc88-7694-a957-040c6830a836	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	4a79bf52-1d3a-6279-3299-9a12b341852d	2026-11-29 01:50:02.440872+00	2026-11-29 01:50:02.491126+00	46	cart.add	gateway	default	ok		01a2248d-cc44-77e8-aaa9-74f438f8ac4d	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c689-7124-a6b1-7758fa432aaf	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	d4e22b43-23cc-3ef6-107d-960a1be8f358	2026-11-29 01:50:00.905899+00	2026-11-29 01:50:00.973953+00	73	checkout.start	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c83c-7296-98cb-6821e5b759b2	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	abc54ed2-9c20-a065-215e-3e6eca624bc4	2026-11-29 01:50:01.292776+00	2026-11-29 01:50:01.363824+00	\N	order.shipped	event	default	ok		01a2248d-c767-7675-9bb6-d0c22a32885a									{"lines": "1", "currency": "EUR", "total_minor": "7495"}
01a2248d-c8a0-70fc-bcbc-71de9414b604	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	09326c81-0606-fed8-7ad7-1f5d7d3df381	2026-11-29 01:50:01.43957+00	2026-11-29 01:50:01.512556+00	\N	checkout.started	event	default	ok		01a2248d-c8a0-70fc-bcbc-71dcfee26e19	01a2248d-b13b-7760-b710-9d9161a9b039								{"cart_id": "01a2248d-c87a-70c4-bb58-0ae2b0529fe2"}
01a2248d-c8c5-7787-b87a-40a530319e0e	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	abc54ed2-9c20-a065-215e-3e6eca624bc4	2026-11-29 01:50:01.473749+00	2026-11-29 01:50:01.512556+00	\N	email.sent	event	default	ok		01a2248d-c767-7675-9bb6-d0c22a32885a									{"topic": "transactional", "template": "order_shipped"}
01a2248d-c970-71fa-ac43-7325e9724a6f	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	9bf4528d-4eb9-e316-6357-f3a064d6d48e	2026-11-29 01:50:01.646482+00	2026-11-29 01:50:01.663321+00	\N	order.placed	event	default	ok		01a2248d-c916-7261-a005-ede911ff64e8	01a2248d-b13b-7760-b710-9d9161a9b039								{"lines": "2", "currency": "EUR", "total_minor": "29980"}
01a2248d-c976-71e7-b7e0-1ae2452ea235	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	9bf4528d-4eb9-e316-6357-f3a064d6d48e	2026-11-29 01:50:01.654896+00	2026-11-29 01:50:01.826622+00	126	order.place	gateway	default	ok		01a2248d-c8a0-70fc-bcbc-71dcfee26e19	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-ca99-721c-8a51-fa3bfb0c1e64	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	f72c3a5d-d90a-ca4b-1dbf-76f92732f7da	2026-11-29 01:50:01.945294+00	2026-11-29 01:50:02.066614+00	42	checkout.update	gateway	default	ok		01a2248d-ca37-7311-81aa-0517d28fb5e1	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-cbcf-755b-a8d3-55380bc73169	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	aca6ab6a-ebd1-cbe5-22c6-4d41e8a3ddf1	2026-11-29 01:50:02.245373+00	2026-11-29 01:50:02.271268+00	\N	order.refunded	event	default	ok		01a2248d-caf3-76ec-827f-d89045fdffd9									{"currency": "EUR", "amount_minor": "10395"}
01a2248d-c6e9-74bb-93fb-88ce3a08640a	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	ed328624-3c87-acfe-9507-2ecadd9d0efd	2026-11-29 01:50:01.001078+00	2026-11-29 01:50:01.167882+00	92	checkout.update	gateway	default	ok		01a2248d-c66d-7168-8d6d-b062d97a0a68	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c723-70ec-b841-72486d52519b	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	268b72df-ad2b-a908-0557-9919924875ce	2026-11-29 01:50:01.059457+00	2026-11-29 01:50:01.167882+00	50	checkout.update	gateway	default	ok		01a2248d-c66d-7168-8d6d-b062d97a0a68	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c7e7-70e2-a0c8-1fcf5bd6b31b	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	86436f7e-1173-c017-39b2-84cadf2f9412	2026-11-29 01:50:01.25528+00	2026-11-29 01:50:01.422202+00	192	order.place	gateway	default	ok		01a2248d-c66d-7168-8d6d-b062d97a0a68	01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c886-773f-82cd-4fbc008bedac	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	6770e2ca-039e-5a5f-e93a-5da8eb9d609f	2026-11-29 01:50:01.414382+00	2026-11-29 01:50:01.422202+00	52	cart.create	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-c9bb-7686-a364-42b2b8419fe0	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	9bf4528d-4eb9-e316-6357-f3a064d6d48e	2026-11-29 01:50:01.719261+00	2026-11-29 01:50:01.734642+00	\N	email.sent	event	default	ok		01a2248d-c916-7261-a005-ede911ff64e8									{"topic": "transactional", "template": "order_confirmation"}
01a2248d-ca21-74a6-a46f-f758eb1d7f0b	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	e1e8349e-1f9e-aa12-7397-df10f857a8d0	2026-11-29 01:50:01.825786+00	2026-11-29 01:50:01.882614+00	20	cart.create	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-ca3c-70e0-84b3-ce30d58818a0	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	32e12fb2-5e58-f9d1-a84d-028724c90802	2026-11-29 01:50:01.85241+00	2026-11-29 01:50:01.882614+00	20	checkout.start	gateway	default	ok			01a2248d-b13b-7760-b710-9d9161a9b039								{}
01a2248d-cb74-74cd-a182-224c7789ee43	01a2248d-b13b-7760-b710-9d901ee9fe84	\N	01a2248d-be5d-7756-b401-444dca26ae1d	66d9a596-be14-4964-4287-a0bd84e0c019	2026-11-29 01:50:02.162954+00	2026-11-29 01:50:02.178452+00	\N	order.placed	event	default	ok		01a2248d-caf3-76ec-827f-d89045fdffd9	01a2248d-b13b-7760-b710-9d9161a9b039								{"lines": "1", "currency": "EUR", "total_minor": "10395"}
01a2248d-cbe7-756a-8ec2-5f64982ef4eb	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	66d9a596-be14-4964-4287-a0bd84e0c019	2026-11-29 01:50:02.278113+00	2026-11-29 01:50:02.355128+00	\N	email.sent	event	default	ok		01a2248d-caf3-76ec-827f-d89045fdffd9									{"topic": "transactional", "template": "order_confirmation"}
01a2248d-cc16-70cf-8668-2d5fb2335126	\N	\N	01a2248d-be5d-7756-b401-444dca26ae1d	aca6ab6a-ebd1-cbe5-22c6-4d41e8a3ddf1	2026-11-29 01:50:02.321809+00	2026-11-29 01:50:02.355128+00	\N	order.cancelled	event	default	ok		01a2248d-caf3-76ec-827f-d89045fdffd9									{"lines": "1", "currency": "EUR", "total_minor": "10395"}
\.
SELECT pg_catalog.setval('public.outbox_id_seq', 1, false);
ALTER TABLE ONLY public.account_consent
    ADD CONSTRAINT account_consent_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.alembic_version_chassis
    ADD CONSTRAINT alembic_version_chassis_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.cart_activity
    ADD CONSTRAINT cart_activity_pkey PRIMARY KEY (key_id);
ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (handle_id);
ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (caller, method, key);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.journey_map
    ADD CONSTRAINT journey_map_pkey PRIMARY KEY (slug);
ALTER TABLE ONLY public.journey_map_version
    ADD CONSTRAINT journey_map_version_pkey PRIMARY KEY (slug, version);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (handle_id);
ALTER TABLE ONLY public.reminder
    ADD CONSTRAINT reminder_cart_id_cart_version_key UNIQUE (cart_id, cart_version);
ALTER TABLE ONLY public.reminder
    ADD CONSTRAINT reminder_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sighting
    ADD CONSTRAINT sighting_pkey PRIMARY KEY (handle_id, subject_id);
ALTER TABLE ONLY public.skipped_row
    ADD CONSTRAINT skipped_row_pkey PRIMARY KEY (loop, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_kind_key_key UNIQUE (kind, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.touchpoint
    ADD CONSTRAINT touchpoint_pkey PRIMARY KEY (id);
CREATE INDEX audit_subject ON public.audit USING btree (subject, at);
CREATE INDEX cart_activity_seen_at ON public.cart_activity USING btree (seen_at);
CREATE INDEX feedback_given_at ON public.feedback USING btree (given_at);
CREATE INDEX idempotency_created_at ON public.idempotency USING btree (created_at);
CREATE INDEX inbox_handled_at ON public.inbox USING btree (handled_at);
CREATE INDEX person_customer ON public.person USING btree (customer_id) WHERE (customer_id IS NOT NULL);
CREATE INDEX person_group ON public.person USING btree (group_id);
CREATE INDEX reminder_owner ON public.reminder USING btree (owner_id);
CREATE INDEX reminder_settled_at ON public.reminder USING btree (settled_at) WHERE (settled_at IS NOT NULL);
CREATE INDEX sighting_subject ON public.sighting USING btree (subject_id);
CREATE INDEX skipped_row_last_at ON public.skipped_row USING btree (last_at);
CREATE INDEX timer_due_at ON public.timer USING btree (due_at);
CREATE INDEX touchpoint_customer ON public.touchpoint USING btree (customer_id) WHERE (customer_id IS NOT NULL);
CREATE INDEX touchpoint_guest ON public.touchpoint USING btree (guest_id) WHERE (guest_id IS NOT NULL);
CREATE INDEX touchpoint_occurred_at ON public.touchpoint USING brin (occurred_at) WITH (pages_per_range='32', autosummarize='on');
CREATE INDEX touchpoint_order ON public.touchpoint USING btree (subject) WHERE (kind = 'order.placed'::text);
CREATE INDEX touchpoint_visitor ON public.touchpoint USING btree (visitor_id) WHERE (visitor_id IS NOT NULL);
