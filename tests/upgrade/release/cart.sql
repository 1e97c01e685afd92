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
CREATE TABLE public.cart (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    organization_id uuid,
    channel text NOT NULL,
    currency text NOT NULL,
    locale text NOT NULL,
    status text NOT NULL,
    lines jsonb NOT NULL,
    coupon_codes jsonb NOT NULL,
    email text NOT NULL,
    email_digest text NOT NULL,
    may_remind boolean NOT NULL,
    merged_into uuid,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    is_synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT cart_channel_check CHECK ((channel <> ''::text)),
    CONSTRAINT cart_check CHECK (((email = ''::text) = (email_digest = ''::text))),
    CONSTRAINT cart_check1 CHECK (((merged_into IS NOT NULL) = (status = 'merged'::text))),
    CONSTRAINT cart_coupon_codes_check CHECK ((jsonb_typeof(coupon_codes) = 'array'::text)),
    CONSTRAINT cart_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT cart_lines_check CHECK (((jsonb_typeof(lines) = 'array'::text) AND (jsonb_array_length(lines) <= 100))),
    CONSTRAINT cart_status_check CHECK ((status = ANY (ARRAY['open'::text, 'abandoned'::text, 'ordered'::text, 'merged'::text])))
)
WITH (fillfactor='80');
CREATE TABLE public.coupon (
    code text NOT NULL,
    promotion_id uuid NOT NULL
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
CREATE TABLE public.order_count (
    subject text NOT NULL,
    placed integer NOT NULL
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
CREATE TABLE public.promotion (
    id uuid NOT NULL,
    code text NOT NULL,
    label jsonb NOT NULL,
    percent_basis_points integer NOT NULL,
    first_order_only boolean NOT NULL,
    minimum_subtotals jsonb NOT NULL,
    coupon_codes jsonb NOT NULL,
    category_slugs jsonb NOT NULL,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    usage_limit bigint NOT NULL,
    used bigint NOT NULL,
    is_active boolean NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT promotion_category_slugs_check CHECK ((jsonb_typeof(category_slugs) = 'array'::text)),
    CONSTRAINT promotion_check CHECK ((ends_at > starts_at)),
    CONSTRAINT promotion_coupon_codes_check CHECK ((jsonb_typeof(coupon_codes) = 'array'::text)),
    CONSTRAINT promotion_percent_basis_points_check CHECK (((percent_basis_points >= 1) AND (percent_basis_points <= 10000))),
    CONSTRAINT promotion_usage_limit_check CHECK ((usage_limit >= 0)),
    CONSTRAINT promotion_used_check CHECK ((used >= 0))
);
CREATE TABLE public.redemption (
    order_id uuid NOT NULL,
    cart_id uuid,
    owner_id uuid,
    email_digest text NOT NULL,
    promotion_ids jsonb NOT NULL,
    status text NOT NULL,
    is_cancelled boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    is_synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT redemption_check CHECK (((status = 'undone'::text) OR ((cart_id IS NOT NULL) AND (owner_id IS NOT NULL)))),
    CONSTRAINT redemption_status_check CHECK ((status = ANY (ARRAY['redeemed'::text, 'undone'::text])))
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
COPY public.alembic_version (version_num) FROM stdin;
0002
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
01a22485-2eb8-72f3-a1ee-7cbc4925e666	2026-11-28 23:37:17.742786+00	01a22485-16d2-71fe-9193-8e7f102a3111	promotion.put	promotion:first-order-10	\N	{"id": "01a22485-2eb5-778d-acd8-79af7c10251f", "code": "first-order-10", "used": 0, "label": {"de": "10 % auf die erste Bestellung", "en": "10 % off your first order"}, "ends_at": null, "version": 1, "is_active": true, "starts_at": null, "usage_limit": 0, "coupon_codes": [], "category_slugs": [], "first_order_only": true, "minimum_subtotals": {}, "percent_basis_points": 1000}	009ea86be65096ec9c3e892923880ecd
\.
COPY public.cart (id, owner_id, organization_id, channel, currency, locale, status, lines, coupon_codes, email, email_digest, may_remind, merged_into, version, created_at, updated_at, is_synthetic) FROM stdin;
01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	EUR		ordered	[{"id": "01a22485-2f69-7588-ac99-beb5d5de76a5", "seen": {"sku": "DM000000-COR-XS", "scale": 0, "title": "Ulmus Parka", "options": "Colour: Coral, Size: XS", "currency": "EUR", "available": null, "image_url": "/media/tidewater-ulmus-parka.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37a03474b87", "variant_id": "01a22485-2e72-71b9-aab3-a37ef443aee5", "price_minor": 27295, "product_slug": "tidewater-ulmus-parka", "tax_included": true, "weight_grams": 468, "category_slugs": ["women-jackets", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a37ef443aee5"}, {"id": "01a22485-2f69-7588-ac99-beb6d57605ab", "seen": {"sku": "DM000000-COR-S", "scale": 0, "title": "Ulmus Parka", "options": "Colour: Coral, Size: S", "currency": "EUR", "available": null, "image_url": "/media/tidewater-ulmus-parka.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37a03474b87", "variant_id": "01a22485-2e72-71b9-aab3-a37fed67fb4c", "price_minor": 27295, "product_slug": "tidewater-ulmus-parka", "tax_included": true, "weight_grams": 468, "category_slugs": ["women-jackets", "women"]}, "quantity": 2, "variant_id": "01a22485-2e72-71b9-aab3-a37fed67fb4c"}]	[]	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	t	\N	6	2026-11-28 23:37:17.928455+00	2026-11-29 01:40:41.041007+00	f
01a22485-3d9b-72fa-9ff3-3f34eb9f9b81	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	EUR		ordered	[{"id": "01a22485-3d9b-72fa-9ff3-3f35aeb653d8", "seen": {"sku": "DM000001-FOR-XS", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37ba9ad8da8", "variant_id": "01a22485-2e72-71b9-aab3-a380ef400105", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a380ef400105"}]	[]			f	\N	2	2026-11-29 01:40:41.560182+00	2026-11-29 01:40:41.69614+00	f
01a22485-3ead-774d-8a7c-f4991e9d726a	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	EUR		ordered	[{"id": "01a22485-3ead-774d-8a7c-f49aa0886221", "seen": {"sku": "DM000001-FOR-XS", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37ba9ad8da8", "variant_id": "01a22485-2e72-71b9-aab3-a380ef400105", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 3, "variant_id": "01a22485-2e72-71b9-aab3-a380ef400105"}, {"id": "01a22485-3ead-774d-8a7c-f49b9a88c280", "seen": {"sku": "DM000001-FOR-S", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37ba9ad8da8", "variant_id": "01a22485-2e72-71b9-aab3-a3814b38f664", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a3814b38f664"}]	[]			f	\N	2	2026-11-29 01:40:41.835408+00	2026-11-29 01:40:41.951467+00	f
01a22485-3fa3-776b-94a2-e9a0d72916f3	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	EUR		open	[{"id": "01a22485-3fa3-776b-94a2-e9a16f2adbd5", "seen": {"sku": "DM000002-PLU-XS", "scale": 0, "title": "Arête Running Shorts", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/wren-arete-running-shorts.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37c536d3dca", "variant_id": "01a22485-2e72-71b9-aab3-a382a37b0cdb", "price_minor": 10395, "product_slug": "wren-arete-running-shorts", "tax_included": true, "weight_grams": 197, "category_slugs": ["women-trousers", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a382a37b0cdb"}]	[]			f	\N	3	2026-11-29 01:40:42.075965+00	2026-11-29 01:40:42.29399+00	f
01a22485-4c58-760a-a1bf-4d2e865d7275	01a22485-4c4a-7735-957f-d6aee681a75d	\N	default	EUR		ordered	[{"id": "01a22485-4c58-760a-a1bf-4d2ff946f1c2", "seen": {"sku": "DM000003-SKY-39", "scale": 0, "title": "Juniper Sandals", "options": "Size: 39", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37df8e288d5", "variant_id": "01a22485-2e72-71b9-aab3-a385ed5a5500", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a385ed5a5500"}]	[]			f	\N	2	2026-11-29 01:40:45.336027+00	2026-11-29 01:40:45.420614+00	f
01a22485-40a8-7768-ae2a-dd0a1ea40d56	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	EUR		open	[{"id": "01a22485-40a8-7768-ae2a-dd0be1fbf515", "seen": {"sku": "DM000002-PLU-S", "scale": 0, "title": "Arête Running Shorts", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/wren-arete-running-shorts.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37c536d3dca", "variant_id": "01a22485-2e72-71b9-aab3-a3831bff1f6f", "price_minor": 10395, "product_slug": "wren-arete-running-shorts", "tax_included": true, "weight_grams": 197, "category_slugs": ["women-trousers", "women"]}, "quantity": 2, "variant_id": "01a22485-2e72-71b9-aab3-a3831bff1f6f"}, {"id": "01a22485-40c3-762e-806a-f102882dfe2d", "seen": {"sku": "DM000003-SKY-38", "scale": 0, "title": "Juniper Sandals", "options": "Size: 38", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37df8e288d5", "variant_id": "01a22485-2e72-71b9-aab3-a384bd7ee85d", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a384bd7ee85d"}]	[]			f	\N	2	2026-11-29 01:40:42.343718+00	2026-11-29 01:40:42.371347+00	f
01a22485-419b-7327-a4a4-04f61a6bfa49	01a22485-4188-703b-ac65-5db0ec36a337	\N	default	EUR		open	[{"id": "01a22485-419b-7327-a4a4-04f7eae114ca", "seen": {"sku": "DM000003-SKY-39", "scale": 0, "title": "Juniper Sandals", "options": "Size: 39", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37df8e288d5", "variant_id": "01a22485-2e72-71b9-aab3-a385ed5a5500", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a22485-2e72-71b9-aab3-a385ed5a5500"}]	[]	kim@example.com	5d9a0087d4ccdb9bc50e88c4713479119e48a326fd360d647cf1643f3cae13e7	f	\N	2	2026-11-29 01:40:42.587135+00	2026-11-29 01:40:42.601398+00	f
01a22485-41ed-76a8-820b-0ac5778bc858	01a22485-41e2-739e-ab54-660cca3e238a	\N	default	EUR		ordered	[{"id": "01a22485-41ed-76a8-820b-0ac6fb2ce7fc", "seen": {"sku": "DM000001-FOR-S", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37ba9ad8da8", "variant_id": "01a22485-2e72-71b9-aab3-a3814b38f664", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 2, "variant_id": "01a22485-2e72-71b9-aab3-a3814b38f664"}]	[]			f	\N	2	2026-11-29 01:40:42.667474+00	2026-11-29 01:40:42.751859+00	f
01a22485-4295-7075-b12e-922d5aa45c63	01a22485-4285-7594-871c-25016c8a6db1	\N	default	EUR		ordered	[{"id": "01a22485-4295-7075-b12e-922eb5cb26fe", "seen": {"sku": "DM000003-SKY-38", "scale": 0, "title": "Juniper Sandals", "options": "Size: 38", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a22485-2e72-71b9-aab3-a37df8e288d5", "variant_id": "01a22485-2e72-71b9-aab3-a384bd7ee85d", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 2, "variant_id": "01a22485-2e72-71b9-aab3-a384bd7ee85d"}]	[]			f	\N	2	2026-11-29 01:40:42.836853+00	2026-11-29 01:40:42.942675+00	f
\.
COPY public.coupon (code, promotion_id) FROM stdin;
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
customer:01a22485-3984-759a-af9b-1f12a0da2b2b	sojourn.cart.v1.CartService/AddLine	01890000-0000-7000-8000-000000000002	\\x2ec24e877b5045efff37032ffc0d9986febcb7e20c5eda4cdf904c554af93c63	\\x0a2430316132323438352d343061382d373736382d616532612d64643061316561343064353612046f70656e180222034555522a0764656661756c7432a4020a2430316132323438352d343061382d373736382d616532612d646430626531666266353135122430316132323438352d326537322d373162392d616162332d6133383331626666316636661a0e444d3030303030322d504c552d5322154172c3aa74652052756e6e696e672053686f7274732a0753697a653a205332197772656e2d61726574652d72756e6e696e672d73686f7274733a242f6d656469612f7772656e2d61726574652d72756e6e696e672d73686f7274732e73766740024a08089b511203455552520908b6a20112034555525a051203455552620908b6a20112034555526a08696e5f73746f636b72087374616e6461726478c50182012430316132323438352d326537322d373162392d616162332d6133376335333664336463613298020a2430316132323438352d343063332d373632652d383036612d663130323838326466653264122430316132323438352d326537322d373162392d616162332d6133383462643765653835641a0f444d3030303030332d534b592d3338220f4a756e697065722053616e64616c732a0853697a653a2033383216796172726f772d6a756e697065722d73616e64616c733a212f6d656469612f796172726f772d6a756e697065722d73616e64616c732e73766740014a0808b37b1203455552520808b37b12034555525a051203455552620808b37b12034555526a08696e5f73746f636b72087374616e6461726478b20382012430316132323438352d326537322d373162392d616162332d6133376466386532383864353a150a08737562746f74616c1a0908e99d0212034555523a120a05746f74616c1a0908e99d021203455552620c089a85aed80610b89c89b101	2026-11-28 23:37:22.371822+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a22485-3bc0-73b8-bcf6-9fcc12bf8df7	2026-11-28 23:37:21.100177+00
01a22485-3e52-73b2-83a5-6225b0ce6178	2026-11-28 23:37:21.757393+00
01a22485-3f57-72ee-827b-6f9fb0828425	2026-11-28 23:37:22.014873+00
01a22485-4027-71d0-81b3-9da0862763a3	2026-11-28 23:37:22.221487+00
01a22485-408e-74cc-83ed-aaa3a42f4caf	2026-11-28 23:37:22.331162+00
01a22485-4311-727d-b53a-cb45818b1749	2026-11-28 23:37:22.972332+00
\.
COPY public.order_count (subject, placed) FROM stdin;
01a22485-3984-759a-af9b-1f12a0da2b2b	3
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	3
01a22485-4285-7594-871c-25016c8a6db1	1
556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	1
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
16	01a22485-4c59-764d-8594-d49d8620cafa	sojourn.cart.v1.CartLineAdded	01a22485-4c58-760a-a1bf-4d2e865d7275	\\x0a2430316132323438352d346335382d373630612d613162662d34643265383635643732373510011a2430316132323438352d346334612d373733352d393537662d643661656536383161373564222430316132323438352d326537322d373162392d616162332d6133383565643561353530302801320764656661756c74	{"baggage": "visitor=01a22485-4c49-7131-a1e0-c3895fd759cb,session=01a22485-4c52-761e-9c7f-89c1632b6d97,touchpoint=cart.create", "ce-time": "2026-11-29T01:40:45.336027+00:00", "ce-source": "cart", "traceparent": "00-69dbd2d545c7a947b347e8181bab162d-08bb8497643493a7-03"}	2026-11-28 23:37:25.338005+00
\.
COPY public.promotion (id, code, label, percent_basis_points, first_order_only, minimum_subtotals, coupon_codes, category_slugs, starts_at, ends_at, usage_limit, used, is_active, version) FROM stdin;
01a22485-2eb5-778d-acd8-79af7c10251f	first-order-10	{"de": "10 % auf die erste Bestellung", "en": "10 % off your first order"}	1000	t	{}	[]	[]	\N	\N	0	4	t	1
\.
COPY public.redemption (order_id, cart_id, owner_id, email_digest, promotion_ids, status, is_cancelled, created_at, undone_at, is_synthetic) FROM stdin;
01a22485-3b80-7100-b7d1-a96570c427c2	01a22485-2f69-7588-ac99-beb45c79b52a	01a22485-3984-759a-af9b-1f12a0da2b2b	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	["01a22485-2eb5-778d-acd8-79af7c10251f"]	redeemed	f	2026-11-29 01:40:41.041007+00	\N	f
01a22485-3e0f-734b-b819-7f499a5caf61	01a22485-3d9b-72fa-9ff3-3f34eb9f9b81	01a22485-3984-759a-af9b-1f12a0da2b2b	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	redeemed	f	2026-11-29 01:40:41.69614+00	\N	f
01a22485-3f15-72f3-b938-93a3e513b709	01a22485-3ead-774d-8a7c-f4991e9d726a	01a22485-3984-759a-af9b-1f12a0da2b2b	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	redeemed	f	2026-11-29 01:40:41.951467+00	\N	f
01a22485-3ff7-76e9-a117-bbfe0b504981	01a22485-3fa3-776b-94a2-e9a0d72916f3	01a22485-3984-759a-af9b-1f12a0da2b2b	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	undone	t	2026-11-29 01:40:42.179015+00	2026-11-29 01:40:42.29399+00	f
01a22485-422f-7752-9d33-b37218d3159a	01a22485-41ed-76a8-820b-0ac5778bc858	01a22485-41e2-739e-ab54-660cca3e238a	b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72	["01a22485-2eb5-778d-acd8-79af7c10251f"]	redeemed	f	2026-11-29 01:40:42.751859+00	\N	f
01a22485-42f0-704e-87ce-c425a58043c6	01a22485-4295-7075-b12e-922d5aa45c63	01a22485-4285-7594-871c-25016c8a6db1	556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	["01a22485-2eb5-778d-acd8-79af7c10251f"]	redeemed	f	2026-11-29 01:40:42.942675+00	\N	f
01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	01a22485-4c58-760a-a1bf-4d2e865d7275	01a22485-4c4a-7735-957f-d6aee681a75d	d0574c4966d2c326193622feebc64991c5b59807ae68fa8255b26c79f4bf917a	["01a22485-2eb5-778d-acd8-79af7c10251f"]	redeemed	f	2026-11-29 01:40:45.420614+00	\N	f
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
01a22485-407c-76be-a516-f2d91d412567	abandon	01a22485-3fa3-776b-94a2-e9a0d72916f3	{"version": 3}	2026-11-29 02:40:42.29399+00	0	2026-11-28 23:37:22.302868+00	{"baggage": "visitor=01a22485-2f3e-75d9-a63e-786c633072bb,session=01a22485-2f3f-7034-ab2d-7ee0c6ac0603,consent=granted,touchpoint=order.cancel", "traceparent": "00-44981b4461f4da2927674cf66d9144b2-021289aa4992fdd8-03"}
01a22485-40a9-7027-9d14-71617d2b78b9	abandon	01a22485-40a8-7768-ae2a-dd0a1ea40d56	{"version": 2}	2026-11-29 02:40:42.371347+00	0	2026-11-28 23:37:22.373317+00	{"baggage": "visitor=01a22485-2f3e-75d9-a63e-786c633072bb,session=01a22485-2f3f-7034-ab2d-7ee0c6ac0603,consent=granted,touchpoint=cart.add", "traceparent": "00-55c9946d55211e8d8ec10e26a50e575f-2ab0d1e1ddc2f38d-03"}
01a22485-419c-73dc-b16c-c8b1cbef96de	abandon	01a22485-419b-7327-a4a4-04f61a6bfa49	{"version": 2}	2026-11-29 02:40:42.601398+00	0	2026-11-28 23:37:22.603091+00	{"baggage": "visitor=01a22485-4185-70d0-baf7-c484598e963c,session=01a22485-41a3-711b-ab05-8354d0ddcbd4,touchpoint=cart.save", "traceparent": "00-1c1312a0a08ddf4bc557df7e072661f5-ba14640026d37e10-03"}
\.
SELECT pg_catalog.setval('public.outbox_id_seq', 16, true);
ALTER TABLE ONLY public.alembic_version_chassis
    ADD CONSTRAINT alembic_version_chassis_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.cart
    ADD CONSTRAINT cart_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.coupon
    ADD CONSTRAINT coupon_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (caller, method, key);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.order_count
    ADD CONSTRAINT order_count_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotion
    ADD CONSTRAINT promotion_code_key UNIQUE (code);
ALTER TABLE ONLY public.promotion
    ADD CONSTRAINT promotion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.redemption
    ADD CONSTRAINT redemption_pkey PRIMARY KEY (order_id);
ALTER TABLE ONLY public.skipped_row
    ADD CONSTRAINT skipped_row_pkey PRIMARY KEY (loop, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_kind_key_key UNIQUE (kind, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (id);
CREATE INDEX audit_subject ON public.audit USING btree (subject, at);
CREATE INDEX cart_owner_id ON public.cart USING btree (owner_id) WHERE (status = ANY (ARRAY['open'::text, 'abandoned'::text]));
CREATE INDEX coupon_promotion_id ON public.coupon USING btree (promotion_id);
CREATE INDEX idempotency_created_at ON public.idempotency USING btree (created_at);
CREATE INDEX inbox_handled_at ON public.inbox USING btree (handled_at);
CREATE INDEX promotion_automatic ON public.promotion USING btree (id) WHERE (is_active AND (coupon_codes = '[]'::jsonb));
CREATE INDEX redemption_email_digest ON public.redemption USING btree (email_digest) WHERE ((status = 'redeemed'::text) AND (NOT is_cancelled));
CREATE INDEX redemption_owner_id ON public.redemption USING btree (owner_id) WHERE ((status = 'redeemed'::text) AND (NOT is_cancelled));
CREATE INDEX skipped_row_last_at ON public.skipped_row USING btree (last_at);
CREATE INDEX timer_due_at ON public.timer USING btree (due_at);
ALTER TABLE ONLY public.coupon
    ADD CONSTRAINT coupon_promotion_id_fkey FOREIGN KEY (promotion_id) REFERENCES public.promotion(id);
