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
01a2248d-b318-7120-a04a-199e9b4867ac	1	2026-11-28 23:46:36.128289+00	2026-11-28 23:46:36.175819+00	accepted	2
01a2248d-bbb8-764d-9ce3-3e7a66dc3649	1	2026-11-29 01:49:58.162435+00	2026-11-29 01:49:58.169577+00	accepted	2
01a2248d-bf5e-7623-a3c4-2027b768a9a1	1	2026-11-29 01:49:59.129882+00	2026-11-29 01:49:59.168311+00	accepted	2
01a2248d-c0a4-76b2-80ac-c0839e2d9fad	1	2026-11-29 01:49:59.417191+00	2026-11-29 01:49:59.44485+00	accepted	2
01a2248d-c265-70e0-a504-ca01eeebf4be	1	2026-11-29 01:50:00.034379+00	2026-11-29 01:50:00.136753+00	accepted	2
01a2248d-c2ee-7224-ae5e-7315bd17c452	1	2026-11-29 01:50:00.229724+00	2026-11-29 01:50:00.245085+00	accepted	2
01a2248d-c2f4-7147-98d6-450b72f7933e	1	2026-11-29 01:50:00.231974+00	2026-11-29 01:50:00.261831+00	accepted	2
01a2248d-c7e7-77db-8f44-c22e1b7afac6	1	2026-11-29 01:50:01.346325+00	2026-11-29 01:50:01.395354+00	accepted	2
01a2248d-c85a-765a-93e3-2ed877bb1c4c	1	2026-11-29 01:50:01.450708+00	2026-11-29 01:50:01.473749+00	accepted	2
01a2248d-c983-74d9-aac9-e0e30bb06607	1	2026-11-29 01:50:01.699774+00	2026-11-29 01:50:01.719261+00	accepted	2
01a2248d-cb8d-7650-9236-2e49339bac2e	1	2026-11-29 01:50:02.226954+00	2026-11-29 01:50:02.278113+00	accepted	2
01a2248d-cc1a-76cd-bbda-23d99eba9c75	1	2026-11-29 01:50:02.391655+00	2026-11-29 01:50:02.428035+00	accepted	2
01a2248d-ce1e-75a2-9a84-8a44363912f3	1	2026-11-29 01:50:02.867825+00	2026-11-29 01:50:02.878126+00	accepted	2
01a2248d-d247-7526-8644-335e6f3e4833	1	2026-11-29 01:50:03.989695+00	2026-11-29 01:50:04.033705+00	accepted	2
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
\.
COPY public.confirmed_address (email_digest, confirmed_by, confirmed_at) FROM stdin;
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	link	2026-11-28 23:46:36.453822+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
service:journey	sojourn.notifications.v1.NotificationService/Send	cart-reminder:01a2248d-b1e8-729d-b508-10d2bd71f801:3	\\x4aefb34b8176de4e6343b9eb025dc50cc622f0369f756e5099c953d9f083ce62	\\x0a2430316132323438642d626262382d373634642d396365332d336537613636646333363439120d636172745f72656d696e6465721a0972656d696e646572732a1973e280a2e280a2e280a24065e280a2e280a2e280a22e636f6d32067175657565644a2430316132323438642d623134642d373565382d393731302d3766666666306537313863395a2430316132323438642d623165382d373239642d623530382d313064326264373166383031620764656661756c746801722036383331343034323335343139383836383561376430656132633761373863337a0b08c689aed80610e0eee13f9201363c30316132323438642d626262382d373634642d396365332d33653761363664633336343940736f6a6f75726e2e6578616d706c653e	2026-11-28 23:46:38.135609+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a2248d-b2b2-7785-bb1f-ab802d377a8f	2026-11-28 23:46:35.891514+00
01a2248d-be6c-74cd-8dd8-4a92fc4f50e6	2026-11-28 23:46:38.982327+00
01a2248d-bebf-773a-858e-78eb44b5fca4	2026-11-28 23:46:39.064074+00
01a2248d-c085-709c-9043-bcdc2f51ef44	2026-11-28 23:46:39.388628+00
01a2248d-c243-765a-ac23-d232e96b71a8	2026-11-28 23:46:39.833159+00
01a2248d-c27c-7558-9a0a-9a4940c85aab	2026-11-28 23:46:39.981526+00
01a2248d-c2b5-7370-af36-f6c60c6813c9	2026-11-28 23:46:39.981583+00
01a2248d-c7de-7702-9294-8ca71efa9b24	2026-11-28 23:46:41.254437+00
01a2248d-c83c-7296-98cb-6821e5b759b2	2026-11-28 23:46:41.363318+00
01a2248d-c970-71fa-ac43-7325e9724a6f	2026-11-28 23:46:41.664625+00
01a2248d-cb74-74cd-a182-224c7789ee43	2026-11-28 23:46:42.18686+00
01a2248d-cc16-70cf-8668-2d5fb2335126	2026-11-28 23:46:42.329901+00
01a2248d-cdbd-722d-a5e4-18c94a0da05e	2026-11-28 23:46:42.777544+00
01a2248d-cdc6-75e5-9879-3f1cb75d14bb	2026-11-28 23:46:42.843365+00
01a2248d-d22f-7501-8275-6125a52c20fc	2026-11-28 23:46:43.907445+00
\.
COPY public.mail (id, dedupe_key, template, topic, locale, channel, recipient, email_digest, owner_id, order_id, cart_id, variables, subject, body_text, body_html, unsubscribe_topic, state, reason, tries, absences, version, trace_id, queued_at, driven_at, expires_at, sent_at, erased_at, caused_at) FROM stdin;
01a2248d-b318-7120-a04a-199e9b4867ac	confirm-reminders:1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e:2026-11-28T23:46:35.883791+00:00	confirm_reminders	reminders		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	01a2248d-b1e8-729d-b508-10d2bd71f801	{"token": "TZDX9NvbDjnCS1w9RbPVkle4rTnpIVS2423ttspqzl8"}	May Sojourn remind you?	Hello,\n\nsomebody saved a cart at Sojourn and asked us to remind them of it at this\ne-mail address. If it was you, tell us that we may write:\n\nhttp://127.0.0.1:26556/subscriptions/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_reminders#token=TZDX9NvbDjnCS1w9RbPVkle4rTnpIVS2423ttspqzl8\n\nIf it was not you, do nothing: we write nothing else.\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:26556/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD357t8k9pKF4Cn6dxlKoOcrQ0uyfc4vj8gjGSwM2i4QzC0w.reminders\n	<p>May Sojourn remind you?</p>	reminders	sent		1	0	3	683140423541988685a7d0ea2c7a78c3	2026-11-28 23:46:35.883791+00	2026-11-28 23:46:35.883791+00	2026-12-05 23:46:35.883791+00	2026-11-28 23:46:36.175819+00	\N	\N
01a2248d-bbb8-764d-9ce3-3e7a66dc3649	service:journey:cart-reminder:01a2248d-b1e8-729d-b508-10d2bd71f801:3	cart_reminder	reminders		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-b14d-75e8-9710-7ffff0e718c9	\N	01a2248d-b1e8-729d-b508-10d2bd71f801	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Coral, XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Coral, S", "quantity": 2, "image_url": ""}], "subtotal": null, "first_name": "", "restore_token": "AaIkjbHocp21CBDSvXH4AXmJX5cdHoZntMnBbVwgBEi7zux_U-LW5FT4x5Eok2XU"}	Your cart at Sojourn is waiting	Hello,\n\nyou left something in your cart. We kept it for you:\n\n  1 × Ulmus Parka (Coral, XS)\n  2 × Ulmus Parka (Coral, S)\n\nGo on where you left off:\nhttp://127.0.0.1:26556/cart/restore?utm_source=sojourn&utm_medium=email&utm_campaign=cart_reminder#token=AaIkjbHocp21CBDSvXH4AXmJX5cdHoZntMnBbVwgBEi7zux_U-LW5FT4x5Eok2XU\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:26556/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD357t8k9pKF4Cn6dxlKoOcrQ0uyfc4vj8gjGSwM2i4QzC0w.reminders\n	<p>Your cart at Sojourn is waiting</p>	reminders	sent		1	0	3	683140423541988685a7d0ea2c7a78c3	2026-11-29 01:49:58.133724+00	2026-11-29 01:49:58.133724+00	2026-11-30 01:49:58.11912+00	2026-11-29 01:49:58.169577+00	\N	\N
01a2248d-c0a4-76b2-80ac-c0839e2d9fad	welcome:01a2248d-be5d-7756-b401-444dca26ae1d	welcome	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	\N	\N	{"first_name": "Sarah"}	Welcome to Sojourn	Hello Sarah,\n\nyour account is ready. You can now see your orders, keep your addresses and\ncome back to your cart on any device.\n\nhttp://127.0.0.1:26556/?utm_source=sojourn&utm_medium=email&utm_campaign=welcome\n\n--\nSojourn\n	<p>Welcome to Sojourn</p>		sent		1	0	3	33f0f1eafe804e8f01f3896f130872bd	2026-11-29 01:49:59.374915+00	2026-11-29 01:49:59.374915+00	\N	2026-11-29 01:49:59.44485+00	\N	\N
01a2248d-c265-70e0-a504-ca01eeebf4be	order-confirmation:01a2248d-c150-72e4-b195-e57bf2565e65	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-c150-72e4-b195-e57bf2565e65	\N	{"lines": [{"title": "Ulmus Parka", "total": {"currency": "EUR", "amount_minor": 24566}, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": {"currency": "EUR", "amount_minor": 49131}, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 81885}}, {"type": "discount", "label": "", "amount": {"currency": "EUR", "amount_minor": -8188}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 11767}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 73697}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100001 is confirmed	Hello Sarah,\n\nthank you for your order S-100001 of November 29, 2026.\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)  €245.66\n  2 × Ulmus Parka (Colour: Coral, Size: S)  €491.31\n\n  Subtotal: €818.85\n  Discount: -€81.88\n  Delivery: €0.00\n  included: €117.67\n  Total: €736.97\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100001 is confirmed</p>		sent		1	0	3	74466b1222811a3c7b675d0c2a7d4969	2026-11-29 01:49:59.832076+00	2026-11-29 01:49:59.832076+00	\N	2026-11-29 01:50:00.136753+00	\N	2026-11-29 01:49:59.80783+00
01a2248d-c2ee-7224-ae5e-7315bd17c452	order-shipped:01a2248d-c150-72e4-b195-e57bf2565e65:01a2248d-c25e-77b5-b576-ec8442aa8851	order_shipped	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-c150-72e4-b195-e57bf2565e65	\N	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "carrier": "DHL", "first_name": "Sarah", "tracking_url": "", "tracking_number": "00340434161094042557"}	Your order S-100001 is on its way	Hello Sarah,\n\nthis part of your order S-100001 has left our warehouse:\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)\n  2 × Ulmus Parka (Colour: Coral, Size: S)\n\nCarrier: DHL\nTracking number: 00340434161094042557\n\n--\nSojourn\n	<p>Your order S-100001 is on its way</p>		sent		1	0	3	c5569f956fb48dcd37695a6804d96e22	2026-11-29 01:49:59.975836+00	2026-11-29 01:49:59.975836+00	\N	2026-11-29 01:50:00.245085+00	\N	\N
01a2248d-c2f4-7147-98d6-450b72f7933e	order-delivered:01a2248d-c150-72e4-b195-e57bf2565e65:01a2248d-c25e-77b5-b576-ec8442aa8851	order_delivered	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-c150-72e4-b195-e57bf2565e65	\N	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "first_name": "Sarah", "asks_survey": true}	Your order S-100001 has arrived	Hello Sarah,\n\nthis part of your order S-100001 was delivered:\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)\n  2 × Ulmus Parka (Colour: Coral, Size: S)\n\nHow likely are you to recommend us to a friend, from 0 (not at all) to\n10 (very likely)? One click answers it:\nhttp://127.0.0.1:26556/survey?utm_source=sojourn&utm_medium=email&utm_campaign=order_delivered#token=AaIkjcFQcuSxleV78lZeZQGiJI2-XXdWtAFETcomrh1ncsxWEgutPMCWlhZarYqP9dk7LJ7SEeC_lrb6T-KOdA\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:26556/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD35610fF21YBX3W6X8mjqngXpSWlMfvLiOJPiCOKJTrhYHw.surveys\n	<p>Your order S-100001 has arrived</p>	surveys	sent		1	0	3	5596983ffdf0319700be83923626224d	2026-11-29 01:49:59.975836+00	2026-11-29 01:49:59.975836+00	\N	2026-11-29 01:50:00.261831+00	\N	\N
01a2248d-c85a-765a-93e3-2ed877bb1c4c	order-shipped:01a2248d-c767-7675-9bb6-d0c22a32885a:01a2248d-c818-74a6-80ad-036eb4dc9fdb	order_shipped	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-c767-7675-9bb6-d0c22a32885a	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": null, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100002", "carrier": "DHL", "first_name": "Sarah", "tracking_url": "", "tracking_number": "00340434161094042557"}	Your order S-100002 is on its way	Hello Sarah,\n\nthis part of your order S-100002 has left our warehouse:\n\n  1 × Boreal Long-Sleeve Shirt (Size: XS)\n\nCarrier: DHL\nTracking number: 00340434161094042557\n\n--\nSojourn\n	<p>Your order S-100002 is on its way</p>		sent		1	0	3	abc54ed29c20a065215e3e6eca624bc4	2026-11-29 01:50:01.359468+00	2026-11-29 01:50:01.359468+00	\N	2026-11-29 01:50:01.473749+00	\N	\N
01a2248d-d247-7526-8644-335e6f3e4833	order-confirmation:01a2248d-d1db-746d-b160-63f5efc8e09e	order_confirmation	transactional		default	lee@example.com	556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	01a2248d-d0cd-7150-a494-a2d2a7fde587	01a2248d-d1db-746d-b160-63f5efc8e09e	\N	{"lines": [{"title": "Juniper Sandals", "total": {"currency": "EUR", "amount_minor": 28431}, "options": "Size: 38", "quantity": 2, "image_url": ""}], "number": "S-100006", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 31590}}, {"type": "discount", "label": "", "amount": {"currency": "EUR", "amount_minor": -3159}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 4539}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 28431}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100006 is confirmed	Hello,\n\nthank you for your order S-100006 of November 29, 2026.\n\n  2 × Juniper Sandals (Size: 38)  €284.31\n\n  Subtotal: €315.90\n  Discount: -€31.59\n  Delivery: €0.00\n  included: €45.39\n  Total: €284.31\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100006 is confirmed</p>		sent		1	0	3	f56181a5d3d6f3bc3bdd078ea5c62767	2026-11-29 01:50:03.90086+00	2026-11-29 01:50:03.90086+00	\N	2026-11-29 01:50:04.033705+00	\N	2026-11-29 01:50:03.886127+00
01a2248d-c7e7-77db-8f44-c22e1b7afac6	order-confirmation:01a2248d-c767-7675-9bb6-d0c22a32885a	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-c767-7675-9bb6-d0c22a32885a	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 7495}, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100002", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 7495}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 1197}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 7495}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100002 is confirmed	Hello Sarah,\n\nthank you for your order S-100002 of November 29, 2026.\n\n  1 × Boreal Long-Sleeve Shirt (Size: XS)  €74.95\n\n  Subtotal: €74.95\n  Delivery: €0.00\n  included: €11.97\n  Total: €74.95\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100002 is confirmed</p>		sent		1	0	3	86436f7e1173c01739b284cadf2f9412	2026-11-29 01:50:01.253532+00	2026-11-29 01:50:01.253532+00	\N	2026-11-29 01:50:01.395354+00	\N	2026-11-29 01:50:01.245134+00
01a2248d-cc1a-76cd-bbda-23d99eba9c75	order-cancelled:01a2248d-caf3-76ec-827f-d89045fdffd9	order_cancelled	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-caf3-76ec-827f-d89045fdffd9	\N	{"lines": [{"title": "Arête Running Shorts", "total": null, "options": "Size: XS", "quantity": 1, "image_url": ""}], "total": {"currency": "EUR", "amount_minor": 10395}, "number": "S-100004", "first_name": "Sarah"}	Your order S-100004 was cancelled	Hello Sarah,\n\nyour order S-100004 was cancelled. What you paid (€103.95)\ngoes back to the payment method that you used; that may take a few days.\n\n  1 × Arête Running Shorts (Size: XS)\n\n--\nSojourn\n	<p>Your order S-100004 was cancelled</p>		sent		1	0	3	aca6ab6aebd1cbe522c64d41e8a3ddf1	2026-11-29 01:50:02.329368+00	2026-11-29 01:50:02.329368+00	\N	2026-11-29 01:50:02.428035+00	\N	\N
01a2248d-ce1e-75a2-9a84-8a44363912f3	confirm-email:7b72b8aaebc10f69d3e5675449b398c1	confirm_email	transactional		default	tom@example.com	72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	01a2248d-cdb0-75c1-8856-b4c642db32a4	\N	\N	{"token": "pv42f3REXEjhk3F7_7IIUVFVpiA9wVHsrvHXjRuSdns"}	Confirm your address for Sojourn	Hello,\n\nsomebody made an account at Sojourn with this e-mail address. If it was\nyou, confirm that the address is yours:\n\nhttp://127.0.0.1:26556/account/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_email#token=pv42f3REXEjhk3F7_7IIUVFVpiA9wVHsrvHXjRuSdns\n\nIf it was not you, do nothing: without this confirmation the address belongs to\nno account.\n\n--\nSojourn\n	<p>Confirm your address for Sojourn</p>		sent		1	0	3	0d25c32d890d9266e0646cfdda8a1de1	2026-11-29 01:50:02.842102+00	2026-11-29 01:50:02.842102+00	\N	2026-11-29 01:50:02.878126+00	\N	\N
01a2248d-bf5e-7623-a3c4-2027b768a9a1	confirm-email:8532a56191be8a6e1ef4ad668eba5b73	confirm_email	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	\N	\N	{"token": "-hmAmgaJb5VBlruCR-7iizkGXgvdB_qVdNBENqDuarc"}	Confirm your address for Sojourn	Hello,\n\nsomebody made an account at Sojourn with this e-mail address. If it was\nyou, confirm that the address is yours:\n\nhttp://127.0.0.1:26556/account/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_email#token=-hmAmgaJb5VBlruCR-7iizkGXgvdB_qVdNBENqDuarc\n\nIf it was not you, do nothing: without this confirmation the address belongs to\nno account.\n\n--\nSojourn\n	<p>Confirm your address for Sojourn</p>		sent		1	0	3	287db2efde333063bce46a8a9af1a3ee	2026-11-29 01:49:59.061815+00	2026-11-29 01:49:59.061815+00	\N	2026-11-29 01:49:59.168311+00	\N	\N
01a2248d-c983-74d9-aac9-e0e30bb06607	order-confirmation:01a2248d-c916-7261-a005-ede911ff64e8	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-c916-7261-a005-ede911ff64e8	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 22485}, "options": "Size: XS", "quantity": 3, "image_url": ""}, {"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 7495}, "options": "Size: S", "quantity": 1, "image_url": ""}], "number": "S-100003", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 29980}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 4787}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 29980}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100003 is confirmed	Hello Sarah,\n\nthank you for your order S-100003 of November 29, 2026.\n\n  3 × Boreal Long-Sleeve Shirt (Size: XS)  €224.85\n  1 × Boreal Long-Sleeve Shirt (Size: S)  €74.95\n\n  Subtotal: €299.80\n  Delivery: €0.00\n  included: €47.87\n  Total: €299.80\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100003 is confirmed</p>		sent		1	0	3	9bf4528d4eb9e3166357f3a064d6d48e	2026-11-29 01:50:01.663905+00	2026-11-29 01:50:01.663905+00	\N	2026-11-29 01:50:01.719261+00	\N	2026-11-29 01:50:01.646482+00
01a2248d-cb8d-7650-9236-2e49339bac2e	order-confirmation:01a2248d-caf3-76ec-827f-d89045fdffd9	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248d-be5d-7756-b401-444dca26ae1d	01a2248d-caf3-76ec-827f-d89045fdffd9	\N	{"lines": [{"title": "Arête Running Shorts", "total": {"currency": "EUR", "amount_minor": 10395}, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100004", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 10395}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 1660}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 10395}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100004 is confirmed	Hello Sarah,\n\nthank you for your order S-100004 of November 29, 2026.\n\n  1 × Arête Running Shorts (Size: XS)  €103.95\n\n  Subtotal: €103.95\n  Delivery: €0.00\n  included: €16.60\n  Total: €103.95\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100004 is confirmed</p>		sent		1	0	3	66d9a596be1449644287a0bd84e0c019	2026-11-29 01:50:02.179323+00	2026-11-29 01:50:02.179323+00	\N	2026-11-29 01:50:02.278113+00	\N	2026-11-29 01:50:02.162954+00
\.
COPY public.opt_in (email_digest, token_digest, asked_at) FROM stdin;
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	f7e28bde94be97fdb22eb112f5430372e2e92ed7f70a4cf20de74e036ef88b4b	2026-11-28 23:46:35.883791+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.preference (email_digest, topic, is_wanted, changed_by, changed_at) FROM stdin;
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.subscriber (customer_id, email_digest, confirmed_at) FROM stdin;
01a2248d-be5d-7756-b401-444dca26ae1d	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	2026-11-29 01:49:59.374915+00
01a2248d-cdb0-75c1-8856-b4c642db32a4	72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	\N
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
