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
01a2248a-0ce9-76a8-90d2-c493cfd267ab	1	2026-11-28 23:42:36.831455+00	2026-11-28 23:42:36.843084+00	accepted	2
01a2248a-12ea-7744-ba36-e872cc0bcdb3	1	2026-11-29 01:45:58.341839+00	2026-11-29 01:45:58.357508+00	accepted	2
01a2248a-1685-77b0-9301-90220944040c	1	2026-11-29 01:45:59.276419+00	2026-11-29 01:45:59.29053+00	accepted	2
01a2248a-1779-72a5-af14-e7e32924a5b2	1	2026-11-29 01:45:59.516571+00	2026-11-29 01:45:59.538484+00	accepted	2
01a2248a-186f-7255-bb76-2a3931bc3f78	1	2026-11-29 01:45:59.786144+00	2026-11-29 01:45:59.796678+00	accepted	2
01a2248a-18af-711a-883e-2c53da194024	1	2026-11-29 01:45:59.824635+00	2026-11-29 01:45:59.845792+00	accepted	2
01a2248a-18ef-73bf-9a58-41b99ec09bfa	1	2026-11-29 01:45:59.874277+00	2026-11-29 01:45:59.885645+00	accepted	2
01a2248a-1ab7-7002-b594-7d1f6d544931	1	2026-11-29 01:46:00.349955+00	2026-11-29 01:46:00.365666+00	accepted	2
01a2248a-1af4-741d-a8c1-e30d7894ee64	1	2026-11-29 01:46:00.388184+00	2026-11-29 01:46:00.421797+00	accepted	2
01a2248a-1bb1-766a-bd88-9d4ded2b8066	1	2026-11-29 01:46:00.59391+00	2026-11-29 01:46:00.629545+00	accepted	2
01a2248a-1ccb-7544-a802-a531e6893048	1	2026-11-29 01:46:00.873391+00	2026-11-29 01:46:00.886316+00	accepted	2
01a2248a-1d0d-77b6-ae63-96514778bef6	1	2026-11-29 01:46:00.958928+00	2026-11-29 01:46:00.986706+00	accepted	2
01a2248a-1e22-739d-aaeb-d71bc0b58a96	1	2026-11-29 01:46:01.209932+00	2026-11-29 01:46:01.235442+00	accepted	2
01a2248a-205f-7231-964d-8444308b7a43	1	2026-11-29 01:46:01.791968+00	2026-11-29 01:46:01.800696+00	accepted	2
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
\.
COPY public.confirmed_address (email_digest, confirmed_by, confirmed_at) FROM stdin;
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	link	2026-11-28 23:42:36.94371+00
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
service:journey	sojourn.notifications.v1.NotificationService/Send	cart-reminder:01a2248a-0c63-70ea-9b80-07053fb60a34:3	\\x02da28616dcf2c95ca25417a056642dc690d4803004dd91b7bc011fd5c63f4af	\\x0a2430316132323438612d313265612d373734342d626133362d653837326363306263646233120d636172745f72656d696e6465721a0972656d696e646572732a1973e280a2e280a2e280a24065e280a2e280a2e280a22e636f6d32067175657565644a2430316132323438612d306334372d373037622d383266392d3761346132323038633936305a2430316132323438612d306336332d373065612d396238302d303730353366623630613334620764656661756c746801722032333761663533386237623931383861356561363565376339663130613839657a0c08d687aed80610d0e5c594019201363c30316132323438612d313265612d373734342d626133362d65383732636330626364623340736f6a6f75726e2e6578616d706c653e	2026-11-28 23:42:38.313198+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a2248a-0cbd-74c4-acb8-8eee02b88920	2026-11-28 23:42:36.767448+00
01a2248a-1624-7372-aeba-2ec31b839f35	2026-11-28 23:42:39.167434+00
01a2248a-1627-7145-a270-e0e3f5cab8c2	2026-11-28 23:42:39.236205+00
01a2248a-1768-73dc-bf79-a7a67d6b2a24	2026-11-28 23:42:39.472744+00
01a2248a-1865-706b-b456-f88c7da7cefb	2026-11-28 23:42:39.726004+00
01a2248a-1889-7165-b871-419d5be0b765	2026-11-28 23:42:39.788576+00
01a2248a-18b1-7655-8ab3-28d22f67fb24	2026-11-28 23:42:39.852651+00
01a2248a-1aa5-76eb-9feb-fd406a1711e5	2026-11-28 23:42:40.308682+00
01a2248a-1ae6-70a1-ac5a-69d4ada38633	2026-11-28 23:42:40.371858+00
01a2248a-1ba4-7123-9d16-35be6f52b091	2026-11-28 23:42:40.557187+00
01a2248a-1cc4-705c-bc4a-657cb2ace4dd	2026-11-28 23:42:40.841148+00
01a2248a-1d01-7143-aab4-a8c6993e42fb	2026-11-28 23:42:40.906478+00
01a2248a-1ddf-70c1-b3ec-57f1de03a1d8	2026-11-28 23:42:41.127998+00
01a2248a-1de2-7528-9f51-c6eb65d51874	2026-11-28 23:42:41.184687+00
01a2248a-2054-7639-a30b-8c14b8a7b779	2026-11-28 23:42:41.753678+00
\.
COPY public.mail (id, dedupe_key, template, topic, locale, channel, recipient, email_digest, owner_id, order_id, cart_id, variables, subject, body_text, body_html, unsubscribe_topic, state, reason, tries, absences, version, trace_id, queued_at, driven_at, expires_at, sent_at, erased_at, caused_at) FROM stdin;
01a2248a-0ce9-76a8-90d2-c493cfd267ab	confirm-reminders:1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e:2026-11-28T23:42:36.765132+00:00	confirm_reminders	reminders		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	01a2248a-0c63-70ea-9b80-07053fb60a34	{"token": "b7ZO6psongc3r3AV25GAsnD6un2k1SE8F0ShE5YsCK8"}	May Sojourn remind you?	Hello,\n\nsomebody saved a cart at Sojourn and asked us to remind them of it at this\ne-mail address. If it was you, tell us that we may write:\n\nhttp://127.0.0.1:31183/subscriptions/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_reminders#token=b7ZO6psongc3r3AV25GAsnD6un2k1SE8F0ShE5YsCK8\n\nIf it was not you, do nothing: we write nothing else.\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:31183/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD357t8k9pKF4Cn6dxlKoOcrQ0uyfc4vj8gjGSwM2i4QzC0w.reminders\n	<p>May Sojourn remind you?</p>	reminders	sent		1	0	3	237af538b7b9188a5ea65e7c9f10a89e	2026-11-28 23:42:36.765132+00	2026-11-28 23:42:36.765132+00	2026-12-05 23:42:36.765132+00	2026-11-28 23:42:36.843084+00	\N	\N
01a2248a-12ea-7744-ba36-e872cc0bcdb3	service:journey:cart-reminder:01a2248a-0c63-70ea-9b80-07053fb60a34:3	cart_reminder	reminders		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-0c47-707b-82f9-7a4a2208c960	\N	01a2248a-0c63-70ea-9b80-07053fb60a34	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Coral, XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Coral, S", "quantity": 2, "image_url": ""}], "subtotal": null, "first_name": "", "restore_token": "AaIkigxjcOqbgAcFP7YKNGtqIya2q9ucmfLLd-hk2h2iz2bJjo6ChaMxNtspvrq5"}	Your cart at Sojourn is waiting	Hello,\n\nyou left something in your cart. We kept it for you:\n\n  1 × Ulmus Parka (Coral, XS)\n  2 × Ulmus Parka (Coral, S)\n\nGo on where you left off:\nhttp://127.0.0.1:31183/cart/restore?utm_source=sojourn&utm_medium=email&utm_campaign=cart_reminder#token=AaIkigxjcOqbgAcFP7YKNGtqIya2q9ucmfLLd-hk2h2iz2bJjo6ChaMxNtspvrq5\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:31183/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD357t8k9pKF4Cn6dxlKoOcrQ0uyfc4vj8gjGSwM2i4QzC0w.reminders\n	<p>Your cart at Sojourn is waiting</p>	reminders	sent		1	0	3	237af538b7b9188a5ea65e7c9f10a89e	2026-11-29 01:45:58.311522+00	2026-11-29 01:45:58.311522+00	2026-11-30 01:45:58.295992+00	2026-11-29 01:45:58.357508+00	\N	\N
01a2248a-1bb1-766a-bd88-9d4ded2b8066	order-confirmation:01a2248a-1b6f-757d-a3cf-43fec2a96e65	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-1b6f-757d-a3cf-43fec2a96e65	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 22485}, "options": "Size: XS", "quantity": 3, "image_url": ""}, {"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 7495}, "options": "Size: S", "quantity": 1, "image_url": ""}], "number": "S-100003", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 29980}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 4787}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 29980}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100003 is confirmed	Hello Sarah,\n\nthank you for your order S-100003 of November 29, 2026.\n\n  3 × Boreal Long-Sleeve Shirt (Size: XS)  €224.85\n  1 × Boreal Long-Sleeve Shirt (Size: S)  €74.95\n\n  Subtotal: €299.80\n  Delivery: €0.00\n  included: €47.87\n  Total: €299.80\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100003 is confirmed</p>		sent		1	0	3	687e1262c12cd081a43d171b1da7f458	2026-11-29 01:46:00.554568+00	2026-11-29 01:46:00.554568+00	\N	2026-11-29 01:46:00.629545+00	\N	2026-11-29 01:46:00.542726+00
01a2248a-1685-77b0-9301-90220944040c	confirm-email:39757153e2e24d55de50bbd998fb8efc	confirm_email	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	\N	{"token": "VllK9BzT3pkHS7xRr1H2j3pZt5Zvv2DAM7KeGssYxA8"}	Confirm your address for Sojourn	Hello,\n\nsomebody made an account at Sojourn with this e-mail address. If it was\nyou, confirm that the address is yours:\n\nhttp://127.0.0.1:31183/account/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_email#token=VllK9BzT3pkHS7xRr1H2j3pZt5Zvv2DAM7KeGssYxA8\n\nIf it was not you, do nothing: without this confirmation the address belongs to\nno account.\n\n--\nSojourn\n	<p>Confirm your address for Sojourn</p>		sent		1	0	3	80d85eb3137312574d5a08de9c8a9213	2026-11-29 01:45:59.233911+00	2026-11-29 01:45:59.233911+00	\N	2026-11-29 01:45:59.29053+00	\N	\N
01a2248a-1779-72a5-af14-e7e32924a5b2	welcome:01a2248a-161f-7705-bb9d-d6419213b4e2	welcome	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	\N	{"first_name": "Sarah"}	Welcome to Sojourn	Hello Sarah,\n\nyour account is ready. You can now see your orders, keep your addresses and\ncome back to your cart on any device.\n\nhttp://127.0.0.1:31183/?utm_source=sojourn&utm_medium=email&utm_campaign=welcome\n\n--\nSojourn\n	<p>Welcome to Sojourn</p>		sent		1	0	3	c0b4c848a5495b58718793bbc1af4ca3	2026-11-29 01:45:59.468974+00	2026-11-29 01:45:59.468974+00	\N	2026-11-29 01:45:59.538484+00	\N	\N
01a2248a-186f-7255-bb76-2a3931bc3f78	order-confirmation:01a2248a-181a-7408-8ef2-506244d339b2	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-181a-7408-8ef2-506244d339b2	\N	{"lines": [{"title": "Ulmus Parka", "total": {"currency": "EUR", "amount_minor": 24566}, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": {"currency": "EUR", "amount_minor": 49131}, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 81885}}, {"type": "discount", "label": "", "amount": {"currency": "EUR", "amount_minor": -8188}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 11767}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 73697}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100001 is confirmed	Hello Sarah,\n\nthank you for your order S-100001 of November 29, 2026.\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)  €245.66\n  2 × Ulmus Parka (Colour: Coral, Size: S)  €491.31\n\n  Subtotal: €818.85\n  Discount: -€81.88\n  Delivery: €0.00\n  included: €117.67\n  Total: €736.97\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100001 is confirmed</p>		sent		1	0	3	2162603c68e4ddf9e4464ef9073b715f	2026-11-29 01:45:59.724509+00	2026-11-29 01:45:59.724509+00	\N	2026-11-29 01:45:59.796678+00	\N	2026-11-29 01:45:59.716273+00
01a2248a-18af-711a-883e-2c53da194024	order-shipped:01a2248a-181a-7408-8ef2-506244d339b2:01a2248a-1881-7091-8e92-fc0517bbdd6d	order_shipped	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-181a-7408-8ef2-506244d339b2	\N	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "carrier": "DHL", "first_name": "Sarah", "tracking_url": "", "tracking_number": "00340434161094042557"}	Your order S-100001 is on its way	Hello Sarah,\n\nthis part of your order S-100001 has left our warehouse:\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)\n  2 × Ulmus Parka (Colour: Coral, Size: S)\n\nCarrier: DHL\nTracking number: 00340434161094042557\n\n--\nSojourn\n	<p>Your order S-100001 is on its way</p>		sent		1	0	3	15c47eeb9d9e2becff2eea8049935e3a	2026-11-29 01:45:59.786634+00	2026-11-29 01:45:59.786634+00	\N	2026-11-29 01:45:59.845792+00	\N	\N
01a2248a-1af4-741d-a8c1-e30d7894ee64	order-shipped:01a2248a-1a74-7310-a2d4-3a484e857643:01a2248a-1ad3-7459-8a20-98e47e59242b	order_shipped	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-1a74-7310-a2d4-3a484e857643	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": null, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100002", "carrier": "DHL", "first_name": "Sarah", "tracking_url": "", "tracking_number": "00340434161094042557"}	Your order S-100002 is on its way	Hello Sarah,\n\nthis part of your order S-100002 has left our warehouse:\n\n  1 × Boreal Long-Sleeve Shirt (Size: XS)\n\nCarrier: DHL\nTracking number: 00340434161094042557\n\n--\nSojourn\n	<p>Your order S-100002 is on its way</p>		sent		1	0	3	1855322699536d69c698cf9d588d70aa	2026-11-29 01:46:00.371252+00	2026-11-29 01:46:00.371252+00	\N	2026-11-29 01:46:00.421797+00	\N	\N
01a2248a-1d0d-77b6-ae63-96514778bef6	order-cancelled:01a2248a-1c8e-744c-97f2-ea0e11256e08	order_cancelled	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-1c8e-744c-97f2-ea0e11256e08	\N	{"lines": [{"title": "Arête Running Shorts", "total": null, "options": "Size: XS", "quantity": 1, "image_url": ""}], "total": {"currency": "EUR", "amount_minor": 10395}, "number": "S-100004", "first_name": "Sarah"}	Your order S-100004 was cancelled	Hello Sarah,\n\nyour order S-100004 was cancelled. What you paid (€103.95)\ngoes back to the payment method that you used; that may take a few days.\n\n  1 × Arête Running Shorts (Size: XS)\n\n--\nSojourn\n	<p>Your order S-100004 was cancelled</p>		sent		1	0	3	cf7e20bfb907421f499e9f2d1687f03b	2026-11-29 01:46:00.90558+00	2026-11-29 01:46:00.90558+00	\N	2026-11-29 01:46:00.986706+00	\N	\N
01a2248a-18ef-73bf-9a58-41b99ec09bfa	order-delivered:01a2248a-181a-7408-8ef2-506244d339b2:01a2248a-1881-7091-8e92-fc0517bbdd6d	order_delivered	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-181a-7408-8ef2-506244d339b2	\N	{"lines": [{"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: XS", "quantity": 1, "image_url": ""}, {"title": "Ulmus Parka", "total": null, "options": "Colour: Coral, Size: S", "quantity": 2, "image_url": ""}], "number": "S-100001", "first_name": "Sarah", "asks_survey": true}	Your order S-100001 has arrived	Hello Sarah,\n\nthis part of your order S-100001 was delivered:\n\n  1 × Ulmus Parka (Colour: Coral, Size: XS)\n  2 × Ulmus Parka (Colour: Coral, Size: S)\n\nHow likely are you to recommend us to a friend, from 0 (not at all) to\n10 (very likely)? One click answers it:\nhttp://127.0.0.1:31183/survey?utm_source=sojourn&utm_medium=email&utm_campaign=order_delivered#token=AaIkihgadAiO8lBiRNM5sgGiJIoWH3cFu53WQZITtOIH9zH-CMTp12PgyANfzaCLwO15UjObCTQU04zygjxOvA\n\n--\nSojourn\nUnsubscribe: http://127.0.0.1:31183/unsubscribe#token=Gw3zCEUT45gknlXNb-K0HdpY4Ng194xrjTPAiQnD35610fF21YBX3W6X8mjqngXpSWlMfvLiOJPiCOKJTrhYHw.surveys\n	<p>Your order S-100001 has arrived</p>	surveys	sent		1	0	3	069d9ac501ca50881d6e275751776998	2026-11-29 01:45:59.852143+00	2026-11-29 01:45:59.852143+00	\N	2026-11-29 01:45:59.885645+00	\N	\N
01a2248a-1ab7-7002-b594-7d1f6d544931	order-confirmation:01a2248a-1a74-7310-a2d4-3a484e857643	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-1a74-7310-a2d4-3a484e857643	\N	{"lines": [{"title": "Boreal Long-Sleeve Shirt", "total": {"currency": "EUR", "amount_minor": 7495}, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100002", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 7495}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 1197}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 7495}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100002 is confirmed	Hello Sarah,\n\nthank you for your order S-100002 of November 29, 2026.\n\n  1 × Boreal Long-Sleeve Shirt (Size: XS)  €74.95\n\n  Subtotal: €74.95\n  Delivery: €0.00\n  included: €11.97\n  Total: €74.95\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100002 is confirmed</p>		sent		1	0	3	eff909e88e131b4154b59792e0b52760	2026-11-29 01:46:00.304605+00	2026-11-29 01:46:00.304605+00	\N	2026-11-29 01:46:00.365666+00	\N	2026-11-29 01:46:00.291768+00
01a2248a-1ccb-7544-a802-a531e6893048	order-confirmation:01a2248a-1c8e-744c-97f2-ea0e11256e08	order_confirmation	transactional		default	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	01a2248a-161f-7705-bb9d-d6419213b4e2	01a2248a-1c8e-744c-97f2-ea0e11256e08	\N	{"lines": [{"title": "Arête Running Shorts", "total": {"currency": "EUR", "amount_minor": 10395}, "options": "Size: XS", "quantity": 1, "image_url": ""}], "number": "S-100004", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 10395}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 1660}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 10395}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "Sarah", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100004 is confirmed	Hello Sarah,\n\nthank you for your order S-100004 of November 29, 2026.\n\n  1 × Arête Running Shorts (Size: XS)  €103.95\n\n  Subtotal: €103.95\n  Delivery: €0.00\n  included: €16.60\n  Total: €103.95\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100004 is confirmed</p>		sent		1	0	3	ac4ff8c07baf9c2a4b4db262470ffb08	2026-11-29 01:46:00.840426+00	2026-11-29 01:46:00.840426+00	\N	2026-11-29 01:46:00.886316+00	\N	2026-11-29 01:46:00.832378+00
01a2248a-1e22-739d-aaeb-d71bc0b58a96	confirm-email:d78642ea8f39a174fd680b8bd7d0bcbe	confirm_email	transactional		default	tom@example.com	72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	01a2248a-1dd7-71ce-9898-c69a7f29ec58	\N	\N	{"token": "7LuB4HQqUCqcW-fDMSYtFojEIWTjPo0RncdmmjyI_94"}	Confirm your address for Sojourn	Hello,\n\nsomebody made an account at Sojourn with this e-mail address. If it was\nyou, confirm that the address is yours:\n\nhttp://127.0.0.1:31183/account/confirm?utm_source=sojourn&utm_medium=email&utm_campaign=confirm_email#token=7LuB4HQqUCqcW-fDMSYtFojEIWTjPo0RncdmmjyI_94\n\nIf it was not you, do nothing: without this confirmation the address belongs to\nno account.\n\n--\nSojourn\n	<p>Confirm your address for Sojourn</p>		sent		1	0	3	5aa21ee119e480f97121c16507e709f7	2026-11-29 01:46:01.182987+00	2026-11-29 01:46:01.182987+00	\N	2026-11-29 01:46:01.235442+00	\N	\N
01a2248a-205f-7231-964d-8444308b7a43	order-confirmation:01a2248a-202a-7710-9b1c-cea38ce5b03d	order_confirmation	transactional		default	lee@example.com	556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	01a2248a-1fac-7090-9907-20d931d3dfc4	01a2248a-202a-7710-9b1c-cea38ce5b03d	\N	{"lines": [{"title": "Juniper Sandals", "total": {"currency": "EUR", "amount_minor": 28431}, "options": "Size: 38", "quantity": 2, "image_url": ""}], "number": "S-100006", "totals": [{"type": "subtotal", "label": "", "amount": {"currency": "EUR", "amount_minor": 31590}}, {"type": "discount", "label": "", "amount": {"currency": "EUR", "amount_minor": -3159}}, {"type": "fulfillment", "label": "", "amount": {"currency": "EUR", "amount_minor": 0}}, {"type": "tax_included", "label": "included", "amount": {"currency": "EUR", "amount_minor": 4539}}, {"type": "total", "label": "", "amount": {"currency": "EUR", "amount_minor": 28431}}], "country": "DE", "delivery": {"title": "Pick up in store", "latest_on": "2026-12-01", "earliest_on": "2026-12-01"}, "placed_on": "2026-11-29", "first_name": "", "address_lines": ["Sarah Jones", "Hauptstraße 5", "10827 Berlin"]}	Your order S-100006 is confirmed	Hello,\n\nthank you for your order S-100006 of November 29, 2026.\n\n  2 × Juniper Sandals (Size: 38)  €284.31\n\n  Subtotal: €315.90\n  Discount: -€31.59\n  Delivery: €0.00\n  included: €45.39\n  Total: €284.31\n\nExpected delivery: December 1, 2026 (Pick up in store)\n\nDelivered to:\n  Sarah Jones\n  Hauptstraße 5\n  10827 Berlin\n  Germany\n\nWe write again as soon as your order is on its way.\n\n--\nSojourn\n	<p>Your order S-100006 is confirmed</p>		sent		1	0	3	bdf0a35125789a6afacba9db18a191f3	2026-11-29 01:46:01.752517+00	2026-11-29 01:46:01.752517+00	\N	2026-11-29 01:46:01.800696+00	\N	2026-11-29 01:46:01.747036+00
\.
COPY public.opt_in (email_digest, token_digest, asked_at) FROM stdin;
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	662dbfefa97219c90dfc09454737b66b085311dd1345fad4537edf82df0749a4	2026-11-28 23:42:36.765132+00
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
\.
COPY public.preference (email_digest, topic, is_wanted, changed_by, changed_at) FROM stdin;
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.subscriber (customer_id, email_digest, confirmed_at) FROM stdin;
01a2248a-161f-7705-bb9d-d6419213b4e2	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	2026-11-29 01:45:59.468974+00
01a2248a-1dd7-71ce-9898-c69a7f29ec58	72bb75a959e1785b79ffe7230eaeec25880707a91b4a4f98330fc1510bd40e03	\N
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
