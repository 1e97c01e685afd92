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
01a2248a-0bcb-7780-9e12-92f9bf7ad647	2026-11-28 23:42:36.484654+00	01a22489-f0f1-7491-ab98-597cf8a15654	promotion.put	promotion:first-order-10	\N	{"id": "01a2248a-0bc9-74eb-938c-9531cc8bf80e", "code": "first-order-10", "used": 0, "label": {"de": "10 % auf die erste Bestellung", "en": "10 % off your first order"}, "ends_at": null, "version": 1, "is_active": true, "starts_at": null, "usage_limit": 0, "coupon_codes": [], "category_slugs": [], "first_order_only": true, "minimum_subtotals": {}, "percent_basis_points": 1000}	984ec9faf4c76f48b2226bfb8c050c45
\.
COPY public.cart (id, owner_id, organization_id, channel, currency, locale, status, lines, coupon_codes, email, email_digest, may_remind, merged_into, version, created_at, updated_at, is_synthetic) FROM stdin;
01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	EUR		ordered	[{"id": "01a2248a-0c63-70ea-9b80-07065e4f8bdc", "seen": {"sku": "DM000000-COR-XS", "scale": 0, "title": "Ulmus Parka", "options": "Colour: Coral, Size: XS", "currency": "EUR", "available": null, "image_url": "/media/tidewater-ulmus-parka.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad658526083", "variant_id": "01a2248a-0b93-73be-97ee-4d63b86496c9", "price_minor": 27295, "product_slug": "tidewater-ulmus-parka", "tax_included": true, "weight_grams": 468, "category_slugs": ["women-jackets", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d63b86496c9"}, {"id": "01a2248a-0c63-70ea-9b80-07079c593a8d", "seen": {"sku": "DM000000-COR-S", "scale": 0, "title": "Ulmus Parka", "options": "Colour: Coral, Size: S", "currency": "EUR", "available": null, "image_url": "/media/tidewater-ulmus-parka.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad658526083", "variant_id": "01a2248a-0b93-73be-97ee-4d648b4d62d2", "price_minor": 27295, "product_slug": "tidewater-ulmus-parka", "tax_included": true, "weight_grams": 468, "category_slugs": ["women-jackets", "women"]}, "quantity": 2, "variant_id": "01a2248a-0b93-73be-97ee-4d648b4d62d2"}]	[]	sarah@example.com	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	t	\N	6	2026-11-28 23:42:36.636047+00	2026-11-29 01:45:59.660262+00	f
01a2248a-1a01-74dc-a699-080117e2412c	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	EUR		ordered	[{"id": "01a2248a-1a01-74dc-a699-08025bd85c40", "seen": {"sku": "DM000001-FOR-XS", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad72091a405", "variant_id": "01a2248a-0b93-73be-97ee-4d659793b442", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d659793b442"}]	[]			f	\N	2	2026-11-29 01:46:00.127742+00	2026-11-29 01:46:00.262712+00	f
01a2248a-1b0c-7738-ba05-21107a60b366	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	EUR		ordered	[{"id": "01a2248a-1b0c-7738-ba05-2111cd67c7ff", "seen": {"sku": "DM000001-FOR-XS", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad72091a405", "variant_id": "01a2248a-0b93-73be-97ee-4d659793b442", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 3, "variant_id": "01a2248a-0b93-73be-97ee-4d659793b442"}, {"id": "01a2248a-1b0c-7738-ba05-2112f36c4ea9", "seen": {"sku": "DM000001-FOR-S", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad72091a405", "variant_id": "01a2248a-0b93-73be-97ee-4d66618e3b95", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d66618e3b95"}]	[]			f	\N	2	2026-11-29 01:46:00.395146+00	2026-11-29 01:46:00.513822+00	f
01a2248a-1c14-7659-9868-cd029a8b9c6a	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	EUR		open	[{"id": "01a2248a-1c14-7659-9868-cd03b3c54818", "seen": {"sku": "DM000002-PLU-XS", "scale": 0, "title": "Arête Running Shorts", "options": "Size: XS", "currency": "EUR", "available": null, "image_url": "/media/wren-arete-running-shorts.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad88826307c", "variant_id": "01a2248a-0b93-73be-97ee-4d67ae055c07", "price_minor": 10395, "product_slug": "wren-arete-running-shorts", "tax_included": true, "weight_grams": 197, "category_slugs": ["women-trousers", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d67ae055c07"}]	[]			f	\N	3	2026-11-29 01:46:00.658821+00	2026-11-29 01:46:00.889136+00	f
01a2248a-1e3d-75df-9996-75bf2b78362a	01a2248a-1e31-7684-bf5d-1ccd58ca56b8	\N	default	EUR		open	[{"id": "01a2248a-1e3d-75df-9996-75c0bf7c4d43", "seen": {"sku": "DM000003-SKY-39", "scale": 0, "title": "Juniper Sandals", "options": "Size: 39", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad92ed11049", "variant_id": "01a2248a-0b93-73be-97ee-4d6a0b39c76c", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d6a0b39c76c"}]	[]	kim@example.com	5d9a0087d4ccdb9bc50e88c4713479119e48a326fd360d647cf1643f3cae13e7	f	\N	2	2026-11-29 01:46:01.21191+00	2026-11-29 01:46:01.237814+00	f
01a2248a-1eb1-7083-bdc0-8b32b0d192c0	01a2248a-1ea4-712d-b565-8a4f335ac6b5	\N	default	EUR		ordered	[{"id": "01a2248a-1eb1-7083-bdc0-8b331485abdc", "seen": {"sku": "DM000001-FOR-S", "scale": 0, "title": "Boreal Long-Sleeve Shirt", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/yarrow-boreal-long-sleeve-shirt.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad72091a405", "variant_id": "01a2248a-0b93-73be-97ee-4d66618e3b95", "price_minor": 7495, "product_slug": "yarrow-boreal-long-sleeve-shirt", "tax_included": true, "weight_grams": 114, "category_slugs": ["women-tops", "women"]}, "quantity": 2, "variant_id": "01a2248a-0b93-73be-97ee-4d66618e3b95"}]	[]			f	\N	2	2026-11-29 01:46:01.329265+00	2026-11-29 01:46:01.444723+00	f
01a2248a-1d27-7506-948b-f87c5fdf132c	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	EUR		open	[{"id": "01a2248a-1d27-7506-948b-f87de0c0df72", "seen": {"sku": "DM000002-PLU-S", "scale": 0, "title": "Arête Running Shorts", "options": "Size: S", "currency": "EUR", "available": null, "image_url": "/media/wren-arete-running-shorts.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad88826307c", "variant_id": "01a2248a-0b93-73be-97ee-4d68b330bdfb", "price_minor": 10395, "product_slug": "wren-arete-running-shorts", "tax_included": true, "weight_grams": 197, "category_slugs": ["women-trousers", "women"]}, "quantity": 2, "variant_id": "01a2248a-0b93-73be-97ee-4d68b330bdfb"}, {"id": "01a2248a-1d3e-7763-ad86-6dd0bb677faf", "seen": {"sku": "DM000003-SKY-38", "scale": 0, "title": "Juniper Sandals", "options": "Size: 38", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad92ed11049", "variant_id": "01a2248a-0b93-73be-97ee-4d69fb2e50ad", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d69fb2e50ad"}]	[]			f	\N	2	2026-11-29 01:46:00.92326+00	2026-11-29 01:46:00.956759+00	f
01a2248a-1fbd-77c5-a3b3-8acb7607ccb7	01a2248a-1fac-7090-9907-20d931d3dfc4	\N	default	EUR		ordered	[{"id": "01a2248a-1fbd-77c5-a3b3-8acc81fbece0", "seen": {"sku": "DM000003-SKY-38", "scale": 0, "title": "Juniper Sandals", "options": "Size: 38", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad92ed11049", "variant_id": "01a2248a-0b93-73be-97ee-4d69fb2e50ad", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 2, "variant_id": "01a2248a-0b93-73be-97ee-4d69fb2e50ad"}]	[]			f	\N	2	2026-11-29 01:46:01.597005+00	2026-11-29 01:46:01.721251+00	f
01a2248a-296d-7583-93c3-fb213dc9ea72	01a2248a-2961-73ec-b9b7-669a7fd9c85c	\N	default	EUR		ordered	[{"id": "01a2248a-296d-7583-93c3-fb22008d6169", "seen": {"sku": "DM000003-SKY-39", "scale": 0, "title": "Juniper Sandals", "options": "Size: 39", "currency": "EUR", "available": null, "image_url": "/media/yarrow-juniper-sandals.svg", "increment": 1, "tax_class": "standard", "unit_code": "C62", "product_id": "01a2248a-0b92-752e-bc47-5ad92ed11049", "variant_id": "01a2248a-0b93-73be-97ee-4d6a0b39c76c", "price_minor": 15795, "product_slug": "yarrow-juniper-sandals", "tax_included": true, "weight_grams": 434, "category_slugs": ["women-shoes", "women"]}, "quantity": 1, "variant_id": "01a2248a-0b93-73be-97ee-4d6a0b39c76c"}]	[]			f	\N	2	2026-11-29 01:46:04.07695+00	2026-11-29 01:46:04.146484+00	f
\.
COPY public.coupon (code, promotion_id) FROM stdin;
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
customer:01a2248a-161f-7705-bb9d-d6419213b4e2	sojourn.cart.v1.CartService/AddLine	01890000-0000-7000-8000-000000000002	\\xd1188e3555641f39dcdc0ae94a3c5dd8b4970bca17ca3653a9888bb75ce389b0	\\x0a2430316132323438612d316432372d373530362d393438622d66383763356664663133326312046f70656e180222034555522a0764656661756c7432a4020a2430316132323438612d316432372d373530362d393438622d663837646530633064663732122430316132323438612d306239332d373362652d393765652d3464363862333330626466621a0e444d3030303030322d504c552d5322154172c3aa74652052756e6e696e672053686f7274732a0753697a653a205332197772656e2d61726574652d72756e6e696e672d73686f7274733a242f6d656469612f7772656e2d61726574652d72756e6e696e672d73686f7274732e73766740024a08089b511203455552520908b6a20112034555525a051203455552620908b6a20112034555526a08696e5f73746f636b72087374616e6461726478c50182012430316132323438612d306239322d373532652d626334372d3561643838383236333037633298020a2430316132323438612d316433652d373736332d616438362d366464306262363737666166122430316132323438612d306239332d373362652d393765652d3464363966623265353061641a0f444d3030303030332d534b592d3338220f4a756e697065722053616e64616c732a0853697a653a2033383216796172726f772d6a756e697065722d73616e64616c733a212f6d656469612f796172726f772d6a756e697065722d73616e64616c732e73766740014a0808b37b1203455552520808b37b12034555525a051203455552620808b37b12034555526a08696e5f73746f636b72087374616e6461726478b20382012430316132323438612d306239322d373532652d626334372d3561643932656431313034393a150a08737562746f74616c1a0908e99d0212034555523a120a05746f74616c1a0908e99d021203455552620c08d887aed80610d8f79bc803	2026-11-28 23:42:40.957175+00
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
01a2248a-1865-706b-b456-f88c7da7cefb	2026-11-28 23:42:39.727798+00
01a2248a-1aa5-76eb-9feb-fd406a1711e5	2026-11-28 23:42:40.307579+00
01a2248a-1ba4-7123-9d16-35be6f52b091	2026-11-28 23:42:40.55627+00
01a2248a-1cc4-705c-bc4a-657cb2ace4dd	2026-11-28 23:42:40.846403+00
01a2248a-1d01-7143-aab4-a8c6993e42fb	2026-11-28 23:42:40.904273+00
01a2248a-2054-7639-a30b-8c14b8a7b779	2026-11-28 23:42:41.752506+00
\.
COPY public.order_count (subject, placed) FROM stdin;
01a2248a-161f-7705-bb9d-d6419213b4e2	3
1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	3
01a2248a-1fac-7090-9907-20d931d3dfc4	1
556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	1
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
16	01a2248a-296e-77b0-b602-c3200636fecf	sojourn.cart.v1.CartLineAdded	01a2248a-296d-7583-93c3-fb213dc9ea72	\\x0a2430316132323438612d323936642d373538332d393363332d66623231336463396561373210011a2430316132323438612d323936312d373365632d623962372d363639613766643963383563222430316132323438612d306239332d373362652d393765652d3464366130623339633736632801320764656661756c74	{"baggage": "visitor=01a2248a-295f-76f2-8826-4b6fe919a824,session=01a2248a-2966-7449-ab54-c15c0af0a0a4,touchpoint=cart.create", "ce-time": "2026-11-29T01:46:04.076950+00:00", "ce-source": "cart", "traceparent": "00-4f5f8eb73813547c48a80c28dfcd4790-5af553570b457692-03"}	2026-11-28 23:42:44.081296+00
\.
COPY public.promotion (id, code, label, percent_basis_points, first_order_only, minimum_subtotals, coupon_codes, category_slugs, starts_at, ends_at, usage_limit, used, is_active, version) FROM stdin;
01a2248a-0bc9-74eb-938c-9531cc8bf80e	first-order-10	{"de": "10 % auf die erste Bestellung", "en": "10 % off your first order"}	1000	t	{}	[]	[]	\N	\N	0	4	t	1
\.
COPY public.redemption (order_id, cart_id, owner_id, email_digest, promotion_ids, status, is_cancelled, created_at, undone_at, is_synthetic) FROM stdin;
01a2248a-181a-7408-8ef2-506244d339b2	01a2248a-0c63-70ea-9b80-07053fb60a34	01a2248a-161f-7705-bb9d-d6419213b4e2	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	["01a2248a-0bc9-74eb-938c-9531cc8bf80e"]	redeemed	f	2026-11-29 01:45:59.660262+00	\N	f
01a2248a-1a74-7310-a2d4-3a484e857643	01a2248a-1a01-74dc-a699-080117e2412c	01a2248a-161f-7705-bb9d-d6419213b4e2	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	redeemed	f	2026-11-29 01:46:00.262712+00	\N	f
01a2248a-1b6f-757d-a3cf-43fec2a96e65	01a2248a-1b0c-7738-ba05-21107a60b366	01a2248a-161f-7705-bb9d-d6419213b4e2	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	redeemed	f	2026-11-29 01:46:00.513822+00	\N	f
01a2248a-1c8e-744c-97f2-ea0e11256e08	01a2248a-1c14-7659-9868-cd029a8b9c6a	01a2248a-161f-7705-bb9d-d6419213b4e2	1b0df3084513e398249e55cd6fe2b41dda58e0d835f78c6b8d33c08909c3df9e	[]	undone	t	2026-11-29 01:46:00.796807+00	2026-11-29 01:46:00.889136+00	f
01a2248a-1f11-719f-ae4a-3cd5ed0587b8	01a2248a-1eb1-7083-bdc0-8b32b0d192c0	01a2248a-1ea4-712d-b565-8a4f335ac6b5	b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72	["01a2248a-0bc9-74eb-938c-9531cc8bf80e"]	redeemed	f	2026-11-29 01:46:01.444723+00	\N	f
01a2248a-202a-7710-9b1c-cea38ce5b03d	01a2248a-1fbd-77c5-a3b3-8acb7607ccb7	01a2248a-1fac-7090-9907-20d931d3dfc4	556740ed46f084c7e3f36626b254bd181c24a6388512feff832302d9d05a8f87	["01a2248a-0bc9-74eb-938c-9531cc8bf80e"]	redeemed	f	2026-11-29 01:46:01.721251+00	\N	f
01a2248a-29ab-71f8-be0f-f712834c5205	01a2248a-296d-7583-93c3-fb213dc9ea72	01a2248a-2961-73ec-b9b7-669a7fd9c85c	d0574c4966d2c326193622feebc64991c5b59807ae68fa8255b26c79f4bf917a	["01a2248a-0bc9-74eb-938c-9531cc8bf80e"]	redeemed	f	2026-11-29 01:46:04.146484+00	\N	f
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
01a2248a-1cfc-7486-b550-c3274afb2e8b	abandon	01a2248a-1c14-7659-9868-cd029a8b9c6a	{"version": 3}	2026-11-29 02:46:00.889136+00	0	2026-11-28 23:42:40.893664+00	{"baggage": "visitor=01a2248a-0c3c-73f0-b9a8-ed413dee95a5,session=01a2248a-0c3d-7435-b9ef-9070559aaee4,consent=granted,touchpoint=order.cancel", "traceparent": "00-cf7e20bfb907421f499e9f2d1687f03b-dc4ddf30406bebd6-03"}
01a2248a-1d28-70a8-84d3-0bfb49746ed7	abandon	01a2248a-1d27-7506-948b-f87c5fdf132c	{"version": 2}	2026-11-29 02:46:00.956759+00	0	2026-11-28 23:42:40.960048+00	{"baggage": "visitor=01a2248a-0c3c-73f0-b9a8-ed413dee95a5,session=01a2248a-0c3d-7435-b9ef-9070559aaee4,consent=granted,touchpoint=cart.add", "traceparent": "00-46d04f0146bd1340920302e8694ca980-4f33fe7cfcfb8ebc-03"}
01a2248a-1e3f-7041-b31b-e9a732ef99c7	abandon	01a2248a-1e3d-75df-9996-75bf2b78362a	{"version": 2}	2026-11-29 02:46:01.237814+00	0	2026-11-28 23:42:41.241511+00	{"baggage": "visitor=01a2248a-1e2f-7213-b723-1d88cde7151a,session=01a2248a-1e47-73d2-bff6-19102e6fae8d,touchpoint=cart.save", "traceparent": "00-03959237dc0f8f9b7651653506d5a7f0-444152c3eebc3df0-03"}
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
