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
01a22485-3984-759a-af9b-1f12a0da2b2b	t	t	3	\N	\N
\.
COPY public.alembic_version (version_num) FROM stdin;
0001
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
01a22485-2edc-73b4-accb-0217fbbde867	2026-11-28 23:37:17.780156+00	01a22485-16d2-71fe-9193-8e7f102a3111	put_map	map:two-stages	\N	{"version": 1}	f559b59f359feb9295540c48fc151829
\.
COPY public.cart_activity (key_id, version, seen_at) FROM stdin;
01a22485-2f48-7611-bc9f-0f34ce18172f	9223372036854775807	2026-11-29 01:40:40.637508+00
01a22485-2f69-7588-ac99-beb45c79b52a	9223372036854775807	2026-11-29 01:40:41.09802+00
01a22485-3d9b-72fa-9ff3-3f34eb9f9b81	9223372036854775807	2026-11-29 01:40:41.756509+00
01a22485-3ead-774d-8a7c-f4991e9d726a	9223372036854775807	2026-11-29 01:40:42.012002+00
01a22485-3fa3-776b-94a2-e9a0d72916f3	9223372036854775807	2026-11-29 01:40:42.220664+00
01a22485-40a8-7768-ae2a-dd0a1ea40d56	2	2026-11-29 01:40:42.435806+00
01a22485-419b-7327-a4a4-04f61a6bfa49	1	2026-11-29 01:40:42.609903+00
01a22485-41ed-76a8-820b-0ac5778bc858	1	2026-11-29 01:40:42.733567+00
01a22485-4295-7075-b12e-922d5aa45c63	9223372036854775807	2026-11-29 01:40:42.969678+00
\.
COPY public.consent (handle_id, is_granted, decided_at, withdrawn_at) FROM stdin;
01a22485-2f3e-75d9-a63e-786c633072bb	t	2026-11-28 23:37:17.953727+00	\N
01a22485-2f48-7611-bc9f-0f34ce18172f	t	2026-11-28 23:37:17.953727+00	\N
01a22485-3984-759a-af9b-1f12a0da2b2b	t	2026-11-29 01:40:40.514496+00	\N
\.
COPY public.customer (id) FROM stdin;
01a22485-3984-759a-af9b-1f12a0da2b2b
\.
COPY public.feedback (order_id, score, comment, channel, given_at, changed_at) FROM stdin;
01a22485-3b80-7100-b7d1-a96570c427c2	9		default	2026-11-29 01:40:41.537937+00	2026-11-29 01:40:41.537937+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
staff:01a22485-16d2-71fe-9193-8e7f102a3111	sojourn.journey.v1.JourneyService/PutMap	c64388e9-8d3e-4dcc-b2a8-f72c343f3093	\\x40aaa95c31a70f79641074d0b47fc694e3f615e7fc40dac90ad0d3d69fd2bfd8	\\x0a0a74776f2d73746167657310011a160a02656e12104265666f726520616e642061667465722a2e0a066265666f7265120c0a02656e12064265666f726522160a140a046b696e64120c70726f647563742e766965772a2c0a056166746572120b0a02656e1205416674657222160a140a046b696e64120c6f726465722e706c61636564	2026-11-28 23:37:17.783702+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a22485-2f6e-7197-9f43-57c247b14ab0	2026-11-28 23:37:17.96024+00
01a22485-2f6e-7197-9f43-57c302835061	2026-11-28 23:37:18.075874+00
01a22485-3048-77fb-89e5-8cb6f798c2bb	2026-11-28 23:37:18.161641+00
01a22485-331b-721e-8d17-942125257099	2026-11-28 23:37:18.88457+00
01a22485-368f-74de-84a3-6a6a0d8dcc16	2026-11-28 23:37:19.769742+00
01a22485-3953-7146-a0d3-db054d21d886	2026-11-28 23:37:20.475003+00
01a22485-3988-75b9-a1ff-e9da3f05879d	2026-11-28 23:37:20.545315+00
01a22485-39a5-74d1-8c8a-1ed9e52ca48f	2026-11-28 23:37:20.640577+00
01a22485-3a07-77ea-9421-d48739c0fb00	2026-11-28 23:37:20.701444+00
01a22485-3adf-73c4-8b99-d83467bd9ec4	2026-11-28 23:37:20.891123+00
01a22485-3b1c-7073-a8c4-ef971c7c1333	2026-11-28 23:37:20.968237+00
01a22485-3b2b-77fb-b3ed-603883b01dd1	2026-11-28 23:37:20.968286+00
01a22485-3bc0-73b8-bcf6-9fcc12bf8df7	2026-11-28 23:37:21.099117+00
01a22485-3bfa-769f-aaee-29a4e9771e6d	2026-11-28 23:37:21.163243+00
01a22485-3c1d-7741-aee3-edc959a4f7d1	2026-11-28 23:37:21.222276+00
01a22485-3c3b-73a2-a338-98c4b720e683	2026-11-28 23:37:21.222327+00
01a22485-3c71-72aa-a211-94c0e16655b4	2026-11-28 23:37:21.283185+00
01a22485-3ca3-7429-9375-bd1113118053	2026-11-28 23:37:21.341361+00
01a22485-3d9d-7206-9976-aaf81d6bd727	2026-11-28 23:37:21.572374+00
01a22485-3dbe-7204-93f3-5b511a2c4cd7	2026-11-28 23:37:21.642975+00
01a22485-3e52-73b2-83a5-6225b0ce6178	2026-11-28 23:37:21.758363+00
01a22485-3e84-73eb-bb2b-871dfcfac620	2026-11-28 23:37:21.83511+00
01a22485-3e8f-743b-af50-80e7de668a28	2026-11-28 23:37:21.83516+00
01a22485-3eae-7604-90d7-269573070d6b	2026-11-28 23:37:21.897626+00
01a22485-3eae-7604-90d7-269602443e86	2026-11-28 23:37:21.897674+00
01a22485-3ec7-73dd-b36c-769dd8d1a623	2026-11-28 23:37:21.897679+00
01a22485-3ece-755f-adca-eee808ff5a29	2026-11-28 23:37:21.897682+00
01a22485-3f57-72ee-827b-6f9fb0828425	2026-11-28 23:37:22.013182+00
01a22485-3f88-76e3-bd0b-61b98ce7955d	2026-11-28 23:37:22.072055+00
01a22485-3fa4-7642-b64f-29b5e48221ca	2026-11-28 23:37:22.14761+00
01a22485-3fab-7721-a86e-00253fbe7bef	2026-11-28 23:37:22.147662+00
01a22485-3fb6-750e-b6f6-4d07434c76df	2026-11-28 23:37:22.147667+00
01a22485-4027-71d0-81b3-9da0862763a3	2026-11-28 23:37:22.223824+00
01a22485-405c-7618-8e43-8662b25c1570	2026-11-28 23:37:22.29893+00
01a22485-405f-7422-8794-105fa4a5aa0f	2026-11-28 23:37:22.298972+00
01a22485-408e-74cc-83ed-aaa3a42f4caf	2026-11-28 23:37:22.374382+00
01a22485-40a9-7027-9d14-71626ca52cf6	2026-11-28 23:37:22.374416+00
01a22485-40c4-76f6-97dc-f5e1976b7742	2026-11-28 23:37:22.438491+00
01a22485-40da-7386-81d3-d750cd9a37d0	2026-11-28 23:37:22.43856+00
01a22485-413f-769d-a8b1-0a827c86071a	2026-11-28 23:37:22.502413+00
01a22485-419c-73dc-b16c-c8b2323f5d11	2026-11-28 23:37:22.611677+00
01a22485-41b2-7556-afe8-ff52463f0bee	2026-11-28 23:37:22.675026+00
01a22485-41ed-76a8-820b-0ac88374227c	2026-11-28 23:37:22.742258+00
01a22485-4201-72d1-996d-42851a1acc9f	2026-11-28 23:37:22.743271+00
01a22485-4296-72dd-a2e2-6229bdd02529	2026-11-28 23:37:22.842712+00
01a22485-42af-73e9-9f37-5c6b7383a978	2026-11-28 23:37:22.896103+00
01a22485-4311-727d-b53a-cb45818b1749	2026-11-28 23:37:22.970601+00
01a22485-434b-77c6-b383-db5b6163cb34	2026-11-28 23:37:23.025125+00
\.
COPY public.journey_map (slug, version, document, changed_at) FROM stdin;
two-stages	1	{"name": {"en": "Before and after"}, "slug": "two-stages", "stages": [{"name": {"en": "Before"}, "slug": "before", "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}]}, {"name": {"en": "After"}, "slug": "after", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]}]}	2026-11-28 23:37:17.780156+00
\.
COPY public.journey_map_version (slug, version, document, changed_by, changed_at) FROM stdin;
two-stages	1	{"name": {"en": "Before and after"}, "slug": "two-stages", "stages": [{"name": {"en": "Before"}, "slug": "before", "rules": [{"when": [{"field": "kind", "any_of": ["product.view"]}]}]}, {"name": {"en": "After"}, "slug": "after", "rules": [{"when": [{"field": "kind", "any_of": ["order.placed"]}]}]}]}	01a22485-16d2-71fe-9193-8e7f102a3111	2026-11-28 23:37:17.780156+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.person (handle_id, group_id, customer_id, shared_from) FROM stdin;
01a22485-2f48-7611-bc9f-0f34ce18172f	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-3984-759a-af9b-1f12a0da2b2b	\N
01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-3984-759a-af9b-1f12a0da2b2b	\N
01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3984-759a-af9b-1f12a0da2b2b	\N
\.
COPY public.reminder (id, cart_id, cart_version, owner_id, email, locale, channel, currency, lines, restore_token, agreed_at, abandoned_at, status, reason, settled_at) FROM stdin;
01a22485-3325-7754-a6a8-07d4ec28b909	01a22485-2f69-7588-ac99-beb45c79b52a	3	01a22485-2f48-7611-bc9f-0f34ce18172f			default	EUR	[]		2026-11-28 23:37:18.015157+00	2026-11-29 00:38:58.872309+00	sent		2026-11-29 01:40:39.71085+00
\.
COPY public.sighting (handle_id, subject_id, seen_at) FROM stdin;
01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	2026-11-28 23:37:17.910136+00
01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-3984-759a-af9b-1f12a0da2b2b	2026-11-29 01:40:40.514496+00
01a22485-2f48-7611-bc9f-0f34ce18172f	01a22485-3984-759a-af9b-1f12a0da2b2b	2026-11-29 01:40:40.514496+00
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
COPY public.touchpoint (id, visitor_id, guest_id, customer_id, trace_id, occurred_at, received_at, duration_ms, kind, source, channel, outcome, reason, subject, session_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, click_id, referrer_host, properties) FROM stdin;
01a22485-2f6e-7197-9f43-57c247b14ab0	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	fcea8c7c-83b0-5e7f-6306-ba08aa459a9a	2026-11-28 23:37:17.928455+00	2026-11-28 23:37:17.958201+00	\N	cart.line_added	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "1", "variant_id": "01a22485-2e72-71b9-aab3-a37ef443aee5"}
01a22485-2f44-75c0-87c8-8659c253f26d	01a22485-2f3e-75d9-a63e-786c633072bb	\N	\N	5201ea99-4d4c-cf3a-41ff-cb57ff6dcaad	2026-11-28 23:37:17.892621+00	2026-11-28 23:37:17.981057+00	6	page.view	gateway	default	ok		weekend-outside	01a22485-2f3f-7034-ab2d-7ee0c6ac0603	instagram		weekend					{}
01a22485-2f56-769d-9d9a-22f04dfa778d	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	4c2e3b81-1171-b743-8e5f-36e5cead1e15	2026-11-28 23:37:17.910136+00	2026-11-28 23:37:17.981057+00	7	product.view	gateway	default	ok		tidewater-ulmus-parka	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-2f81-726f-b568-284797231b67	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	fcea8c7c-83b0-5e7f-6306-ba08aa459a9a	2026-11-28 23:37:17.953727+00	2026-11-28 23:37:17.981057+00	39	cart.create	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-2f6e-7197-9f43-57c302835061	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	fcea8c7c-83b0-5e7f-6306-ba08aa459a9a	2026-11-28 23:37:17.928455+00	2026-11-28 23:37:18.067721+00	\N	cart.line_added	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "2", "variant_id": "01a22485-2e72-71b9-aab3-a37fed67fb4c"}
01a22485-3048-77fb-89e5-8cb6f798c2bb	\N	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	7584d0ea-72b5-f81c-b656-d7555c5d7b40	2026-11-28 23:37:18.150216+00	2026-11-28 23:37:18.158205+00	\N	email.sent	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a									{"topic": "reminders", "template": "confirm_reminders"}
01a22485-2fcc-71db-809b-4f572b592163	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	7584d0ea-72b5-f81c-b656-d7555c5d7b40	2026-11-28 23:37:18.028977+00	2026-11-28 23:37:18.222638+00	53	cart.save	gateway	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-30ef-77e9-92dd-77663238da64	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	696df5eb-91b7-868c-396a-c0694b583102	2026-11-28 23:37:18.319419+00	2026-11-29 00:38:58.479306+00	9	email.confirm	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-331b-721e-8d17-942125257099	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	7584d0ea-72b5-f81c-b656-d7555c5d7b40	2026-11-29 00:38:58.872309+00	2026-11-29 00:38:58.881401+00	\N	cart.abandoned	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"lines": "2", "currency": "EUR", "subtotal_minor": "81885"}
01a22485-368f-74de-84a3-6a6a0d8dcc16	\N	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	7584d0ea-72b5-f81c-b656-d7555c5d7b40	2026-11-29 01:40:39.757733+00	2026-11-29 01:40:39.767717+00	\N	email.sent	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a									{"topic": "reminders", "template": "cart_reminder"}
01a22485-3953-7146-a0d3-db054d21d886	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	7d76f319-271a-3779-a012-0c3a0f33f69d	2026-11-29 01:40:40.462273+00	2026-11-29 01:40:40.473999+00	\N	cart.restored	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3958-7619-9be5-3a8e039dc836	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	7d76f319-271a-3779-a012-0c3a0f33f69d	2026-11-29 01:40:40.472463+00	2026-11-29 01:40:40.535908+00	50	cart.restore	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3988-75b9-a1ff-e9da3f05879d	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	01a22485-3984-759a-af9b-1f12a0da2b2b	4bf64dfb-82fb-1283-cb08-5ad074b7f961	2026-11-29 01:40:40.514496+00	2026-11-29 01:40:40.543337+00	\N	account.registered	event	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-39ae-7341-90c5-f7420e41f7f9	01a22485-2f3e-75d9-a63e-786c633072bb	\N	\N	4bf64dfb-82fb-1283-cb08-5ad074b7f961	2026-11-29 01:40:40.558152+00	2026-11-29 01:40:40.607331+00	80	account.register	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-39a5-74d1-8c8a-1ed9e52ca48f	01a22485-2f3e-75d9-a63e-786c633072bb	01a22485-2f48-7611-bc9f-0f34ce18172f	01a22485-3984-759a-af9b-1f12a0da2b2b	4bf64dfb-82fb-1283-cb08-5ad074b7f961	2026-11-29 01:40:40.539698+00	2026-11-29 01:40:40.637508+00	\N	cart.merged	event	default	ok		01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3a07-77ea-9421-d48739c0fb00	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	4bf64dfb-82fb-1283-cb08-5ad074b7f961	2026-11-29 01:40:40.647057+00	2026-11-29 01:40:40.700879+00	\N	email.sent	event	default	ok											{"topic": "transactional", "template": "confirm_email"}
01a22485-3ac0-7367-a2a9-abb3d11da718	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	6ca3e357-8b19-15e6-23d3-1885424c8a1c	2026-11-29 01:40:40.832455+00	2026-11-29 01:40:40.837597+00	16	account.confirm	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3adf-73c4-8b99-d83467bd9ec4	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	76564ad7-9245-c54a-b686-4f352dfec758	2026-11-29 01:40:40.853299+00	2026-11-29 01:40:40.888853+00	\N	account.consent_changed	event	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"analytics": "True", "marketing": "True"}
01a22485-3aea-7294-b0e7-ae285b6736b6	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	76564ad7-9245-c54a-b686-4f352dfec758	2026-11-29 01:40:40.874595+00	2026-11-29 01:40:40.90456+00	31	account.consent	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3b1c-7073-a8c4-ef971c7c1333	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	6ca3e357-8b19-15e6-23d3-1885424c8a1c	2026-11-29 01:40:40.923244+00	2026-11-29 01:40:40.967611+00	\N	email.sent	event	default	ok											{"topic": "transactional", "template": "welcome"}
01a22485-3b2b-77fb-b3ed-603883b01dd1	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	be70b868-d7b7-6ff7-6e3e-d5d61f8462ce	2026-11-29 01:40:40.934427+00	2026-11-29 01:40:40.967611+00	\N	checkout.started	event	default	ok		01a22485-3b29-7751-8635-4ba0bef16429	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"cart_id": "01a22485-2f69-7588-ac99-beb45c79b52a"}
01a22485-3bc0-73b8-bcf6-9fcc12bf8df7	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	c0a1c02a-72b0-6669-951d-afef3355ef99	2026-11-29 01:40:41.084097+00	2026-11-29 01:40:41.09802+00	\N	order.placed	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a22485-3b32-755f-ae1f-e4346f7a4f33	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	be70b868-d7b7-6ff7-6e3e-d5d61f8462ce	2026-11-29 01:40:40.946193+00	2026-11-29 01:40:41.142165+00	67	checkout.start	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3b55-7507-a99e-7881321ab40c	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	88c34b58-6d04-e97b-b9d7-78cec2db176e	2026-11-29 01:40:40.981395+00	2026-11-29 01:40:41.142165+00	31	checkout.update	gateway	default	ok		01a22485-3b29-7751-8635-4ba0bef16429	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3b6f-7615-9bda-4a4c27b8afeb	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	2f323ade-e860-703f-02bc-4b2bf0749fe9	2026-11-29 01:40:41.007072+00	2026-11-29 01:40:41.142165+00	23	checkout.update	gateway	default	ok		01a22485-3b29-7751-8635-4ba0bef16429	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3bcb-7547-bf29-c5f1a341feb9	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	c0a1c02a-72b0-6669-951d-afef3355ef99	2026-11-29 01:40:41.099648+00	2026-11-29 01:40:41.142165+00	90	order.place	gateway	default	ok		01a22485-3b29-7751-8635-4ba0bef16429	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3bfa-769f-aaee-29a4e9771e6d	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	86b66634-678c-9eab-1b24-67d13fed28d1	2026-11-29 01:40:41.114311+00	2026-11-29 01:40:41.160467+00	\N	order.shipped	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2									{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a22485-3c1d-7741-aee3-edc959a4f7d1	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	16984a2a-b7db-6a5a-9122-2fca2b60d7b2	2026-11-29 01:40:41.158892+00	2026-11-29 01:40:41.221766+00	\N	order.delivered	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2									{"lines": "2", "currency": "EUR", "promotions": "first-order-10", "total_minor": "73697"}
01a22485-3c3b-73a2-a338-98c4b720e683	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	c0a1c02a-72b0-6669-951d-afef3355ef99	2026-11-29 01:40:41.209905+00	2026-11-29 01:40:41.221766+00	\N	email.sent	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2									{"topic": "transactional", "template": "order_confirmation"}
01a22485-3c71-72aa-a211-94c0e16655b4	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	86b66634-678c-9eab-1b24-67d13fed28d1	2026-11-29 01:40:41.264782+00	2026-11-29 01:40:41.279962+00	\N	email.sent	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2									{"topic": "transactional", "template": "order_shipped"}
01a22485-3ca3-7429-9375-bd1113118053	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	16984a2a-b7db-6a5a-9122-2fca2b60d7b2	2026-11-29 01:40:41.312759+00	2026-11-29 01:40:41.340259+00	\N	email.sent	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2									{"topic": "transactional", "template": "order_delivered"}
759d96e1-98fe-88f8-9599-4d8208b57348	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	ddb18097-e0b0-5487-a02f-d7246b7ccff2	2026-11-29 01:40:41.537937+00	2026-11-29 01:40:41.537937+00	\N	feedback.given	event	default	ok		01a22485-3b80-7100-b7d1-a96570c427c2									{"group": "promoter", "score": "9"}
01a22485-3d9d-7206-9976-aaf81d6bd727	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	1240d884-39cb-5b4b-fa46-c34b9840ea89	2026-11-29 01:40:41.560182+00	2026-11-29 01:40:41.570344+00	\N	cart.line_added	event	default	ok		01a22485-3d9b-72fa-9ff3-3f34eb9f9b81	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "1", "variant_id": "01a22485-2e72-71b9-aab3-a380ef400105"}
01a22485-3da5-76a0-8a07-40840a5285b4	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	1240d884-39cb-5b4b-fa46-c34b9840ea89	2026-11-29 01:40:41.573174+00	2026-11-29 01:40:41.600757+00	21	cart.create	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3df6-7524-91fc-2d380a268dd7	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	b8ab5b0a-ab3f-90b1-4f0d-70f694a94c18	2026-11-29 01:40:41.654964+00	2026-11-29 01:40:41.720225+00	22	checkout.update	gateway	default	ok		01a22485-3dbd-7729-ad32-978a245e8791	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3eae-7604-90d7-269573070d6b	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0f002b37-c850-5dd3-036e-347799c3b43e	2026-11-29 01:40:41.835408+00	2026-11-29 01:40:41.895382+00	\N	cart.line_added	event	default	ok		01a22485-3ead-774d-8a7c-f4991e9d726a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "3", "variant_id": "01a22485-2e72-71b9-aab3-a380ef400105"}
01a22485-3eae-7604-90d7-269602443e86	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0f002b37-c850-5dd3-036e-347799c3b43e	2026-11-29 01:40:41.835408+00	2026-11-29 01:40:41.895382+00	\N	cart.line_added	event	default	ok		01a22485-3ead-774d-8a7c-f4991e9d726a	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "1", "variant_id": "01a22485-2e72-71b9-aab3-a3814b38f664"}
01a22485-3ec7-73dd-b36c-769dd8d1a623	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	3a175260-69b2-71b6-4d42-874e6938603c	2026-11-29 01:40:41.862417+00	2026-11-29 01:40:41.895382+00	\N	checkout.started	event	default	ok		01a22485-3ec7-73dd-b36c-769b31ad1e6c	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"cart_id": "01a22485-3ead-774d-8a7c-f4991e9d726a"}
01a22485-3ece-755f-adca-eee808ff5a29	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	4db0a266-26d6-3cbf-964d-70da6510ecf3	2026-11-29 01:40:41.869058+00	2026-11-29 01:40:41.895382+00	\N	email.sent	event	default	ok		01a22485-3e0f-734b-b819-7f499a5caf61									{"topic": "transactional", "template": "order_shipped"}
01a22485-3f57-72ee-827b-6f9fb0828425	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	a26377ce-4893-3a26-cad1-4725b0ca385e	2026-11-29 01:40:42.006+00	2026-11-29 01:40:42.012002+00	\N	order.placed	event	default	ok		01a22485-3f15-72f3-b938-93a3e513b709	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"lines": "2", "currency": "EUR", "total_minor": "29980"}
01a22485-3f66-7408-8327-48ab3f115af6	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	a26377ce-4893-3a26-cad1-4725b0ca385e	2026-11-29 01:40:42.022064+00	2026-11-29 01:40:42.223342+00	99	order.place	gateway	default	ok		01a22485-3ec7-73dd-b36c-769b31ad1e6c	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3fa7-71cf-84b9-360022f908e7	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0faa50bc-b9e8-27bd-8e9b-9772d5ad3f8d	2026-11-29 01:40:42.087209+00	2026-11-29 01:40:42.223342+00	18	cart.create	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3fbb-70f6-8e43-f222ae7e7dd8	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	8c5b429c-bf09-10f9-8317-03d06407343e	2026-11-29 01:40:42.107494+00	2026-11-29 01:40:42.223342+00	18	checkout.start	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3fd7-76dc-ae54-69283c470e55	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	d84a58bc-f363-d5dd-ddf8-99c81c9deb28	2026-11-29 01:40:42.135081+00	2026-11-29 01:40:42.223342+00	25	checkout.update	gateway	default	ok		01a22485-3fb6-750e-b6f6-4d05d78f7cb5	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3fe6-73b6-b280-a89be45d30a0	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	7944b4bb-043c-673d-603d-bfe98a32fc77	2026-11-29 01:40:42.150822+00	2026-11-29 01:40:42.223342+00	14	checkout.update	gateway	default	ok		01a22485-3fb6-750e-b6f6-4d05d78f7cb5	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-402a-77ce-a9d1-4e371cfc2208	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	465c2f5f-c57b-55cb-1f4d-b359e0d7c5c1	2026-11-29 01:40:42.218236+00	2026-11-29 01:40:42.223342+00	65	order.place	gateway	default	ok		01a22485-3fb6-750e-b6f6-4d05d78f7cb5	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-408e-74cc-83ed-aaa3a42f4caf	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	44981b44-61f4-da29-2767-4cf66d9144b2	2026-11-29 01:40:42.314169+00	2026-11-29 01:40:42.365622+00	\N	order.cancelled	event	default	ok		01a22485-3ff7-76e9-a117-bbfe0b504981									{"lines": "1", "currency": "EUR", "total_minor": "10395"}
01a22485-40a9-7027-9d14-71626ca52cf6	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0d40deb6-a0c4-2157-6893-47739d121c26	2026-11-29 01:40:42.343718+00	2026-11-29 01:40:42.365622+00	\N	cart.line_added	event	default	ok		01a22485-40a8-7768-ae2a-dd0a1ea40d56	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "2", "variant_id": "01a22485-2e72-71b9-aab3-a3831bff1f6f"}
01a22485-3dbe-7204-93f3-5b511a2c4cd7	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	d9b51501-2b91-8f9a-171b-473e56825110	2026-11-29 01:40:41.595763+00	2026-11-29 01:40:41.638162+00	\N	checkout.started	event	default	ok		01a22485-3dbd-7729-ad32-978a245e8791	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"cart_id": "01a22485-3d9b-72fa-9ff3-3f34eb9f9b81"}
01a22485-3e52-73b2-83a5-6225b0ce6178	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	5e818cdf-184d-aa94-c171-274293016e84	2026-11-29 01:40:41.745881+00	2026-11-29 01:40:41.756509+00	\N	order.placed	event	default	ok		01a22485-3e0f-734b-b819-7f499a5caf61	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"lines": "1", "currency": "EUR", "total_minor": "7495"}
01a22485-3fa4-7642-b64f-29b5e48221ca	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0faa50bc-b9e8-27bd-8e9b-9772d5ad3f8d	2026-11-29 01:40:42.075965+00	2026-11-29 01:40:42.145476+00	\N	cart.line_added	event	default	ok		01a22485-3fa3-776b-94a2-e9a0d72916f3	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "1", "variant_id": "01a22485-2e72-71b9-aab3-a382a37b0cdb"}
01a22485-3fab-7721-a86e-00253fbe7bef	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	a26377ce-4893-3a26-cad1-4725b0ca385e	2026-11-29 01:40:42.085097+00	2026-11-29 01:40:42.145476+00	\N	email.sent	event	default	ok		01a22485-3f15-72f3-b938-93a3e513b709									{"topic": "transactional", "template": "order_confirmation"}
01a22485-3fb6-750e-b6f6-4d07434c76df	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	8c5b429c-bf09-10f9-8317-03d06407343e	2026-11-29 01:40:42.101453+00	2026-11-29 01:40:42.145476+00	\N	checkout.started	event	default	ok		01a22485-3fb6-750e-b6f6-4d05d78f7cb5	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"cart_id": "01a22485-3fa3-776b-94a2-e9a0d72916f3"}
01a22485-405f-7422-8794-105fa4a5aa0f	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	44981b44-61f4-da29-2767-4cf66d9144b2	2026-11-29 01:40:42.268873+00	2026-11-29 01:40:42.297137+00	\N	order.refunded	event	default	ok		01a22485-3ff7-76e9-a117-bbfe0b504981									{"currency": "EUR", "amount_minor": "10395"}
01a22485-405c-7618-8e43-8662b25c1570	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	465c2f5f-c57b-55cb-1f4d-b359e0d7c5c1	2026-11-29 01:40:42.267164+00	2026-11-29 01:40:42.297137+00	\N	email.sent	event	default	ok		01a22485-3ff7-76e9-a117-bbfe0b504981									{"topic": "transactional", "template": "order_confirmation"}
01a22485-3dc6-7140-8239-1404800c1d5f	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	d9b51501-2b91-8f9a-171b-473e56825110	2026-11-29 01:40:41.606378+00	2026-11-29 01:40:41.657523+00	30	checkout.start	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3dde-70be-b6e1-3c1f68252c44	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	7e222f92-0b34-6ece-4999-ba03e9a53aa2	2026-11-29 01:40:41.630913+00	2026-11-29 01:40:41.657523+00	19	checkout.update	gateway	default	ok		01a22485-3dbd-7729-ad32-978a245e8791	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3e84-73eb-bb2b-871dfcfac620	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	4db0a266-26d6-3cbf-964d-70da6510ecf3	2026-11-29 01:40:41.778796+00	2026-11-29 01:40:41.828942+00	\N	order.shipped	event	default	ok		01a22485-3e0f-734b-b819-7f499a5caf61									{"lines": "1", "currency": "EUR", "total_minor": "7495"}
01a22485-3e8f-743b-af50-80e7de668a28	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	5e818cdf-184d-aa94-c171-274293016e84	2026-11-29 01:40:41.798504+00	2026-11-29 01:40:41.828942+00	\N	email.sent	event	default	ok		01a22485-3e0f-734b-b819-7f499a5caf61									{"topic": "transactional", "template": "order_confirmation"}
01a22485-3e61-742f-9ea4-5264e7d68d11	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	5e818cdf-184d-aa94-c171-274293016e84	2026-11-29 01:40:41.760993+00	2026-11-29 01:40:41.955727+00	95	order.place	gateway	default	ok		01a22485-3dbd-7729-ad32-978a245e8791	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3eb5-70d9-ae09-209ce1e2d12a	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0f002b37-c850-5dd3-036e-347799c3b43e	2026-11-29 01:40:41.845249+00	2026-11-29 01:40:41.955727+00	28	cart.create	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3ec9-75ab-819e-84208fea7036	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	3a175260-69b2-71b6-4d42-874e6938603c	2026-11-29 01:40:41.865271+00	2026-11-29 01:40:41.955727+00	15	checkout.start	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3ee7-77f9-aea4-472a96f14106	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	7b8b8a06-741c-d0ac-12f6-4167f4df48e0	2026-11-29 01:40:41.895301+00	2026-11-29 01:40:41.955727+00	28	checkout.update	gateway	default	ok		01a22485-3ec7-73dd-b36c-769b31ad1e6c	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3f00-761f-8d42-1cc28cb6cece	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	c9396068-307f-0c8d-ae92-2f31334470e0	2026-11-29 01:40:41.92012+00	2026-11-29 01:40:41.955727+00	21	checkout.update	gateway	default	ok		01a22485-3ec7-73dd-b36c-769b31ad1e6c	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-4027-71d0-81b3-9da0862763a3	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	465c2f5f-c57b-55cb-1f4d-b359e0d7c5c1	2026-11-29 01:40:42.212257+00	2026-11-29 01:40:42.220664+00	\N	order.placed	event	default	ok		01a22485-3ff7-76e9-a117-bbfe0b504981	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"lines": "1", "currency": "EUR", "total_minor": "10395"}
01a22485-409a-7214-951d-1913c3a11123	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	44981b44-61f4-da29-2767-4cf66d9144b2	2026-11-29 01:40:42.330275+00	2026-11-29 01:40:42.482064+00	102	order.cancel	gateway	default	ok		01a22485-3ff7-76e9-a117-bbfe0b504981	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-40ac-706c-a9a2-0f26df1db828	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	0d40deb6-a0c4-2157-6893-47739d121c26	2026-11-29 01:40:42.348825+00	2026-11-29 01:40:42.482064+00	11	cart.create	gateway	default	ok			01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-40c6-72f6-95d9-85c6e3f18944	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	55c9946d-5521-1e8d-8ec1-0e26a50e575f	2026-11-29 01:40:42.374476+00	2026-11-29 01:40:42.482064+00	20	cart.add	gateway	default	ok		01a22485-40a8-7768-ae2a-dd0a1ea40d56	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{}
01a22485-3f88-76e3-bd0b-61b98ce7955d	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	41c32ee0-3182-0fe9-696e-88e94fc9a267	2026-11-29 01:40:42.044726+00	2026-11-29 01:40:42.07053+00	\N	order.refunded	event	default	ok		01a22485-3f15-72f3-b938-93a3e513b709									{"currency": "EUR", "amount_minor": "1000"}
01a22485-40c4-76f6-97dc-f5e1976b7742	01a22485-2f3e-75d9-a63e-786c633072bb	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	55c9946d-5521-1e8d-8ec1-0e26a50e575f	2026-11-29 01:40:42.371347+00	2026-11-29 01:40:42.435806+00	\N	cart.line_added	event	default	ok		01a22485-40a8-7768-ae2a-dd0a1ea40d56	01a22485-2f3f-7034-ab2d-7ee0c6ac0603								{"quantity": "1", "variant_id": "01a22485-2e72-71b9-aab3-a384bd7ee85d"}
01a22485-40da-7386-81d3-d750cd9a37d0	\N	\N	01a22485-3984-759a-af9b-1f12a0da2b2b	44981b44-61f4-da29-2767-4cf66d9144b2	2026-11-29 01:40:42.393435+00	2026-11-29 01:40:42.435806+00	\N	email.sent	event	default	ok		01a22485-3ff7-76e9-a117-bbfe0b504981									{"topic": "transactional", "template": "order_cancelled"}
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
