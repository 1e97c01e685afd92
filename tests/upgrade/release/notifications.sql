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
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alembic_version_chassis (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.attempt (
    mail_id uuid NOT NULL,
    number integer NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome text NOT NULL,
    code_class integer NOT NULL,
    CONSTRAINT attempt_outcome_check CHECK ((outcome = ANY (ARRAY['begun'::text, 'accepted'::text, 'refused_for_now'::text, 'refused_for_good'::text, 'in_doubt'::text])))
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
CREATE TABLE public.confirmed_address (
    email_digest text NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    CONSTRAINT confirmed_address_confirmed_by_check CHECK ((confirmed_by = ANY (ARRAY['account'::text, 'link'::text])))
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
CREATE TABLE public.mail (
    id uuid NOT NULL,
    dedupe_key text NOT NULL,
    template text NOT NULL,
    topic text NOT NULL,
    locale text NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    email_digest text NOT NULL,
    owner_id uuid,
    order_id uuid,
    cart_id uuid,
    variables jsonb NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL,
    unsubscribe_topic text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    tries integer NOT NULL,
    absences integer NOT NULL,
    version bigint NOT NULL,
    trace_id text NOT NULL,
    queued_at timestamp with time zone NOT NULL,
    driven_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    sent_at timestamp with time zone,
    erased_at timestamp with time zone,
    caused_at timestamp with time zone,
    CONSTRAINT mail_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'suppressed'::text]))),
    CONSTRAINT mail_topic_check CHECK ((topic = ANY (ARRAY['transactional'::text, 'reminders'::text, 'surveys'::text, 'marketing'::text])))
);
CREATE TABLE public.opt_in (
    email_digest text NOT NULL,
    token_digest text NOT NULL,
    asked_at timestamp with time zone NOT NULL
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
CREATE TABLE public.preference (
    email_digest text NOT NULL,
    topic text NOT NULL,
    is_wanted boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT preference_changed_by_check CHECK ((changed_by = ANY (ARRAY['customer'::text, 'link'::text]))),
    CONSTRAINT preference_topic_check CHECK ((topic = ANY (ARRAY['reminders'::text, 'surveys'::text, 'marketing'::text])))
);
CREATE TABLE public.skipped_row (
    loop text NOT NULL,
    key text NOT NULL,
    error text NOT NULL,
    times bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
);
CREATE TABLE public.subscriber (
    customer_id uuid NOT NULL,
    email_digest text NOT NULL,
    confirmed_at timestamp with time zone
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
COPY public.alembic_version (version_num) FROM stdin;
0003
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.attempt (mail_id, number, begun_at, ended_at, outcome, code_class) FROM stdin;
01a22485-3008-702c-8614-257e25a47570	1	2026-11-28 23:37:18.138534+00	2026-11-28 23:37:18.150216+00	accepted	2
01a22485-3655-7601-bb99-d6385fa6a760	1	2026-11-29 01:40:39.749287+00	2026-11-29 01:40:39.757733+00	accepted	2
01a22485-39e1-7214-a3da-471017bda5d3	1	2026-11-29 01:40:40.631371+00	2026-11-29 01:40:40.647057+00	accepted	2
01a22485-3acf-75e7-bcc4-ea50c4d76eee	1	2026-11-29 01:40:40.895468+00	2026-11-29 01:40:40.923244+00	accepted	2
01a22485-3bd4-71a9-9b08-ee8bb830a5ca	1	2026-11-29 01:40:41.197937+00	2026-11-29 01:40:41.209905+00	accepted	2
01a22485-3c27-7028-9587-031ca1037d3a	1	2026-11-29 01:40:41.240079+00	2026-11-29 01:40:41.264782+00	accepted	2
01a22485-3c67-7644-abc9-5cdfea955e30	1	2026-11-29 01:40:41.301636+00	2026-11-29 01:40:41.312759+00	accepted	2
01a22485-3e65-746a-b54c-365f9638ef53	1	2026-11-29 01:40:41.7838+00	2026-11-29 01:40:41.798504+00	accepted	2
01a22485-3ea2-7018-a6b4-143574b2ee23	1	2026-11-29 01:40:41.843518+00	2026-11-29 01:40:41.869058+00	accepted	2
01a22485-3f60-7254-9966-f5bde590b8d3	1	2026-11-29 01:40:42.072136+00	2026-11-29 01:40:42.085097+00	accepted	2
01a22485-4030-7393-a06e-04ca8de0f289	1	2026-11-29 01:40:42.253684+00	2026-11-29 01:40:42.267164+00	accepted	2
01a22485-40af-74f7-88bd-fde6cf182343	1	2026-11-29 01:40:42.383405+00	2026-11-29 01:40:42.393435+00	accepted	2
01a22485-4180-7726-8f7f-2fe4cbcb277a	1	2026-11-29 01:40:42.585467+00	2026-11-29 01:40:42.599271+00	accepted	2
01a22485-4321-71ea-bbc5-09220541577a	1	2026-11-29 01:40:43.004154+00	2026-11-29 01:40:43.018219+00	accepted	2
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
\.
COPY public.confirmed_address (email_digest, confirmed_by, confirmed_at) FROM stdin;
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	link	2026-11-28 23:37:18.314199+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
service:journey	sojourn.notifications.v1.NotificationService/Send	cart-reminder:01a22485-2f69-7588-ac99-beb45c79b52a:3	\\x29f439cce69eae1c91ea79ad2d22ba1573a83ebea244772f3b9257385cb4744b	\\x0a2430316132323438352d333635352d373630312d626239392d643633383566613661373630120d636172745f72656d696e6465721a0972656d696e646572732a1973e280a2e280a2e280a24065e280a2e280a2e280a22e636f6d32067175657565644a2430316132323438352d326634382d373631312d626339662d3066333463653138313732665a2430316132323438352d326636392d373538382d616339392d626562343563373962353261620764656661756c746801722037353834643065613732623566383163623635366437353535633564376234307a0c089785aed80610f898bfcd029201363c30316132323438352d333635352d373630312d626239392d64363338356661366137363040736f6a6f75726e2e6578616d706c653e	2026-11-28 23:37:19.700457+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a22485-2fc4-70fa-9ad2-0626f14df550	2026-11-28 23:37:18.068481+00
01a22485-3988-75b9-a1ff-e9da3f05879d	2026-11-28 23:37:20.545867+00
01a22485-398c-7579-8e0f-09cf972b4b04	2026-11-28 23:37:20.607955+00
01a22485-3abd-70b0-86e1-534d581d5ca9	2026-11-28 23:37:20.839008+00
01a22485-3bc0-73b8-bcf6-9fcc12bf8df7	2026-11-28 23:37:21.10005+00
01a22485-3bfa-769f-aaee-29a4e9771e6d	2026-11-28 23:37:21.18856+00
01a22485-3c1d-7741-aee3-edc959a4f7d1	2026-11-28 23:37:21.254052+00
01a22485-3e52-73b2-83a5-6225b0ce6178	2026-11-28 23:37:21.763184+00
01a22485-3e84-73eb-bb2b-871dfcfac620	2026-11-28 23:37:21.825449+00
01a22485-3f57-72ee-827b-6f9fb0828425	2026-11-28 23:37:22.013556+00
01a22485-4027-71d0-81b3-9da0862763a3	2026-11-28 23:37:22.221453+00
01a22485-408e-74cc-83ed-aaa3a42f4caf	2026-11-28 23:37:22.3448+00
01a22485-413f-769d-a8b1-0a827c86071a	2026-11-28 23:37:22.504203+00
01a22485-4140-743e-a10d-b1ed6398f4e5	2026-11-28 23:37:22.559578+00
01a22485-4311-727d-b53a-cb45818b1749	2026-11-28 23:37:22.975617+00
\.
COPY public.mail (id, dedupe_key, template, topic, locale, channel, recipient, email_digest, owner_id, order_id, cart_id, variables, subject, body_text, body_html, unsubscribe_topic, state, reason, tries, absences, version, trace_id, queued_at, driven_at, expires_at, sent_at, erased_at, caused_at) FROM stdin;
01a22485-39e1-7214-a3da-471017bda5d3	confirm-email:8779ba5068fb23debeefadd5fa497166	confirm_email	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	\N	{"token": "r7X35EVhjANg6fARE2ZQ3qHktlqGhzIPWThFPpQFIm0"}	Confirm your address for Sojourn	Hello,\n\nsomebody made an account at Sojourn with this e-mail address. If it was\nyou, confirm that the address is yours:\n\nhttp://127.0.0.1:25009/account/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_email#token=r7X35EVhjANg6fARE2ZQ3qHktlqGhzIPWThFPpQFIm0\n\nIf it was not you, do nothing: without this confirmation the address belongs to\nno account.\n\n--\nSojourn\n	<p>Confirm your address for Sojourn</p>		sent		1	0	3	4bf64dfb82fb1283cb085ad074b7f961	2026-11-29 01:40:40.60373+00	2026-11-29 01:40:40.60373+00	\N	2026-11-29 01:40:40.647057+00	\N	\N
01a22485-3ea2-7018-a6b4-143574b2ee23	order-shipped:01a22485-3e0f-734b-b819-7f499a5caf61:01a22485-3e79-71d6-afbd-0c3799fc759e	order_shipped	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3e0f-734b-b819-7f499a5caf61	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": null, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100002", "carrier": "DHL", "first_name": "Sarah", "tracking_url": "", "tracking_number": "00340434161094042557"}	Your order S-100002 is on its way	Hello Sarah,\n\nthis part of your order S-100002 has left our warehouse:\n\n  1 × Boreal Long-Sleeve Shirt (Size: XS)\n\nCarrier: DHL\nTracking number: 00340434161094042557\n\n--\nSojourn\n	<p>Your order S-100002 is on its way</p>		sent		1	0	3	4db0a26626d63cbf964d70da6510ecf3	2026-11-29 01:40:41.824579+00	2026-11-29 01:40:41.824579+00	\N	2026-11-29 01:40:41.869058+00	\N	\N
01a22485-3c27-7028-9587-031ca1037d3a	order-shipped:01a22485-3b80-7100-b7d1-a96570c427c2:01a22485-3be6-735b-afe1-6133f76ba4dc	order_shipped	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3b80-7100-b7d1-a96570c427c2	\N	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "carrier": "DHL", "first_name": "Sarah", "tracking_url": "", "tracking_number": "00340434161094042557"}	Your order S-100001 is on its way	Hello Sarah,\n\nthis part of your order S-100001 has left our warehouse:\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)\n  2 × Ulmus Parka (Colour: Coral, Size: S)\n\nCarrier: DHL\nTracking number: 00340434161094042557\n\n--\nSojourn\n	<p>Your order S-100001 is on its way</p>		sent		1	0	3	86b66634678c9eab1b2467d13fed28d1	2026-11-29 01:40:41.185247+00	2026-11-29 01:40:41.185247+00	\N	2026-11-29 01:40:41.264782+00	\N	\N
01a22485-3c67-7644-abc9-5cdfea955e30	order-delivered:01a22485-3b80-7100-b7d1-a96570c427c2:01a22485-3be6-735b-afe1-6133f76ba4dc	order_delivered	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3b80-7100-b7d1-a96570c427c2	\N	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "first_name": "Sarah", "asks_survey": true}	Your order S-100001 has arrived	Hello Sarah,\n\nthis part of your order S-100001 was delivered:\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)\n  2 × Ulmus Parka (Colour: Coral, Size: S)\n\nHow likely are you to recommend us to a friend, from 0 (not at all) to\n10 (very likely)? One click answers it:\nhttp://127.0.0.1:25009/survey?utm_source=sojourn&utm_medium=email&utm_campaign=order_delivered#token=AaIkhTuAcQC30allcMQnwgGiJIU5hHWar5sfEqDaKyvI5LA0gEFLgirYKuQA86CMOnA4d6oxZ1FgYv72GaEJ1A\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:25009/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD35610fF21YBX3W6X8mjqngXpSWlMfvLiOJPiCOKJTrhYHw.surveys\n	<p>Your order S-100001 has arrived</p>	surveys	sent		1	0	3	16984a2ab7db6a5a91222fca2b60d7b2	2026-11-29 01:40:41.2513+00	2026-11-29 01:40:41.2513+00	\N	2026-11-29 01:40:41.312759+00	\N	\N
01a22485-4030-7393-a06e-04ca8de0f289	order-confirmation:01a22485-3ff7-76e9-a117-bbfe0b504981	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3ff7-76e9-a117-bbfe0b504981	\N	{"lines": [{"title": "Arête Running Shorts", "total": {"currency": "EUR", "amount_minor": 10395}, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100004", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 10395}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 1660}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 10395}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100004 is confirmed	Hello Sarah,\n\nthank you for your order S-100004 of November 29, 2026.\n\n  1 × Arête Running Shorts (Size: XS)  €103.95\n\n  Subtotal: €103.95\n  Delivery: €0.00\n  included: €16.60\n  Total: €103.95\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100004 is confirmed</p>		sent		1	0	3	465c2f5fc57b55cb1f4db359e0d7c5c1	2026-11-29 01:40:42.219594+00	2026-11-29 01:40:42.219594+00	\N	2026-11-29 01:40:42.267164+00	\N	2026-11-29 01:40:42.212257+00
01a22485-40af-74f7-88bd-fde6cf182343	order-cancelled:01a22485-3ff7-76e9-a117-bbfe0b504981	order_cancelled	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3ff7-76e9-a117-bbfe0b504981	\N	{"lines": [{"title": "Arête Running Shorts", "total": null, "options": "Size: XS", "quantity": 1, "image_url": ""}], "total": {"currency": "EUR", "amount_minor": 10395}, "number": "S-100004", "first_name": "Sarah"}	Your order S-100004 was cancelled	Hello Sarah,\n\nyour order S-100004 was cancelled. What you paid (€103.95)\ngoes back to the payment method that you used; that may take a few days.\n\n  1 × Arête Running Shorts (Size: XS)\n\n--\nSojourn\n	<p>Your order S-100004 was cancelled</p>		sent		1	0	3	44981b4461f4da2927674cf66d9144b2	2026-11-29 01:40:42.343234+00	2026-11-29 01:40:42.343234+00	\N	2026-11-29 01:40:42.393435+00	\N	\N
01a22485-3008-702c-8614-257e25a47570	confirm-reminders:1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e:2026-11-28T23:37:18.062396+00:00	confirm_reminders	reminders		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	01a22485-2f69-7588-ac99-beb45c79b52a	{"token": "CKsZNRhC1sO07t1ajI3cunqTf3q28bMf-Jn_qCFudmM"}	May Sojourn remind you?	Hello,\n\nsomebody saved a cart at Sojourn and asked us to remind them of it at this\ne-mail address. If it was you, tell us that we may write:\n\nhttp://127.0.0.1:25009/subscriptions/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_reminders#token=CKsZNRhC1sO07t1ajI3cunqTf3q28bMf-Jn_qCFudmM\n\nIf it was not you, do nothing: we write nothing else.\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:25009/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD357t8k9pKF4Cn6dxlKoOcrQ0uyfc4vj8gjGSwM2i4QzC0w.reminders\n	<p>May Sojourn remind you?</p>	reminders	sent		1	0	3	7584d0ea72b5f81cb656d7555c5d7b40	2026-11-28 23:37:18.062396+00	2026-11-28 23:37:18.062396+00	2026-12-05 23:37:18.062396+00	2026-11-28 23:37:18.150216+00	\N	\N
01a22485-3655-7601-bb99-d6385fa6a760	service:journey:cart-reminder:01a22485-2f69-7588-ac99-beb45c79b52a:3	cart_reminder	reminders		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-2f48-7611-bc9f-0f34ce18172f	\N	01a22485-2f69-7588-ac99-beb45c79b52a	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Coral, XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Coral, S", "quantity": 2, "image_url": ""}], "subtotal": null, "first_name": "", "restore_token": "AaIkhS9pdYismb60XHm1KhyXepXn-ONkLRYlYzTMvbEThkLnH8UJdN2ofRG_vmk6"}	Your cart at Sojourn is waiting	Hello,\n\nyou left something in your cart. We kept it for you:\n\n  1 × Ulmus Parka (Coral, XS)\n  2 × Ulmus Parka (Coral, S)\n\nGo on where you left off:\nhttp://127.0.0.1:25009/cart/restore?utm_source=sojourn&utm_medium=email&utm_campaign=cart_reminder#token=AaIkhS9pdYismb60XHm1KhyXepXn-ONkLRYlYzTMvbEThkLnH8UJdN2ofRG_vmk6\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:25009/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD357t8k9pKF4Cn6dxlKoOcrQ0uyfc4vj8gjGSwM2i4QzC0w.reminders\n	<p>Your cart at Sojourn is waiting</p>	reminders	sent		1	0	3	7584d0ea72b5f81cb656d7555c5d7b40	2026-11-29 01:40:39.699387+00	2026-11-29 01:40:39.699387+00	2026-11-30 01:40:39.688667+00	2026-11-29 01:40:39.757733+00	\N	\N
01a22485-3acf-75e7-bcc4-ea50c4d76eee	welcome:01a22485-3984-759a-af9b-1f12a0da2b2b	welcome	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	\N	{"first_name": "Sarah"}	Welcome to Sojourn	Hello Sarah,\n\nyour account is ready. You can now see your orders, keep your addresses and\ncome back to your cart on any device.\n\nhttp://127.0.0.1:25009/?utm_source=sojourn&utm_medium=email&utm_campaign=welcome\n\n--\nSojourn\n	<p>Welcome to Sojourn</p>		sent		1	0	3	6ca3e3578b1915e623d31885424c8a1c	2026-11-29 01:40:40.836253+00	2026-11-29 01:40:40.836253+00	\N	2026-11-29 01:40:40.923244+00	\N	\N
01a22485-4180-7726-8f7f-2fe4cbcb277a	confirm-email:68df47923e5601f375346e815501ede3	confirm_email	transactional		default	tom@example.com	72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	01a22485-413e-74e4-9db5-fe3119f6ad1b	\N	\N	{"token": "RZ_DRShzJge4inrE4KBab2C-XHHHjGart_evZVf3Ocw"}	Confirm your address for Sojourn	Hello,\n\nsomebody made an account at Sojourn with this e-mail address. If it was\nyou, confirm that the address is yours:\n\nhttp://127.0.0.1:25009/account/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_email#token=RZ_DRShzJge4inrE4KBab2C-XHHHjGart_evZVf3Ocw\n\nIf it was not you, do nothing: without this confirmation the address belongs to\nno account.\n\n--\nSojourn\n	<p>Confirm your address for Sojourn</p>		sent		1	0	3	1261b7134bf8fe17e48d1eb5364cb9a6	2026-11-29 01:40:42.558993+00	2026-11-29 01:40:42.558993+00	\N	2026-11-29 01:40:42.599271+00	\N	\N
01a22485-4321-71ea-bbc5-09220541577a	order-confirmation:01a22485-42f0-704e-87ce-c425a58043c6	order_confirmation	transactional		default	lee@example.com	556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	01a22485-4285-7594-871c-25016c8a6db1	01a22485-42f0-704e-87ce-c425a58043c6	\N	{"lines": [{"title": "Juniper Sandals", "total": {"currency": "EUR", "amount_minor": 28431}, "options": "Size: 38", "quantity": 2, "image_url": ""}], "number": "S-100006", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 31590}}, {"type": "discount", "label": "", "amount": {"currency": "EUR", "amount_minor": -3159}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 4539}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 28431}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100006 is confirmed	Hello,\n\nthank you for your order S-100006 of November 29, 2026.\n\n  2 × Juniper Sandals (Size: 38)  €284.31\n\n  Subtotal: €315.90\n  Discount: -€31.59\n  Delivery: €0.00\n  included: €45.39\n  Total: €284.31\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100006 is confirmed</p>		sent		1	0	3	140c0fb327458a7aa27d6062e6d33cf6	2026-11-29 01:40:42.970164+00	2026-11-29 01:40:42.970164+00	\N	2026-11-29 01:40:43.018219+00	\N	2026-11-29 01:40:42.96048+00
01a22485-3bd4-71a9-9b08-ee8bb830a5ca	order-confirmation:01a22485-3b80-7100-b7d1-a96570c427c2	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3b80-7100-b7d1-a96570c427c2	\N	{"lines": [{"title": "Ulmus Parka", "total": {"currency": "EUR", "amount_minor": 24566}, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": {"currency": "EUR", "amount_minor": 49131}, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 81885}}, {"type": "discount", "label": "", "amount": {"currency": "EUR", "amount_minor": -8188}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 11767}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 73697}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100001 is confirmed	Hello Sarah,\n\nthank you for your order S-100001 of November 29, 2026.\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)  €245.66\n  2 × Ulmus Parka (Colour: Coral, Size: S)  €491.31\n\n  Subtotal: €818.85\n  Discount: -€81.88\n  Delivery: €0.00\n  included: €117.67\n  Total: €736.97\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100001 is confirmed</p>		sent		1	0	3	c0a1c02a72b06669951dafef3355ef99	2026-11-29 01:40:41.097194+00	2026-11-29 01:40:41.097194+00	\N	2026-11-29 01:40:41.209905+00	\N	2026-11-29 01:40:41.084097+00
01a22485-3e65-746a-b54c-365f9638ef53	order-confirmation:01a22485-3e0f-734b-b819-7f499a5caf61	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3e0f-734b-b819-7f499a5caf61	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 7495}, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100002", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 7495}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 1197}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 7495}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100002 is confirmed	Hello Sarah,\n\nthank you for your order S-100002 of November 29, 2026.\n\n  1 × Boreal Long-Sleeve Shirt (Size: XS)  €74.95\n\n  Subtotal: €74.95\n  Delivery: €0.00\n  included: €11.97\n  Total: €74.95\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100002 is confirmed</p>		sent		1	0	3	5e818cdf184daa94c171274293016e84	2026-11-29 01:40:41.759608+00	2026-11-29 01:40:41.759608+00	\N	2026-11-29 01:40:41.798504+00	\N	2026-11-29 01:40:41.745881+00
01a22485-3f60-7254-9966-f5bde590b8d3	order-confirmation:01a22485-3f15-72f3-b938-93a3e513b709	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a22485-3984-759a-af9b-1f12a0da2b2b	01a22485-3f15-72f3-b938-93a3e513b709	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 22485}, "options": "Size: XS", "quantity": 3, "image_url": ""}, {"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 7495}, "options": "Size: S", "quantity": 1, "image_url": ""}], "number": "S-100003", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 29980}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 4787}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 29980}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100003 is confirmed	Hello Sarah,\n\nthank you for your order S-100003 of November 29, 2026.\n\n  3 × Boreal Long-Sleeve Shirt (Size: XS)  €224.85\n  1 × Boreal Long-Sleeve Shirt (Size: S)  €74.95\n\n  Subtotal: €299.80\n  Delivery: €0.00\n  included: €47.87\n  Total: €299.80\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100003 is confirmed</p>		sent		1	0	3	a26377ce48933a26cad14725b0ca385e	2026-11-29 01:40:42.012653+00	2026-11-29 01:40:42.012653+00	\N	2026-11-29 01:40:42.085097+00	\N	2026-11-29 01:40:42.006+00
\.
COPY public.opt_in (email_digest, token_digest, asked_at) FROM stdin;
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	21ec1b5dbe2e3805298ff29514f9aa5bbc1d6acbd6633bb7a56968fed482d001	2026-11-28 23:37:18.062396+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.preference (email_digest, topic, is_wanted, changed_by, changed_at) FROM stdin;
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.subscriber (customer_id, email_digest, confirmed_at) FROM stdin;
01a22485-3984-759a-af9b-1f12a0da2b2b	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	2026-11-29 01:40:40.836253+00
01a22485-413e-74e4-9db5-fe3119f6ad1b	72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	\N
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
\.
SELECT pg_catalog.setval('public.outbox_id_seq', 14, true);
ALTER TABLE ONLY public.alembic_version_chassis
    ADD CONSTRAINT alembic_version_chassis_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (mail_id, number);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.confirmed_address
    ADD CONSTRAINT confirmed_address_pkey PRIMARY KEY (email_digest);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (caller, method, key);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_dedupe_key_key UNIQUE (dedupe_key);
ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.opt_in
    ADD CONSTRAINT opt_in_pkey PRIMARY KEY (email_digest);
ALTER TABLE ONLY public.opt_in
    ADD CONSTRAINT opt_in_token_digest_key UNIQUE (token_digest);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.preference
    ADD CONSTRAINT preference_pkey PRIMARY KEY (email_digest, topic);
ALTER TABLE ONLY public.skipped_row
    ADD CONSTRAINT skipped_row_pkey PRIMARY KEY (loop, key);
ALTER TABLE ONLY public.subscriber
    ADD CONSTRAINT subscriber_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_kind_key_key UNIQUE (kind, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (id);
CREATE INDEX audit_subject ON public.audit USING btree (subject, at);
CREATE INDEX idempotency_created_at ON public.idempotency USING btree (created_at);
CREATE INDEX inbox_handled_at ON public.inbox USING btree (handled_at);
CREATE INDEX mail_email_digest ON public.mail USING btree (email_digest, queued_at);
CREATE INDEX mail_order_id ON public.mail USING btree (order_id, id) WHERE (order_id IS NOT NULL);
CREATE INDEX mail_owner_id ON public.mail USING btree (owner_id, id) WHERE (owner_id IS NOT NULL);
CREATE INDEX mail_queued_at ON public.mail USING btree (queued_at) WHERE (erased_at IS NULL);
CREATE INDEX mail_state ON public.mail USING btree (state, id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'failed'::text]));
CREATE INDEX opt_in_asked_at ON public.opt_in USING btree (asked_at);
CREATE INDEX skipped_row_last_at ON public.skipped_row USING btree (last_at);
CREATE INDEX timer_due_at ON public.timer USING btree (due_at);
ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_mail_id_fkey FOREIGN KEY (mail_id) REFERENCES public.mail(id) ON DELETE CASCADE;
