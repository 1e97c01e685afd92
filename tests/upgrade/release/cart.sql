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
01a2248d-afe7-73ef-8114-b2ca09a8143a	2026-11-28 23:46:35.093903+00	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	promotion.put	promotion:first-order-10	\N	{"id": "01a2248d-afde-72c8-80e0-38f3aa405d04", "code": "first-order-10", "used": 0, "label": {"de": "10 % auf die erste Bestellung", "en": "10 % off your first order"}, "ends_at": null, "version": 1, "is_active": true, "starts_at": null, "usage_limit": 0, "coupon_codes": [], "category_slugs": [], "first_order_only": true, "minimum_subtotals": {}, "percent_basis_points": 1000}	f29b82ae78dfde7bc3d5385e76ecf86b
\.
COPY public.cart (id, owner_id, organization_id, channel, currency, locale, status, lines, coupon_codes, email, email_digest, may_remind, merged_into, version, created_at, updated_at, is_synthetic) FROM stdin;
01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	EUR		ordered	[{"id": "01a2248d-b1e9-7009-9723-2d20bbf6d5e4", "seen": {"sku": "DM000000-COR-XS", "scale": 0, "title": "Ulmus Parka", "options": "Colour: Coral, Size: XS", "currency": "EUR", "available": null, "image_url": "/media/tidewater-ulmus-parka.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6bb110dae2", "variant_id": "01a2248d-aed9-741c-a43a-0e6ffd74cb81", "price_minor": 27295, "product_slug": "tidewater-ulmus-parka", "tax_included": true, "weight_grams": 468, "category_slugs": ["women-jackets", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e6ffd74cb81"}, {"id": "01a2248d-b1e9-7009-9723-2d2180374458", "seen": {"sku": "DM000000-COR-S", "scale": 0, "title": "Ulmus Parka", "options": "Colour: Coral, Size: S", "currency": "EUR", "available": null, "image_url": "/media/tidewater-ulmus-parka.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6bb110dae2", "variant_id": "01a2248d-aed9-741c-a43a-0e7048826b3c", "price_minor": 27295, "product_slug": "tidewater-ulmus-parka", "tax_included": true, "weight_grams": 468, "category_slugs": ["women-jackets", "women"]}, "quantity": 2, "variant_id": "01a2248d-aed9-741c-a43a-0e7048826b3c"}]	[]	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	t	\N	6	2026-11-28 23:46:35.610109+00	2026-11-29 01:49:59.723084+00	f
01a2248d-c612-7642-9e8d-a0f469b5e8dd	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	EUR		ordered	[{"id": "01a2248d-c612-7642-9e8d-a0f5bdba89fe", "seen": {"sku": "DM000001-FOR-XS", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6c91a7a6ff", "variant_id": "01a2248d-aed9-741c-a43a-0e7154fef842", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e7154fef842"}]	[]			f	\N	2	2026-11-29 01:50:00.782534+00	2026-11-29 01:50:01.164199+00	f
01a2248d-c87a-70c4-bb58-0ae2b0529fe2	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	EUR		ordered	[{"id": "01a2248d-c87a-70c4-bb58-0ae3df0a9004", "seen": {"sku": "DM000001-FOR-XS", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6c91a7a6ff", "variant_id": "01a2248d-aed9-741c-a43a-0e7154fef842", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 3, "variant_id": "01a2248d-aed9-741c-a43a-0e7154fef842"}, {"id": "01a2248d-c87a-70c4-bb58-0ae43ed153e6", "seen": {"sku": "DM000001-FOR-S", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6c91a7a6ff", "variant_id": "01a2248d-aed9-741c-a43a-0e72ac748555", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e72ac748555"}]	[]			f	\N	2	2026-11-29 01:50:01.400748+00	2026-11-29 01:50:01.596087+00	f
01a2248d-ca18-7704-84be-95c453321c55	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	EUR		open	[{"id": "01a2248d-ca18-7704-84be-95c5681a00a5", "seen": {"sku": "DM000002-PLU-XS", "scale": 0, "title": "Arête Running Shorts", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/wren-arete-running-shorts.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6d44bc6bbb", "variant_id": "01a2248d-aed9-741c-a43a-0e733ecff50b", "price_minor": 10395, "product_slug": "wren-arete-running-shorts", "tax_included": true, "weight_grams": 197, "category_slugs": ["women-trousers", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e733ecff50b"}]	[]			f	\N	3	2026-11-29 01:50:01.815919+00	2026-11-29 01:50:02.301311+00	f
01a2248d-d111-77f8-aec2-33b2f75fab68	01a2248d-d0cd-7150-a494-a2d2a7fde587	\N	default	EUR		ordered	[{"id": "01a2248d-d111-77f8-aec2-33b39bc8a6e0", "seen": {"sku": "DM000003-SKY-38", "scale": 0, "title": "Juniper Sandals", "options": "Size: 38", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6e5fc0dd68", "variant_id": "01a2248d-aed9-741c-a43a-0e759aaafe66", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 2, "variant_id": "01a2248d-aed9-741c-a43a-0e759aaafe66"}]	[]			f	\N	2	2026-11-29 01:50:03.600258+00	2026-11-29 01:50:03.821929+00	f
01a2248d-cc44-77e8-aaa9-74f438f8ac4d	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	EUR		open	[{"id": "01a2248d-cc44-77e8-aaa9-74f52221cdc9", "seen": {"sku": "DM000002-PLU-S", "scale": 0, "title": "Arête Running Shorts", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/wren-arete-running-shorts.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6d44bc6bbb", "variant_id": "01a2248d-aed9-741c-a43a-0e74e50f496b", "price_minor": 10395, "product_slug": "wren-arete-running-shorts", "tax_included": true, "weight_grams": 197, "category_slugs": ["women-trousers", "women"]}, "quantity": 2, "variant_id": "01a2248d-aed9-741c-a43a-0e74e50f496b"}, {"id": "01a2248d-cc7f-73e6-a58c-1d5014276dd6", "seen": {"sku": "DM000003-SKY-38", "scale": 0, "title": "Juniper Sandals", "options": "Size: 38", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6e5fc0dd68", "variant_id": "01a2248d-aed9-741c-a43a-0e759aaafe66", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e759aaafe66"}]	[]			f	\N	2	2026-11-29 01:50:02.368468+00	2026-11-29 01:50:02.429701+00	f
01a2248d-cf45-70c5-9260-ed13e005b3fd	01a2248d-cf25-71dc-96e4-bcbad2551cf7	\N	default	EUR		ordered	[{"id": "01a2248d-cf45-70c5-9260-ed14fd95d7b9", "seen": {"sku": "DM000001-FOR-S", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6c91a7a6ff", "variant_id": "01a2248d-aed9-741c-a43a-0e72ac748555", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 2, "variant_id": "01a2248d-aed9-741c-a43a-0e72ac748555"}]	[]			f	\N	2	2026-11-29 01:50:03.1364+00	2026-11-29 01:50:03.319128+00	f
01a2248d-ce6d-70c6-9472-bee058f6d398	01a2248d-ce57-7342-8d23-9f74ec3bdbb5	\N	default	EUR		open	[{"id": "01a2248d-ce6d-70c6-9472-bee1ff239480", "seen": {"sku": "DM000003-SKY-39", "scale": 0, "title": "Juniper Sandals", "options": "Size: 39", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6e5fc0dd68", "variant_id": "01a2248d-aed9-741c-a43a-0e7628fdcf90", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e7628fdcf90"}]	[]	kim@example.com	5d9a0087d4ccdb9bc50e88c4713479119e48a326fd360d647cf1643f3cae13e7	f	\N	2	2026-11-29 01:50:02.921653+00	2026-11-29 01:50:02.947261+00	f
01a2248d-dc99-7715-a59c-799924b10c0b	01a2248d-dc89-77cc-86ce-09ae313b79c3	\N	default	EUR		ordered	[{"id": "01a2248d-dc99-7715-a59c-799a2aca3007", "seen": {"sku": "DM000003-SKY-39", "scale": 0, "title": "Juniper Sandals", "options": "Size: 39", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248d-aed5-7210-949a-9c6e5fc0dd68", "variant_id": "01a2248d-aed9-741c-a43a-0e7628fdcf90", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a2248d-aed9-741c-a43a-0e7628fdcf90"}]	[]			f	\N	2	2026-11-29 01:50:06.550992+00	2026-11-29 01:50:06.704425+00	f
\.
COPY public.coupon (code, promotion_id) FROM stdin;
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
customer:01a2248d-be5d-7756-b401-444dca26ae1d	sojourn.cart.v1.CartService/AddLine	01890000-0000-7000-8000-000000000002	\\xaf26e5cc75911d657c4541c4ad5097ab0df060ac2683b20cca119223f14fa793	\\x0a2430316132323438642d636334342d373765382d616161392d37346634333866386163346412046f70656e180222034555522a0764656661756c7432a4020a2430316132323438642d636334342d373765382d616161392d373466353232323163646339122430316132323438642d616564392d373431632d613433612d3065373465353066343936621a0e444d3030303030322d504c552d5322154172c3aa74652052756e6e696e672053686f7274732a0753697a653a205332197772656e2d61726574652d72756e6e696e672d73686f7274733a242f6d656469612f7772656e2d61726574652d72756e6e696e672d73686f7274732e73766740024a08089b511203455552520908b6a20112034555525a051203455552620908b6a20112034555526a08696e5f73746f636b72087374616e6461726478c50182012430316132323438642d616564352d373231302d393439612d3963366434346263366262623298020a2430316132323438642d636337662d373365362d613538632d316435303134323736646436122430316132323438642d616564392d373431632d613433612d3065373539616161666536361a0f444d3030303030332d534b592d3338220f4a756e697065722053616e64616c732a0853697a653a2033383216796172726f772d6a756e697065722d73616e64616c733a212f6d656469612f796172726f772d6a756e697065722d73616e64616c732e73766740014a0808b37b1203455552520808b37b12034555525a051203455552620808b37b12034555526a08696e5f73746f636b72087374616e6461726478b20382012430316132323438642d616564352d373231302d393439612d3963366535666330646436383a150a08737562746f74616c1a0908e99d0212034555523a120a05746f74616c1a0908e99d021203455552620c08ca89aed8061088eff2cc01	2026-11-28 23:46:42.430972+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a2248d-c243-765a-ac23-d232e96b71a8	2026-11-28 23:46:39.832433+00
01a2248d-c7de-7702-9294-8ca71efa9b24	2026-11-28 23:46:41.273253+00
01a2248d-c970-71fa-ac43-7325e9724a6f	2026-11-28 23:46:41.666332+00
01a2248d-cb74-74cd-a182-224c7789ee43	2026-11-28 23:46:42.179956+00
01a2248d-cc16-70cf-8668-2d5fb2335126	2026-11-28 23:46:42.33036+00
01a2248d-d22f-7501-8275-6125a52c20fc	2026-11-28 23:46:43.906141+00
\.
COPY public.order_count (subject, placed) FROM stdin;
01a2248d-be5d-7756-b401-444dca26ae1d	3
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	3
01a2248d-d0cd-7150-a494-a2d2a7fde587	1
556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	1
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
16	01a2248d-dc9d-75f1-a1dd-c253e2f08bf7	sojourn.cart.v1.CartLineAdded	01a2248d-dc99-7715-a59c-799924b10c0b	\\x0a2430316132323438642d646339392d373731352d613539632d37393939323462313063306210011a2430316132323438642d646338392d373763632d383663652d303961653331336237396333222430316132323438642d616564392d373431632d613433612d3065373632386664636639302801320764656661756c74	{"baggage": "visitor=01a2248d-dc87-7559-be6a-3b15c6d1ae03,session=01a2248d-dc8e-74f5-902a-948c43847529,touchpoint=cart.create", "ce-time": "2026-11-29T01:50:06.550992+00:00", "ce-source": "cart", "traceparent": "00-bdfc111374cac032c168e21436d6231c-b19e90f8b690fe3b-03"}	2026-11-28 23:46:46.559893+00
\.
COPY public.promotion (id, code, label, percent_basis_points, first_order_only, minimum_subtotals, coupon_codes, category_slugs, starts_at, ends_at, usage_limit, used, is_active, version) FROM stdin;
01a2248d-afde-72c8-80e0-38f3aa405d04	first-order-10	{"de": "10 % auf die erste Bestellung", "en": "10 % off your first order"}	1000	t	{}	[]	[]	\N	\N	0	4	t	1
\.
COPY public.redemption (order_id, cart_id, owner_id, email_digest, promotion_ids, status, is_cancelled, created_at, undone_at, is_synthetic) FROM stdin;
01a2248d-c150-72e4-b195-e57bf2565e65	01a2248d-b1e8-729d-b508-10d2bd71f801	01a2248d-be5d-7756-b401-444dca26ae1d	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	["01a2248d-afde-72c8-80e0-38f3aa405d04"]	redeemed	f	2026-11-29 01:49:59.723084+00	\N	f
01a2248d-c767-7675-9bb6-d0c22a32885a	01a2248d-c612-7642-9e8d-a0f469b5e8dd	01a2248d-be5d-7756-b401-444dca26ae1d	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	redeemed	f	2026-11-29 01:50:01.164199+00	\N	f
01a2248d-c916-7261-a005-ede911ff64e8	01a2248d-c87a-70c4-bb58-0ae2b0529fe2	01a2248d-be5d-7756-b401-444dca26ae1d	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	redeemed	f	2026-11-29 01:50:01.596087+00	\N	f
01a2248d-caf3-76ec-827f-d89045fdffd9	01a2248d-ca18-7704-84be-95c453321c55	01a2248d-be5d-7756-b401-444dca26ae1d	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	undone	t	2026-11-29 01:50:02.085074+00	2026-11-29 01:50:02.301311+00	f
01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	01a2248d-cf45-70c5-9260-ed13e005b3fd	01a2248d-cf25-71dc-96e4-bcbad2551cf7	b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72	["01a2248d-afde-72c8-80e0-38f3aa405d04"]	redeemed	f	2026-11-29 01:50:03.319128+00	\N	f
01a2248d-d1db-746d-b160-63f5efc8e09e	01a2248d-d111-77f8-aec2-33b2f75fab68	01a2248d-d0cd-7150-a494-a2d2a7fde587	556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	["01a2248d-afde-72c8-80e0-38f3aa405d04"]	redeemed	f	2026-11-29 01:50:03.821929+00	\N	f
01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	01a2248d-dc99-7715-a59c-799924b10c0b	01a2248d-dc89-77cc-86ce-09ae313b79c3	d0574c4966d2c326193622feebc64991c5b59807ae68fa8255b26c79f4bf917a	["01a2248d-afde-72c8-80e0-38f3aa405d04"]	redeemed	f	2026-11-29 01:50:06.704425+00	\N	f
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
01a2248d-cc0d-74f9-9063-b41262e4291a	abandon	01a2248d-ca18-7704-84be-95c453321c55	{"version": 3}	2026-11-29 02:50:02.301311+00	0	2026-11-28 23:46:42.318321+00	{"baggage": "visitor=01a2248d-b13b-7760-b710-9d901ee9fe84,session=01a2248d-b13b-7760-b710-9d9161a9b039,consent=granted,touchpoint=order.cancel", "traceparent": "00-aca6ab6aebd1cbe522c64d41e8a3ddf1-1fc12b8ecd9cdd12-03"}
01a2248d-cc4b-7457-92b0-efbdea4caa6b	abandon	01a2248d-cc44-77e8-aaa9-74f438f8ac4d	{"version": 2}	2026-11-29 02:50:02.429701+00	0	2026-11-28 23:46:42.435904+00	{"baggage": "visitor=01a2248d-b13b-7760-b710-9d901ee9fe84,session=01a2248d-b13b-7760-b710-9d9161a9b039,consent=granted,touchpoint=cart.add", "traceparent": "00-4a79bf521d3a627932999a12b341852d-cb537c0459f4f587-03"}
01a2248d-ce6f-768d-9bd6-1dc2b734a3aa	abandon	01a2248d-ce6d-70c6-9472-bee058f6d398	{"version": 2}	2026-11-29 02:50:02.947261+00	0	2026-11-28 23:46:42.955629+00	{"baggage": "visitor=01a2248d-ce54-7277-bf56-0eefed5642fb,session=01a2248d-ce79-75cb-8bc5-4145d28dd243,touchpoint=cart.save", "traceparent": "00-9ce0cf1ce2b1868356694a36dfca2ef7-574b3ce129ac84eb-03"}
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
