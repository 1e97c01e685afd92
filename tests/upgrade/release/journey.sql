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
01a2248a-161f-7705-bb9d-d6419213b4e2	t	t	3	\N	\N
\.
COPY public.alembic_version (version_num) FROM stdin;
0001
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
01a2248a-0be0-771e-bc3d-c2c2fd0a0808	2026-11-28 23:42:36.506132+00	01a22489-f0f1-7491-ab98-597cf8a15654	put_map	map:two-stages	\N	{"version": 1}	24fa8849d7d177fdcc12026f8cf8388a
\.
COPY public.cart_activity (key_id, version, seen_at) FROM stdin;
01a2248a-0c47-707b-82f9-7a4a2208c960	9223372036854775807	2026-11-29 01:45:59.233318+00
01a2248a-0c63-70ea-9b80-07053fb60a34	9223372036854775807	2026-11-29 01:45:59.725583+00
01a2248a-1a01-74dc-a699-080117e2412c	9223372036854775807	2026-11-29 01:46:00.305345+00
01a2248a-1b0c-7738-ba05-21107a60b366	9223372036854775807	2026-11-29 01:46:00.555238+00
01a2248a-1c14-7659-9868-cd029a8b9c6a	9223372036854775807	2026-11-29 01:46:00.846046+00
01a2248a-1d27-7506-948b-f87c5fdf132c	2	2026-11-29 01:46:01.039126+00
01a2248a-1e3d-75df-9996-75bf2b78362a	1	2026-11-29 01:46:01.218597+00
01a2248a-1eb1-7083-bdc0-8b32b0d192c0	1	2026-11-29 01:46:01.337388+00
01a2248a-1fbd-77c5-a3b3-8acb7607ccb7	9223372036854775807	2026-11-29 01:46:01.751995+00
\.
COPY public.consent (handle_id, is_granted, decided_at, withdrawn_at) FROM stdin;
01a2248a-0c3c-73f0-b9a8-ed413dee95a5	t	2026-11-28 23:42:36.636047+00	\N
01a2248a-0c47-707b-82f9-7a4a2208c960	t	2026-11-28 23:42:36.636047+00	\N
01a2248a-161f-7705-bb9d-d6419213b4e2	t	2026-11-29 01:45:59.13395+00	\N
\.
COPY public.customer (id) FROM stdin;
01a2248a-161f-7705-bb9d-d6419213b4e2
\.
COPY public.feedback (order_id, score, comment, channel, given_at, changed_at) FROM stdin;
01a2248a-181a-7408-8ef2-506244d339b2	9		default	2026-11-29 01:46:00.112702+00	2026-11-29 01:46:00.112702+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
staff:01a22489-f0f1-7491-ab98-597cf8a15654	sojourn.journey.v1.JourneyService/PutMap	ef065bee-ccc0-4e7b-85d2-c422725ce24e	\\x40aaa95c31a70f79641074d0b47fc694e3f615e7fc40dac90ad0d3d69fd2bfd8	\\x0a0a74776f2d73746167657310011a160a02656e12104265666f726520616e642061667465722a2e0a066265666f7265120c0a02656e12064265666f726522160a140a046b696e64120c70726f647563742e766965772a2c0a056166746572120b0a02656e1205416674657222160a140a046b696e64120c6f726465722e706c61636564	2026-11-28 23:42:36.508625+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a2248a-0c6e-768e-b5fc-12c05e2b6e05	2026-11-28 23:42:36.661869+00
01a2248a-0c6e-768e-b5fc-12c11a6dcf88	2026-11-28 23:42:36.746362+00
01a2248a-0d2d-7663-84d0-1cadbbcf9ea0	2026-11-28 23:42:36.880375+00
01a2248a-0f50-74b2-a1fa-40a302625423	2026-11-28 23:42:37.3994+00
01a2248a-1317-75f9-8af9-9eb8e57e41a3	2026-11-28 23:42:38.370914+00
01a2248a-15d8-728d-a569-13ed5385582b	2026-11-28 23:42:39.075905+00
01a2248a-1624-7372-aeba-2ec31b839f35	2026-11-28 23:42:39.158216+00
01a2248a-164e-7537-ac13-a9a7ec14cfa6	2026-11-28 23:42:39.235375+00
01a2248a-16bc-749c-bc24-728a49c226f4	2026-11-28 23:42:39.302607+00
01a2248a-178d-7561-8d6a-137c7a855572	2026-11-28 23:42:39.521337+00
01a2248a-17b4-77ac-adee-c7c2f8cb59ac	2026-11-28 23:42:39.58893+00
01a2248a-17bf-7412-9df0-cc7477334472	2026-11-28 23:42:39.588984+00
01a2248a-1865-706b-b456-f88c7da7cefb	2026-11-28 23:42:39.726443+00
01a2248a-1889-7165-b871-419d5be0b765	2026-11-28 23:42:39.78568+00
01a2248a-18b1-7655-8ab3-28d22f67fb24	2026-11-28 23:42:39.841543+00
01a2248a-18b8-761b-80dd-9d5c8fa83c7c	2026-11-28 23:42:39.841583+00
01a2248a-18e6-724d-bd8d-40b7977af47c	2026-11-28 23:42:39.901221+00
01a2248a-1913-70c2-9bd1-e124d920fd54	2026-11-28 23:42:39.90128+00
01a2248a-1a03-70ab-879f-1e4916eb908b	2026-11-28 23:42:40.136983+00
01a2248a-1a18-7507-b2fd-2dc35bbf1603	2026-11-28 23:42:40.197327+00
01a2248a-1aa5-76eb-9feb-fd406a1711e5	2026-11-28 23:42:40.307314+00
01a2248a-1ae6-70a1-ac5a-69d4ada38633	2026-11-28 23:42:40.387841+00
01a2248a-1af5-7075-8054-df0da51ff0be	2026-11-28 23:42:40.387903+00
01a2248a-1b0d-75e7-bfbc-d89d503717eb	2026-11-28 23:42:40.451276+00
01a2248a-1b0d-75e7-bfbc-d89efd7f69bd	2026-11-28 23:42:40.451319+00
01a2248a-1b27-7651-b8e3-94329cbca282	2026-11-28 23:42:40.451325+00
01a2248a-1b27-7706-bcde-e8ed8b45d6be	2026-11-28 23:42:40.45133+00
01a2248a-1ba4-7123-9d16-35be6f52b091	2026-11-28 23:42:40.558705+00
01a2248a-1bf5-74fb-b550-03faa058ca2f	2026-11-28 23:42:40.638972+00
01a2248a-1bfc-7385-b71c-6677a9d6ff7b	2026-11-28 23:42:40.704216+00
01a2248a-1c18-7743-9ecb-d8a8f2da0f85	2026-11-28 23:42:40.704264+00
01a2248a-1c31-74cb-a95a-25a4d6f15f8e	2026-11-28 23:42:40.781153+00
01a2248a-1cc4-705c-bc4a-657cb2ace4dd	2026-11-28 23:42:40.847482+00
01a2248a-1ce9-76a6-93f6-5d9d1e9088d5	2026-11-28 23:42:40.90532+00
01a2248a-1cf7-7242-b70d-6a83387c0a7c	2026-11-28 23:42:40.905361+00
01a2248a-1d01-7143-aab4-a8c6993e42fb	2026-11-28 23:42:40.905367+00
01a2248a-1d28-70a8-84d3-0bfcc60e5ffc	2026-11-28 23:42:40.968146+00
01a2248a-1d3f-72d9-8061-7214eb5520b3	2026-11-28 23:42:41.04158+00
01a2248a-1d5b-70c6-8eab-d0982b150c54	2026-11-28 23:42:41.041654+00
01a2248a-1ddf-70c1-b3ec-57f1de03a1d8	2026-11-28 23:42:41.139119+00
01a2248a-1e3f-7041-b31b-e9a8f4824a87	2026-11-28 23:42:41.219159+00
01a2248a-1e60-70c6-9aba-2d8e3cca8016	2026-11-28 23:42:41.279149+00
01a2248a-1eb2-72e7-9044-c379f0d945ed	2026-11-28 23:42:41.338148+00
01a2248a-1ed1-702d-8f1e-45fe054fe3ff	2026-11-28 23:42:41.406373+00
01a2248a-1fbe-765f-8330-0a624e9e14a1	2026-11-28 23:42:41.617099+00
01a2248a-1fe7-766c-b436-7a7ad9572099	2026-11-28 23:42:41.677786+00
01a2248a-2054-7639-a30b-8c14b8a7b779	2026-11-28 23:42:41.754458+00
01a2248a-2089-71e7-b838-091f04151c10	2026-11-28 23:42:41.810109+00
\.
COPY public.journey_map (slug, version, document, changed_at) FROM stdin;
two-stages	1	{"name": {"en": "Before and after"}, "slug": "two-stages", "stages": [{"name": {"en": "Before"}, "slug": "before", "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}]}, {"name": {"en": "After"}, "slug": "after", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]}]}	2026-11-28 23:42:36.506132+00
\.
COPY public.journey_map_version (slug, version, document, changed_by, changed_at) FROM stdin;
two-stages	1	{"name": {"en": "Before and after"}, "slug": "two-stages", "stages": [{"name": {"en": "Before"}, "slug": "before", "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}]}, {"name": {"en": "After"}, "slug": "after", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]}]}	01a22489-f0f1-7491-ab98-597cf8a15654	2026-11-28 23:42:36.506132+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.person (handle_id, group_id, customer_id, shared_from) FROM stdin;
01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-161f-7705-bb9d-d6419213b4e2	\N
01a2248a-0c47-707b-82f9-7a4a2208c960	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-161f-7705-bb9d-d6419213b4e2	\N
01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-161f-7705-bb9d-d6419213b4e2	\N
\.
COPY public.reminder (id, cart_id, cart_version, owner_id, email, locale, channel, currency, lines, restore_token, agreed_at, abandoned_at, status, reason, settled_at) FROM stdin;
01a2248a-0f58-703f-b2ae-d8c8821baaa9	01a2248a-0c63-70ea-9b80-07053fb60a34	3	01a2248a-0c47-707b-82f9-7a4a2208c960			default	EUR	[]		2026-11-28 23:42:36.718109+00	2026-11-29 00:44:17.389725+00	sent		2026-11-29 01:45:58.322808+00
\.
COPY public.sighting (handle_id, subject_id, seen_at) FROM stdin;
01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	2026-11-28 23:42:36.623676+00
01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-161f-7705-bb9d-d6419213b4e2	2026-11-29 01:45:59.13395+00
01a2248a-0c47-707b-82f9-7a4a2208c960	01a2248a-161f-7705-bb9d-d6419213b4e2	2026-11-29 01:45:59.13395+00
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
COPY public.touchpoint (id, visitor_id, guest_id, customer_id, trace_id, occurred_at, received_at, duration_ms, kind, source, channel, outcome, reason, subject, session_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, click_id, referrer_host, properties) FROM stdin;
01a2248a-0c6e-768e-b5fc-12c05e2b6e05	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	fb1148ce-1eff-12ca-2704-80dc33abb454	2026-11-28 23:42:36.636047+00	2026-11-28 23:42:36.660029+00	\N	cart.line_added	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "1", "variant_id": "01a2248a-0b93-73be-97ee-4d63b86496c9"}
01a2248a-0c43-77a0-b6b5-0e5c32bb3c60	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	\N	d100bc07-ef84-0ac0-6540-f144190d7acf	2026-11-28 23:42:36.611099+00	2026-11-28 23:42:36.672824+00	6	page.view	gateway	default	ok		weekend-outside	01a2248a-0c3d-7435-b9ef-9070559aaee4	instagram		weekend					{}
01a2248a-0c4f-7760-836b-e96f67b9355a	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	b8cd0cc7-46b8-80b9-2632-cb916b2295db	2026-11-28 23:42:36.623676+00	2026-11-28 23:42:36.672824+00	3	product.view	gateway	default	ok		tidewater-ulmus-parka	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-0c6e-768e-b5fc-12c11a6dcf88	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	fb1148ce-1eff-12ca-2704-80dc33abb454	2026-11-28 23:42:36.636047+00	2026-11-28 23:42:36.742954+00	\N	cart.line_added	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "2", "variant_id": "01a2248a-0b93-73be-97ee-4d648b4d62d2"}
01a2248a-0c8d-73fa-8671-ba157b476487	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	fb1148ce-1eff-12ca-2704-80dc33abb454	2026-11-28 23:42:36.685222+00	2026-11-28 23:42:36.765594+00	59	cart.create	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-0cc3-74a5-9b18-1404b258d23a	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	237af538-b7b9-188a-5ea6-5e7c9f10a89e	2026-11-28 23:42:36.739209+00	2026-11-28 23:42:36.834203+00	51	cart.save	gateway	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-0d2d-7663-84d0-1cadbbcf9ea0	\N	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	237af538-b7b9-188a-5ea6-5e7c9f10a89e	2026-11-28 23:42:36.843084+00	2026-11-28 23:42:36.879679+00	\N	email.sent	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34									{"topic": "reminders", "template": "confirm_reminders"}
01a2248a-0d9c-71d5-966a-4fab61be700e	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	d0ff2f95-1d50-f152-6510-f76c34a538dc	2026-11-28 23:42:36.956886+00	2026-11-29 00:44:17.027246+00	15	email.confirm	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-0f50-74b2-a1fa-40a302625423	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	237af538-b7b9-188a-5ea6-5e7c9f10a89e	2026-11-29 00:44:17.389725+00	2026-11-29 00:44:17.396487+00	\N	cart.abandoned	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"lines": "2", "currency": "EUR", "subtotal_minor": "81885"}
01a2248a-1317-75f9-8af9-9eb8e57e41a3	\N	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	237af538-b7b9-188a-5ea6-5e7c9f10a89e	2026-11-29 01:45:58.357508+00	2026-11-29 01:45:58.369892+00	\N	email.sent	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34									{"topic": "reminders", "template": "cart_reminder"}
01a2248a-15d8-728d-a569-13ed5385582b	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	ab881c0d-7a81-d13d-43e5-5b87cff93f9d	2026-11-29 01:45:59.060378+00	2026-11-29 01:45:59.075266+00	\N	cart.restored	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-15df-74a1-935f-b175d82eeeb8	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	ab881c0d-7a81-d13d-43e5-5b87cff93f9d	2026-11-29 01:45:59.07122+00	2026-11-29 01:45:59.088928+00	21	cart.restore	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1624-7372-aeba-2ec31b839f35	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	01a2248a-161f-7705-bb9d-d6419213b4e2	80d85eb3-1373-1257-4d5a-08de9c8a9213	2026-11-29 01:45:59.13395+00	2026-11-29 01:45:59.154533+00	\N	account.registered	event	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-164e-7537-ac13-a9a7ec14cfa6	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	01a2248a-0c47-707b-82f9-7a4a2208c960	01a2248a-161f-7705-bb9d-d6419213b4e2	80d85eb3-1373-1257-4d5a-08de9c8a9213	2026-11-29 01:45:59.174694+00	2026-11-29 01:45:59.233318+00	\N	cart.merged	event	default	ok		01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-16bc-749c-bc24-728a49c226f4	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	80d85eb3-1373-1257-4d5a-08de9c8a9213	2026-11-29 01:45:59.29053+00	2026-11-29 01:45:59.301135+00	\N	email.sent	event	default	ok											{"topic": "transactional", "template": "confirm_email"}
01a2248a-1658-7496-a4b0-6e6a68a457af	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	\N	80d85eb3-1373-1257-4d5a-08de9c8a9213	2026-11-29 01:45:59.19199+00	2026-11-29 01:45:59.340195+00	115	account.register	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-178d-7561-8d6a-137c7a855572	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	6a1136c4-c98f-fad5-7e4e-8d4506d90273	2026-11-29 01:45:59.47659+00	2026-11-29 01:45:59.520615+00	\N	account.consent_changed	event	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{"analytics": "True", "marketing": "True"}
01a2248a-17b4-77ac-adee-c7c2f8cb59ac	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c0b4c848-a549-5b58-7187-93bbc1af4ca3	2026-11-29 01:45:59.538484+00	2026-11-29 01:45:59.588347+00	\N	email.sent	event	default	ok											{"topic": "transactional", "template": "welcome"}
01a2248a-17bf-7412-9df0-cc7477334472	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	1b6e7340-0639-8870-4e5c-e9c822298f45	2026-11-29 01:45:59.549176+00	2026-11-29 01:45:59.588347+00	\N	checkout.started	event	default	ok		01a2248a-17be-702a-a9bc-d64f79936b56	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"cart_id": "01a2248a-0c63-70ea-9b80-07053fb60a34"}
01a2248a-176b-7382-a207-bdc294d7f620	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c0b4c848-a549-5b58-7187-93bbc1af4ca3	2026-11-29 01:45:59.467778+00	2026-11-29 01:45:59.606201+00	11	account.confirm	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1792-773b-abe1-e21e022bb79e	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	6a1136c4-c98f-fad5-7e4e-8d4506d90273	2026-11-29 01:45:59.506096+00	2026-11-29 01:45:59.606201+00	35	account.consent	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-17c9-71f8-9993-2f7859e1b473	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	1b6e7340-0639-8870-4e5c-e9c822298f45	2026-11-29 01:45:59.561617+00	2026-11-29 01:45:59.606201+00	50	checkout.start	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-17f4-730d-ac58-061da8767202	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	03338475-9284-43d6-1f65-03a0260cd418	2026-11-29 01:45:59.604525+00	2026-11-29 01:45:59.703797+00	32	checkout.update	gateway	default	ok		01a2248a-17be-702a-a9bc-d64f79936b56	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-180a-75f5-ad3a-80e3c1061b76	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	2d6b725d-6f10-77ac-2340-8990945ff430	2026-11-29 01:45:59.626202+00	2026-11-29 01:45:59.703797+00	16	checkout.update	gateway	default	ok		01a2248a-17be-702a-a9bc-d64f79936b56	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1865-706b-b456-f88c7da7cefb	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	2162603c-68e4-ddf9-e446-4ef9073b715f	2026-11-29 01:45:59.716273+00	2026-11-29 01:45:59.725583+00	\N	order.placed	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a2248a-1889-7165-b871-419d5be0b765	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	15c47eeb-9d9e-2bec-ff2e-ea8049935e3a	2026-11-29 01:45:59.739703+00	2026-11-29 01:45:59.785214+00	\N	order.shipped	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2									{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a2248a-18b8-761b-80dd-9d5c8fa83c7c	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	2162603c-68e4-ddf9-e446-4ef9073b715f	2026-11-29 01:45:59.796678+00	2026-11-29 01:45:59.840573+00	\N	email.sent	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2									{"topic": "transactional", "template": "order_confirmation"}
01a2248a-18b1-7655-8ab3-28d22f67fb24	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	069d9ac5-01ca-5088-1d6e-275751776998	2026-11-29 01:45:59.769583+00	2026-11-29 01:45:59.840573+00	\N	order.delivered	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2									{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a2248a-18e6-724d-bd8d-40b7977af47c	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	15c47eeb-9d9e-2bec-ff2e-ea8049935e3a	2026-11-29 01:45:59.845792+00	2026-11-29 01:45:59.900766+00	\N	email.sent	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2									{"topic": "transactional", "template": "order_shipped"}
01a2248a-1913-70c2-9bd1-e124d920fd54	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	069d9ac5-01ca-5088-1d6e-275751776998	2026-11-29 01:45:59.885645+00	2026-11-29 01:45:59.900766+00	\N	email.sent	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2									{"topic": "transactional", "template": "order_delivered"}
01a2248a-186a-76c1-913e-4459329ac4b5	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	2162603c-68e4-ddf9-e446-4ef9073b715f	2026-11-29 01:45:59.72273+00	2026-11-29 01:45:59.899899+00	94	order.place	gateway	default	ok		01a2248a-17be-702a-a9bc-d64f79936b56	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
83fd0694-1b7c-8801-96e1-5261bfa9ebd6	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	4103b2d7-753c-a2bb-2d65-7d8231d3b5cf	2026-11-29 01:46:00.112702+00	2026-11-29 01:46:00.112702+00	\N	feedback.given	event	default	ok		01a2248a-181a-7408-8ef2-506244d339b2									{"group": "promoter", "score": "9"}
01a2248a-1a03-70ab-879f-1e4916eb908b	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	8146d945-edd6-8795-2837-ff934b5ac2c2	2026-11-29 01:46:00.127742+00	2026-11-29 01:46:00.134656+00	\N	cart.line_added	event	default	ok		01a2248a-1a01-74dc-a699-080117e2412c	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "1", "variant_id": "01a2248a-0b93-73be-97ee-4d659793b442"}
01a2248a-1a08-7596-af80-d917a21e75b5	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	8146d945-edd6-8795-2837-ff934b5ac2c2	2026-11-29 01:46:00.136161+00	2026-11-29 01:46:00.150227+00	14	cart.create	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1a5a-769f-bef7-f71a2a63baf8	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	292dc93f-21ce-0ed8-6f38-db3878211477	2026-11-29 01:46:00.218038+00	2026-11-29 01:46:00.287675+00	29	checkout.update	gateway	default	ok		01a2248a-1a18-7507-b2fd-2dc17b4ec6b7	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1ae6-70a1-ac5a-69d4ada38633	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	18553226-9953-6d69-c698-cf9d588d70aa	2026-11-29 01:46:00.323156+00	2026-11-29 01:46:00.383602+00	\N	order.shipped	event	default	ok		01a2248a-1a74-7310-a2d4-3a484e857643									{"lines": "1", "currency": "EUR", "total_minor": "7495"}
01a2248a-1af5-7075-8054-df0da51ff0be	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	eff909e8-8e13-1b41-54b5-9792e0b52760	2026-11-29 01:46:00.365666+00	2026-11-29 01:46:00.383602+00	\N	email.sent	event	default	ok		01a2248a-1a74-7310-a2d4-3a484e857643									{"topic": "transactional", "template": "order_confirmation"}
01a2248a-1c31-74cb-a95a-25a4d6f15f8e	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	4cce13d9-40e2-c227-bdbe-288f69363e91	2026-11-29 01:46:00.686408+00	2026-11-29 01:46:00.777461+00	\N	checkout.started	event	default	ok		01a2248a-1c31-74cb-a95a-25a238c54626	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"cart_id": "01a2248a-1c14-7659-9868-cd029a8b9c6a"}
01a2248a-1cc7-73b0-8ca8-07e58d3bb2f8	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	ac4ff8c0-7baf-9c2a-4b4d-b262470ffb08	2026-11-29 01:46:00.839234+00	2026-11-29 01:46:00.887506+00	75	order.place	gateway	default	ok		01a2248a-1c31-74cb-a95a-25a238c54626	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1d2a-71f4-bc66-a8d5e67fd140	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	30cb8dcb-8007-5367-83bb-128b2f5ccbae	2026-11-29 01:46:00.938814+00	2026-11-29 01:46:01.009604+00	26	cart.create	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1d43-77a8-8099-0fe6fde915b9	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	46d04f01-46bd-1340-9203-02e8694ca980	2026-11-29 01:46:00.963557+00	2026-11-29 01:46:01.009604+00	14	cart.add	gateway	default	ok		01a2248a-1d27-7506-948b-f87c5fdf132c	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1a18-7507-b2fd-2dc35bbf1603	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c7792deb-33b5-fe0a-eb0f-df3d26afb894	2026-11-29 01:46:00.15162+00	2026-11-29 01:46:00.196824+00	\N	checkout.started	event	default	ok		01a2248a-1a18-7507-b2fd-2dc17b4ec6b7	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"cart_id": "01a2248a-1a01-74dc-a699-080117e2412c"}
01a2248a-1aa5-76eb-9feb-fd406a1711e5	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	eff909e8-8e13-1b41-54b5-9792e0b52760	2026-11-29 01:46:00.291768+00	2026-11-29 01:46:00.305345+00	\N	order.placed	event	default	ok		01a2248a-1a74-7310-a2d4-3a484e857643	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"lines": "1", "currency": "EUR", "total_minor": "7495"}
01a2248a-1b0d-75e7-bfbc-d89d503717eb	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	ee5e444a-2f8c-15fa-1484-86f12f46a6b2	2026-11-29 01:46:00.395146+00	2026-11-29 01:46:00.446503+00	\N	cart.line_added	event	default	ok		01a2248a-1b0c-7738-ba05-21107a60b366	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "3", "variant_id": "01a2248a-0b93-73be-97ee-4d659793b442"}
01a2248a-1b0d-75e7-bfbc-d89efd7f69bd	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	ee5e444a-2f8c-15fa-1484-86f12f46a6b2	2026-11-29 01:46:00.395146+00	2026-11-29 01:46:00.446503+00	\N	cart.line_added	event	default	ok		01a2248a-1b0c-7738-ba05-21107a60b366	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "1", "variant_id": "01a2248a-0b93-73be-97ee-4d66618e3b95"}
01a2248a-1b27-7706-bcde-e8ed8b45d6be	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	18553226-9953-6d69-c698-cf9d588d70aa	2026-11-29 01:46:00.421797+00	2026-11-29 01:46:00.446503+00	\N	email.sent	event	default	ok		01a2248a-1a74-7310-a2d4-3a484e857643									{"topic": "transactional", "template": "order_shipped"}
01a2248a-1b27-7651-b8e3-94329cbca282	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c42d8ff5-7cf4-8204-cadf-dd1ed7448e38	2026-11-29 01:46:00.421733+00	2026-11-29 01:46:00.446503+00	\N	checkout.started	event	default	ok		01a2248a-1b26-7082-a822-4574d3d7589e	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"cart_id": "01a2248a-1b0c-7738-ba05-21107a60b366"}
01a2248a-1c1f-7690-b5e4-62b8afe4db88	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	aebbfa3d-b096-4af3-0a85-30f3dafc6523	2026-11-29 01:46:00.670998+00	2026-11-29 01:46:00.820836+00	25	cart.create	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1c35-70c5-86a9-03fd028c0d23	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	4cce13d9-40e2-c227-bdbe-288f69363e91	2026-11-29 01:46:00.693296+00	2026-11-29 01:46:00.820836+00	20	checkout.start	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1c58-71cd-8ba1-1c69bcb771e9	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c19ea016-0f0a-099c-2e41-e9cbb6f3be57	2026-11-29 01:46:00.728838+00	2026-11-29 01:46:00.820836+00	33	checkout.update	gateway	default	ok		01a2248a-1c31-74cb-a95a-25a238c54626	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1c77-742f-9641-2ce34b73fc3c	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	df31039e-74a2-300a-4bfb-7764acfa30cb	2026-11-29 01:46:00.75982+00	2026-11-29 01:46:00.820836+00	27	checkout.update	gateway	default	ok		01a2248a-1c31-74cb-a95a-25a238c54626	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1ce9-76a6-93f6-5d9d1e9088d5	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	cf7e20bf-b907-421f-499e-9f2d1687f03b	2026-11-29 01:46:00.86792+00	2026-11-29 01:46:00.904722+00	\N	order.refunded	event	default	ok		01a2248a-1c8e-744c-97f2-ea0e11256e08									{"currency": "EUR", "amount_minor": "10395"}
01a2248a-1cf7-7242-b70d-6a83387c0a7c	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	ac4ff8c0-7baf-9c2a-4b4d-b262470ffb08	2026-11-29 01:46:00.886316+00	2026-11-29 01:46:00.904722+00	\N	email.sent	event	default	ok		01a2248a-1c8e-744c-97f2-ea0e11256e08									{"topic": "transactional", "template": "order_confirmation"}
01a2248a-1d01-7143-aab4-a8c6993e42fb	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	cf7e20bf-b907-421f-499e-9f2d1687f03b	2026-11-29 01:46:00.894963+00	2026-11-29 01:46:00.904722+00	\N	order.cancelled	event	default	ok		01a2248a-1c8e-744c-97f2-ea0e11256e08									{"lines": "1", "currency": "EUR", "total_minor": "10395"}
01a2248a-1d3f-72d9-8061-7214eb5520b3	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	46d04f01-46bd-1340-9203-02e8694ca980	2026-11-29 01:46:00.956759+00	2026-11-29 01:46:01.039126+00	\N	cart.line_added	event	default	ok		01a2248a-1d27-7506-948b-f87c5fdf132c	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "1", "variant_id": "01a2248a-0b93-73be-97ee-4d69fb2e50ad"}
01a2248a-1d5b-70c6-8eab-d0982b150c54	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	cf7e20bf-b907-421f-499e-9f2d1687f03b	2026-11-29 01:46:00.986706+00	2026-11-29 01:46:01.039126+00	\N	email.sent	event	default	ok		01a2248a-1c8e-744c-97f2-ea0e11256e08									{"topic": "transactional", "template": "order_cancelled"}
01a2248a-1a1c-70c6-99d1-b9cdaa44bade	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c7792deb-33b5-fe0a-eb0f-df3d26afb894	2026-11-29 01:46:00.154817+00	2026-11-29 01:46:00.21752+00	17	checkout.start	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1a3a-7109-8fbd-4f8cd36f5afc	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	2ccbc5f2-0f61-0e7b-ed54-5b92f163be37	2026-11-29 01:46:00.186635+00	2026-11-29 01:46:00.21752+00	27	checkout.update	gateway	default	ok		01a2248a-1a18-7507-b2fd-2dc17b4ec6b7	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1ba4-7123-9d16-35be6f52b091	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	687e1262-c12c-d081-a43d-171b1da7f458	2026-11-29 01:46:00.542726+00	2026-11-29 01:46:00.555238+00	\N	order.placed	event	default	ok		01a2248a-1b6f-757d-a3cf-43fec2a96e65	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"lines": "2", "currency": "EUR", "total_minor": "29980"}
01a2248a-1bfc-7385-b71c-6677a9d6ff7b	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	687e1262-c12c-d081-a43d-171b1da7f458	2026-11-29 01:46:00.629545+00	2026-11-29 01:46:00.69749+00	\N	email.sent	event	default	ok		01a2248a-1b6f-757d-a3cf-43fec2a96e65									{"topic": "transactional", "template": "order_confirmation"}
01a2248a-1c18-7743-9ecb-d8a8f2da0f85	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	aebbfa3d-b096-4af3-0a85-30f3dafc6523	2026-11-29 01:46:00.658821+00	2026-11-29 01:46:00.69749+00	\N	cart.line_added	event	default	ok		01a2248a-1c14-7659-9868-cd029a8b9c6a	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "1", "variant_id": "01a2248a-0b93-73be-97ee-4d67ae055c07"}
01a2248a-1d0e-70ee-95d7-3377719389d4	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	cf7e20bf-b907-421f-499e-9f2d1687f03b	2026-11-29 01:46:00.910132+00	2026-11-29 01:46:00.942119+00	67	order.cancel	gateway	default	ok		01a2248a-1c8e-744c-97f2-ea0e11256e08	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1ab4-7787-ba0c-a3c68c7ba1df	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	eff909e8-8e13-1b41-54b5-9792e0b52760	2026-11-29 01:46:00.30441+00	2026-11-29 01:46:00.365756+00	83	order.place	gateway	default	ok		01a2248a-1a18-7507-b2fd-2dc17b4ec6b7	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1b11-700e-a7fb-cb6216164317	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	ee5e444a-2f8c-15fa-1484-86f12f46a6b2	2026-11-29 01:46:00.401846+00	2026-11-29 01:46:00.570421+00	21	cart.create	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1b2f-7339-844b-548f158904cb	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	c42d8ff5-7cf4-8204-cadf-dd1ed7448e38	2026-11-29 01:46:00.431562+00	2026-11-29 01:46:00.570421+00	23	checkout.start	gateway	default	ok			01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1b44-7607-8952-19febbdfdf34	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	3c609407-8f1c-75ee-cabc-ab2b2617a736	2026-11-29 01:46:00.45268+00	2026-11-29 01:46:00.570421+00	16	checkout.update	gateway	default	ok		01a2248a-1b26-7082-a822-4574d3d7589e	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1b5d-71ff-98e9-fc4dad298955	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	a8a1ce30-e9de-5b3b-4991-480cca5a1ea1	2026-11-29 01:46:00.477304+00	2026-11-29 01:46:00.570421+00	18	checkout.update	gateway	default	ok		01a2248a-1b26-7082-a822-4574d3d7589e	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1ba8-7287-97a7-15fa8a29130c	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	687e1262-c12c-d081-a43d-171b1da7f458	2026-11-29 01:46:00.552634+00	2026-11-29 01:46:00.570421+00	73	order.place	gateway	default	ok		01a2248a-1b26-7082-a822-4574d3d7589e	01a2248a-0c3d-7435-b9ef-9070559aaee4								{}
01a2248a-1bf5-74fb-b550-03faa058ca2f	\N	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	e6765f43-06c6-39ca-125b-f138a1bf0c7b	2026-11-29 01:46:00.595821+00	2026-11-29 01:46:00.636055+00	\N	order.refunded	event	default	ok		01a2248a-1b6f-757d-a3cf-43fec2a96e65									{"currency": "EUR", "amount_minor": "1000"}
01a2248a-1cc4-705c-bc4a-657cb2ace4dd	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	ac4ff8c0-7baf-9c2a-4b4d-b262470ffb08	2026-11-29 01:46:00.832378+00	2026-11-29 01:46:00.846046+00	\N	order.placed	event	default	ok		01a2248a-1c8e-744c-97f2-ea0e11256e08	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"lines": "1", "currency": "EUR", "total_minor": "10395"}
01a2248a-1d28-70a8-84d3-0bfcc60e5ffc	01a2248a-0c3c-73f0-b9a8-ed413dee95a5	\N	01a2248a-161f-7705-bb9d-d6419213b4e2	30cb8dcb-8007-5367-83bb-128b2f5ccbae	2026-11-29 01:46:00.92326+00	2026-11-29 01:46:00.967469+00	\N	cart.line_added	event	default	ok		01a2248a-1d27-7506-948b-f87c5fdf132c	01a2248a-0c3d-7435-b9ef-9070559aaee4								{"quantity": "2", "variant_id": "01a2248a-0b93-73be-97ee-4d68b330bdfb"}
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
