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
CREATE FUNCTION public.next_order_number(channel text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    name TEXT := 'order_number_' || left(channel, 40);
BEGIN
    IF to_regclass(quote_ident(name)) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(name));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I START 100001', name);
    END IF;
    RETURN nextval(quote_ident(name)::regclass);
END
$$;
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
CREATE TABLE public.checkout (
    id uuid NOT NULL,
    version bigint NOT NULL,
    owner_id uuid NOT NULL,
    owner_kind text NOT NULL,
    organization_id uuid,
    channel_id text NOT NULL,
    external_id text,
    cart_id uuid NOT NULL,
    currency text NOT NULL,
    locale text NOT NULL,
    status text NOT NULL,
    email text NOT NULL,
    delivery_address jsonb,
    delivery_option_id text NOT NULL,
    payment_method_id text NOT NULL,
    payment_token text NOT NULL,
    order_id uuid,
    continue_url text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    is_synthetic boolean DEFAULT false NOT NULL,
    reviewed_total_minor bigint,
    CONSTRAINT checkout_check CHECK (((status <> ALL (ARRAY['completed'::text, 'canceled'::text])) OR (payment_token = ''::text))),
    CONSTRAINT checkout_status_check CHECK ((status = ANY (ARRAY['incomplete'::text, 'ready_for_complete'::text, 'complete_in_progress'::text, 'requires_escalation'::text, 'completed'::text, 'canceled'::text])))
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
CREATE TABLE public.order_event (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    status text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    trace_id text NOT NULL,
    CONSTRAINT order_event_actor_check CHECK ((actor = ANY (ARRAY['buyer'::text, 'staff'::text, 'system'::text, 'provider'::text])))
);
CREATE TABLE public.order_line (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    "position" integer NOT NULL,
    variant_id uuid NOT NULL,
    product_id text NOT NULL,
    sku text NOT NULL,
    title text NOT NULL,
    options text NOT NULL,
    product_slug text NOT NULL,
    image_url text NOT NULL,
    quantity bigint NOT NULL,
    unit_price_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    tax_class text NOT NULL,
    shipped_quantity bigint NOT NULL,
    CONSTRAINT order_line_check CHECK (((shipped_quantity >= 0) AND (shipped_quantity <= quantity))),
    CONSTRAINT order_line_discount_minor_check CHECK ((discount_minor <= 0)),
    CONSTRAINT order_line_quantity_check CHECK ((quantity > 0))
);
CREATE SEQUENCE public.order_number_default
    START WITH 100001
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.orders (
    id uuid NOT NULL,
    version bigint NOT NULL,
    number text NOT NULL,
    owner_id uuid NOT NULL,
    organization_id uuid,
    channel_id text NOT NULL,
    external_id text,
    checkout_id uuid NOT NULL,
    cart_id uuid NOT NULL,
    cart_version bigint NOT NULL,
    currency text NOT NULL,
    locale text NOT NULL,
    status text NOT NULL,
    begun text NOT NULL,
    refusal_reason text NOT NULL,
    refusal_metadata jsonb NOT NULL,
    email text NOT NULL,
    delivery_address jsonb NOT NULL,
    delivery_option jsonb NOT NULL,
    totals jsonb NOT NULL,
    tax_lines jsonb NOT NULL,
    promotion_codes jsonb NOT NULL,
    total_minor bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    placed_at timestamp with time zone,
    is_synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT orders_begun_check CHECK ((begun = ANY (ARRAY['reserve'::text, 'authorize'::text, 'redeem'::text, 'capture'::text, 'confirm'::text]))),
    CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'action_required'::text, 'placed'::text, 'partially_shipped'::text, 'shipped'::text, 'delivered'::text, 'cancelling'::text, 'cancelled'::text, 'refused'::text]))),
    CONSTRAINT orders_total_minor_check CHECK ((total_minor >= 0))
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
CREATE TABLE public.payment (
    id uuid NOT NULL,
    version bigint NOT NULL,
    order_id uuid NOT NULL,
    provider text NOT NULL,
    method_id text NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    captured_minor bigint NOT NULL,
    refunding_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    provider_payment_id text NOT NULL,
    action_url text NOT NULL,
    decline_code text NOT NULL,
    token text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT payment_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT payment_check CHECK (((refunded_minor >= 0) AND (refunding_minor >= 0))),
    CONSTRAINT payment_check1 CHECK ((((refunded_minor + refunding_minor) <= captured_minor) AND (captured_minor <= amount_minor))),
    CONSTRAINT payment_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'requires_action'::text, 'authorized'::text, 'captured'::text, 'declined'::text, 'voided'::text, 'partially_refunded'::text, 'refunded'::text])))
);
CREATE TABLE public.placement (
    caller text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    order_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.reconciliation (
    provider text NOT NULL,
    cursor text NOT NULL,
    leased_until timestamp with time zone NOT NULL
);
CREATE TABLE public.refund (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    caller text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    refunded_at timestamp with time zone,
    CONSTRAINT refund_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT refund_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'done'::text, 'failed'::text])))
);
CREATE TABLE public.shipment (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    status text NOT NULL,
    carrier text NOT NULL,
    tracking_number text NOT NULL,
    tracking_url text NOT NULL,
    external_id text,
    shipped_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone,
    CONSTRAINT shipment_status_check CHECK ((status = ANY (ARRAY['shipped'::text, 'delivered'::text])))
);
CREATE TABLE public.shipment_line (
    shipment_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT shipment_line_quantity_check CHECK ((quantity > 0))
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
CREATE TABLE public.webhook_event (
    provider text NOT NULL,
    event_id text NOT NULL,
    received_at timestamp with time zone NOT NULL
);
COPY public.alembic_version (version_num) FROM stdin;
0003
\.
COPY public.alembic_version_chassis (version_num) FROM stdin;
0001
\.
COPY public.audit (id, at, actor_id, action, subject, before, after, trace_id) FROM stdin;
01a2248a-1885-734c-9e15-c4483c476718	2026-11-29 01:45:59.739703+00	01a22489-f0f1-7491-ab98-597cf8a15654	order.ship	order:01a2248a-181a-7408-8ef2-506244d339b2	{"status": "placed"}	{"status": "shipped", "shipment_id": "01a2248a-1881-7091-8e92-fc0517bbdd6d"}	15c47eeb9d9e2becff2eea8049935e3a
01a2248a-18a3-71b9-a79c-e822cfa5fa56	2026-11-29 01:45:59.769583+00	01a22489-f0f1-7491-ab98-597cf8a15654	order.deliver	order:01a2248a-181a-7408-8ef2-506244d339b2	{"status": "shipped"}	{"status": "delivered", "shipment_id": "01a2248a-1881-7091-8e92-fc0517bbdd6d"}	069d9ac501ca50881d6e275751776998
01a2248a-1ae1-71e2-9df3-f3c61f379443	2026-11-29 01:46:00.323156+00	01a22489-f0f1-7491-ab98-597cf8a15654	order.ship	order:01a2248a-1a74-7310-a2d4-3a484e857643	{"status": "placed"}	{"status": "shipped", "shipment_id": "01a2248a-1ad3-7459-8a20-98e47e59242b"}	1855322699536d69c698cf9d588d70aa
01a2248a-1bc7-7317-86d4-08f5ab37a09f	2026-11-29 01:46:00.566686+00	01a22489-f0f1-7491-ab98-597cf8a15654	order.refund	order:01a2248a-1b6f-757d-a3cf-43fec2a96e65	{"refunded_minor": 0}	{"reason": "buyer_request", "currency": "EUR", "amount_minor": 1000}	e6765f4306c639ca125bf138a1bf0c7b
\.
COPY public.checkout (id, version, owner_id, owner_kind, organization_id, channel_id, external_id, cart_id, currency, locale, status, email, delivery_address, delivery_option_id, payment_method_id, payment_token, order_id, continue_url, created_at, expires_at, is_synthetic, reviewed_total_minor) FROM stdin;
01a2248a-17be-702a-a9bc-d64f79936b56	5	01a2248a-161f-7705-bb9d-d6419213b4e2	customer	\N	default	\N	01a2248a-0c63-70ea-9b80-07053fb60a34	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248a-181a-7408-8ef2-506244d339b2		2026-11-29 01:45:59.549176+00	2026-11-29 07:45:59.549176+00	f	73697
01a2248a-1ed1-702d-8f1e-45fc35f1a6ed	5	01a2248a-1ea4-712d-b565-8a4f335ac6b5	guest	\N	default	\N	01a2248a-1eb1-7083-bdc0-8b32b0d192c0	EUR		requires_escalation	ada@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card	pm_card_3ds	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	http://127.0.0.1:20170/challenges/chl_GWBk6F8zJVC7dr-NDhF0BkDXSyI8KlFm	2026-11-29 01:46:01.358807+00	2026-11-29 07:46:01.358807+00	f	13491
01a2248a-1a18-7507-b2fd-2dc17b4ec6b7	5	01a2248a-161f-7705-bb9d-d6419213b4e2	customer	\N	default	\N	01a2248a-1a01-74dc-a699-080117e2412c	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248a-1a74-7310-a2d4-3a484e857643		2026-11-29 01:46:00.15162+00	2026-11-29 07:46:00.15162+00	f	7495
01a2248a-1fe7-766c-b436-7a780a4206b9	5	01a2248a-1fac-7090-9907-20d931d3dfc4	guest	\N	default	\N	01a2248a-1fbd-77c5-a3b3-8acb7607ccb7	EUR		completed	lee@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248a-202a-7710-9b1c-cea38ce5b03d		2026-11-29 01:46:01.638237+00	2026-11-29 07:46:01.638237+00	f	28431
01a2248a-1b26-7082-a822-4574d3d7589e	5	01a2248a-161f-7705-bb9d-d6419213b4e2	customer	\N	default	\N	01a2248a-1b0c-7738-ba05-21107a60b366	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248a-1b6f-757d-a3cf-43fec2a96e65		2026-11-29 01:46:00.421733+00	2026-11-29 07:46:00.421733+00	f	29980
01a2248a-1c31-74cb-a95a-25a238c54626	5	01a2248a-161f-7705-bb9d-d6419213b4e2	customer	\N	default	\N	01a2248a-1c14-7659-9868-cd029a8b9c6a	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248a-1c8e-744c-97f2-ea0e11256e08		2026-11-29 01:46:00.686408+00	2026-11-29 07:46:00.686408+00	f	10395
01a2248a-2980-76ff-b846-ec85e6789605	5	01a2248a-2961-73ec-b9b7-669a7fd9c85c	guest	\N	default	\N	01a2248a-296d-7583-93c3-fb213dc9ea72	EUR		completed	eve@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248a-29ab-71f8-be0f-f712834c5205		2026-11-29 01:46:04.09586+00	2026-11-29 07:46:04.09586+00	f	14215
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
\.
COPY public.order_event (id, order_id, status, at, actor, trace_id) FROM stdin;
01a2248a-181c-7211-9531-7d4a9d5e2f9e	01a2248a-181a-7408-8ef2-506244d339b2	pending	2026-11-29 01:45:59.639596+00	buyer	2162603c68e4ddf9e4464ef9073b715f
01a2248a-1865-706b-b456-f88b33777184	01a2248a-181a-7408-8ef2-506244d339b2	placed	2026-11-29 01:45:59.716273+00	buyer	2162603c68e4ddf9e4464ef9073b715f
01a2248a-1885-734c-9e15-c4474f3bc5c2	01a2248a-181a-7408-8ef2-506244d339b2	shipped	2026-11-29 01:45:59.739703+00	staff	15c47eeb9d9e2becff2eea8049935e3a
01a2248a-18a1-76f7-a5dc-04729cd138f0	01a2248a-181a-7408-8ef2-506244d339b2	delivered	2026-11-29 01:45:59.769583+00	staff	069d9ac501ca50881d6e275751776998
01a2248a-1a75-7483-9138-c9fd9ae7833b	01a2248a-1a74-7310-a2d4-3a484e857643	pending	2026-11-29 01:46:00.242991+00	buyer	eff909e88e131b4154b59792e0b52760
01a2248a-1aa4-7681-b3c5-a5c84946eca4	01a2248a-1a74-7310-a2d4-3a484e857643	placed	2026-11-29 01:46:00.291768+00	buyer	eff909e88e131b4154b59792e0b52760
01a2248a-1ae1-71e2-9df3-f3c5e8ddbc4c	01a2248a-1a74-7310-a2d4-3a484e857643	shipped	2026-11-29 01:46:00.323156+00	staff	1855322699536d69c698cf9d588d70aa
01a2248a-1b70-74c7-9d86-06cf1b03a99d	01a2248a-1b6f-757d-a3cf-43fec2a96e65	pending	2026-11-29 01:46:00.493744+00	buyer	687e1262c12cd081a43d171b1da7f458
01a2248a-1ba4-7123-9d16-35bd11c52cac	01a2248a-1b6f-757d-a3cf-43fec2a96e65	placed	2026-11-29 01:46:00.542726+00	buyer	687e1262c12cd081a43d171b1da7f458
01a2248a-1c8e-744c-97f2-ea11ed033850	01a2248a-1c8e-744c-97f2-ea0e11256e08	pending	2026-11-29 01:46:00.78034+00	buyer	ac4ff8c07baf9c2a4b4db262470ffb08
01a2248a-1cc3-773a-892f-aee9b58db715	01a2248a-1c8e-744c-97f2-ea0e11256e08	placed	2026-11-29 01:46:00.832378+00	buyer	ac4ff8c07baf9c2a4b4db262470ffb08
01a2248a-1cd3-75ea-9404-b579e29643e2	01a2248a-1c8e-744c-97f2-ea0e11256e08	cancelling	2026-11-29 01:46:00.848185+00	buyer	cf7e20bfb907421f499e9f2d1687f03b
01a2248a-1d00-7368-9ba2-cdb5aea5403f	01a2248a-1c8e-744c-97f2-ea0e11256e08	cancelled	2026-11-29 01:46:00.894963+00	system	cf7e20bfb907421f499e9f2d1687f03b
01a2248a-1f11-719f-ae4a-3cd8955cdde8	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	pending	2026-11-29 01:46:01.423643+00	buyer	6f6931c52d24aebe74d1c64757c1a21e
01a2248a-1f44-720e-9797-e9d20f768a19	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	action_required	2026-11-29 01:46:01.462081+00	buyer	6f6931c52d24aebe74d1c64757c1a21e
01a2248a-202a-7710-9b1c-cea64cd16b60	01a2248a-202a-7710-9b1c-cea38ce5b03d	pending	2026-11-29 01:46:01.705056+00	buyer	bdf0a35125789a6afacba9db18a191f3
01a2248a-2053-7141-aa42-7712fa95dcf0	01a2248a-202a-7710-9b1c-cea38ce5b03d	placed	2026-11-29 01:46:01.747036+00	buyer	bdf0a35125789a6afacba9db18a191f3
01a2248a-29ab-71f8-be0f-f71573574de4	01a2248a-29ab-71f8-be0f-f712834c5205	pending	2026-11-29 01:46:04.137828+00	buyer	a1e4589a213e57d360ce23b052de1940
01a2248a-29c3-762c-860e-925d36272477	01a2248a-29ab-71f8-be0f-f712834c5205	placed	2026-11-29 01:46:04.162155+00	buyer	a1e4589a213e57d360ce23b052de1940
\.
COPY public.order_line (id, order_id, "position", variant_id, product_id, sku, title, options, product_slug, image_url, quantity, unit_price_minor, discount_minor, total_minor, tax_minor, tax_class, shipped_quantity) FROM stdin;
01a2248a-181b-76e3-89f8-776b7a631f0a	01a2248a-181a-7408-8ef2-506244d339b2	0	01a2248a-0b93-73be-97ee-4d63b86496c9	01a2248a-0b92-752e-bc47-5ad658526083	DM000000-COR-XS	Ulmus Parka	Colour: Coral, Size: XS	tidewater-ulmus-parka	/media/tidewater-ulmus-parka.svg	1	27295	-2729	24566	3922	standard	1
01a2248a-181b-76e3-89f8-776c4b311202	01a2248a-181a-7408-8ef2-506244d339b2	1	01a2248a-0b93-73be-97ee-4d648b4d62d2	01a2248a-0b92-752e-bc47-5ad658526083	DM000000-COR-S	Ulmus Parka	Colour: Coral, Size: S	tidewater-ulmus-parka	/media/tidewater-ulmus-parka.svg	2	27295	-5459	49131	7845	standard	2
01a2248a-1a75-7483-9138-c9fce5ffe5a2	01a2248a-1a74-7310-a2d4-3a484e857643	0	01a2248a-0b93-73be-97ee-4d659793b442	01a2248a-0b92-752e-bc47-5ad72091a405	DM000001-FOR-XS	Boreal Long-Sleeve Shirt	Size: XS	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	1	7495	0	7495	1197	standard	1
01a2248a-1b70-74c7-9d86-06ce3601b67b	01a2248a-1b6f-757d-a3cf-43fec2a96e65	1	01a2248a-0b93-73be-97ee-4d66618e3b95	01a2248a-0b92-752e-bc47-5ad72091a405	DM000001-FOR-S	Boreal Long-Sleeve Shirt	Size: S	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	1	7495	0	7495	1197	standard	0
01a2248a-1b70-74c7-9d86-06cd49ee479e	01a2248a-1b6f-757d-a3cf-43fec2a96e65	0	01a2248a-0b93-73be-97ee-4d659793b442	01a2248a-0b92-752e-bc47-5ad72091a405	DM000001-FOR-XS	Boreal Long-Sleeve Shirt	Size: XS	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	3	7495	0	22485	3590	standard	0
01a2248a-1c8e-744c-97f2-ea10f02d3da6	01a2248a-1c8e-744c-97f2-ea0e11256e08	0	01a2248a-0b93-73be-97ee-4d67ae055c07	01a2248a-0b92-752e-bc47-5ad88826307c	DM000002-PLU-XS	Arête Running Shorts	Size: XS	wren-arete-running-shorts	/media/wren-arete-running-shorts.svg	1	10395	0	10395	1660	standard	0
01a2248a-1f11-719f-ae4a-3cd71858f0f4	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	0	01a2248a-0b93-73be-97ee-4d66618e3b95	01a2248a-0b92-752e-bc47-5ad72091a405	DM000001-FOR-S	Boreal Long-Sleeve Shirt	Size: S	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	2	7495	-1499	13491	2154	standard	0
01a2248a-202a-7710-9b1c-cea5f360c03c	01a2248a-202a-7710-9b1c-cea38ce5b03d	0	01a2248a-0b93-73be-97ee-4d69fb2e50ad	01a2248a-0b92-752e-bc47-5ad92ed11049	DM000003-SKY-38	Juniper Sandals	Size: 38	yarrow-juniper-sandals	/media/yarrow-juniper-sandals.svg	2	15795	-3159	28431	4539	standard	0
01a2248a-29ab-71f8-be0f-f714d0c74579	01a2248a-29ab-71f8-be0f-f712834c5205	0	01a2248a-0b93-73be-97ee-4d6a0b39c76c	01a2248a-0b92-752e-bc47-5ad92ed11049	DM000003-SKY-39	Juniper Sandals	Size: 39	yarrow-juniper-sandals	/media/yarrow-juniper-sandals.svg	1	15795	-1580	14215	2270	standard	0
\.
COPY public.orders (id, version, number, owner_id, organization_id, channel_id, external_id, checkout_id, cart_id, cart_version, currency, locale, status, begun, refusal_reason, refusal_metadata, email, delivery_address, delivery_option, totals, tax_lines, promotion_codes, total_minor, created_at, expires_at, placed_at, is_synthetic) FROM stdin;
01a2248a-181a-7408-8ef2-506244d339b2	5	S-100001	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	\N	01a2248a-17be-702a-a9bc-d64f79936b56	01a2248a-0c63-70ea-9b80-07053fb60a34	5	EUR		delivered	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 81885}, {"type": "discount", "label": "", "amount_minor": -8188}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 11767}, {"type": "total", "label": "", "amount_minor": 73697}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 11767}]	["first-order-10"]	73697	2026-11-29 01:45:59.639596+00	2026-11-29 02:00:59.639596+00	2026-11-29 01:45:59.716273+00	f
01a2248a-1a74-7310-a2d4-3a484e857643	4	S-100002	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	\N	01a2248a-1a18-7507-b2fd-2dc17b4ec6b7	01a2248a-1a01-74dc-a699-080117e2412c	1	EUR		shipped	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 7495}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 1197}, {"type": "total", "label": "", "amount_minor": 7495}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 1197}]	[]	7495	2026-11-29 01:46:00.242991+00	2026-11-29 02:01:00.242991+00	2026-11-29 01:46:00.291768+00	f
01a2248a-29ab-71f8-be0f-f712834c5205	3	S-100007	01a2248a-2961-73ec-b9b7-669a7fd9c85c	\N	default	\N	01a2248a-2980-76ff-b846-ec85e6789605	01a2248a-296d-7583-93c3-fb213dc9ea72	1	EUR		placed	confirm		{}	eve@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 15795}, {"type": "discount", "label": "", "amount_minor": -1580}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 2270}, {"type": "total", "label": "", "amount_minor": 14215}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 2270}]	["first-order-10"]	14215	2026-11-29 01:46:04.137828+00	2026-11-29 02:01:04.137828+00	2026-11-29 01:46:04.162155+00	f
01a2248a-1f11-719f-ae4a-3cd5ed0587b8	3	S-100005	01a2248a-1ea4-712d-b565-8a4f335ac6b5	\N	default	\N	01a2248a-1ed1-702d-8f1e-45fc35f1a6ed	01a2248a-1eb1-7083-bdc0-8b32b0d192c0	1	EUR		action_required	confirm		{}	ada@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 14990}, {"type": "discount", "label": "", "amount_minor": -1499}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 2154}, {"type": "total", "label": "", "amount_minor": 13491}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 2154}]	["first-order-10"]	13491	2026-11-29 01:46:01.423643+00	2026-11-29 02:01:01.423643+00	\N	f
01a2248a-1b6f-757d-a3cf-43fec2a96e65	4	S-100003	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	\N	01a2248a-1b26-7082-a822-4574d3d7589e	01a2248a-1b0c-7738-ba05-21107a60b366	1	EUR		placed	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 29980}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 4787}, {"type": "total", "label": "", "amount_minor": 29980}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 4787}]	[]	29980	2026-11-29 01:46:00.493744+00	2026-11-29 02:01:00.493744+00	2026-11-29 01:46:00.542726+00	f
01a2248a-1c8e-744c-97f2-ea0e11256e08	6	S-100004	01a2248a-161f-7705-bb9d-d6419213b4e2	\N	default	\N	01a2248a-1c31-74cb-a95a-25a238c54626	01a2248a-1c14-7659-9868-cd029a8b9c6a	1	EUR		cancelled	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 10395}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 1660}, {"type": "total", "label": "", "amount_minor": 10395}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 1660}]	[]	10395	2026-11-29 01:46:00.78034+00	2026-11-29 02:01:00.78034+00	2026-11-29 01:46:00.832378+00	f
01a2248a-202a-7710-9b1c-cea38ce5b03d	3	S-100006	01a2248a-1fac-7090-9907-20d931d3dfc4	\N	default	\N	01a2248a-1fe7-766c-b436-7a780a4206b9	01a2248a-1fbd-77c5-a3b3-8acb7607ccb7	1	EUR		placed	confirm		{}	lee@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 31590}, {"type": "discount", "label": "", "amount_minor": -3159}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 4539}, {"type": "total", "label": "", "amount_minor": 28431}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 4539}]	["first-order-10"]	28431	2026-11-29 01:46:01.705056+00	2026-11-29 02:01:01.705056+00	2026-11-29 01:46:01.747036+00	f
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
18	01a2248a-2980-76ff-b846-ec87566ea3af	sojourn.checkout.v1.CheckoutStarted	01a2248a-2980-76ff-b846-ec85e6789605	\\x0a2430316132323438612d323938302d373666662d623834362d65633835653637383936303510011a2430316132323438612d323936312d373365632d623962372d363639613766643963383563222430316132323438612d323936642d373538332d393363332d6662323133646339656137322a0764656661756c74	{"baggage": "visitor=01a2248a-295f-76f2-8826-4b6fe919a824,session=01a2248a-2974-7072-ad8f-6c8df5f0a946,touchpoint=checkout.start", "ce-time": "2026-11-29T01:46:04.095860+00:00", "ce-source": "checkout", "traceparent": "00-989b7eec51eae9da750c65725650590a-4b7b71bfe1267c4b-03"}	2026-11-28 23:42:44.097365+00
19	01a2248a-29c3-762c-860e-925e08b288f3	sojourn.checkout.v1.OrderPlaced	01a2248a-29ab-71f8-be0f-f712834c5205	\\x0abf070a2430316132323438612d323961622d373166382d626530662d6637313238333463353230351208532d3130303030371a06706c6163656420032a03455552320764656661756c743a8b020a2430316132323438612d323961622d373166382d626530662d663731346430633734353739122430316132323438612d306239332d373362652d393765652d3464366130623339633736631a2430316132323438612d306239322d373532652d626334372d356164393265643131303439220f444d3030303030332d534b592d33392a0f4a756e697065722053616e64616c73320853697a653a2033393801420808b37b12034555524a1008d4f3ffffffffffffff011203455552520808876f12034555525a0808de1112034555526a212f6d656469612f796172726f772d6a756e697065722d73616e64616c732e7376677216796172726f772d6a756e697065722d73616e64616c7342140a08737562746f74616c1a0808b37b1203455552421c0a08646973636f756e741a1008d4f3ffffffffffffff01120345555242140a0b66756c66696c6c6d656e741a05120345555242190a037461781208696e636c756465641a0808de11120345555242110a05746f74616c1a0808876f12034555524a1c0a0856415420313920251204302e31391a0808de1112034555522001520f657665406578616d706c652e636f6d5a310a05536172616812054a6f6e6573220e486175707473747261c39f6520352a064265726c696e3a0531303832374202444562390a067069636b757012105069636b20757020696e2073746f72651a051203455552220a323032362d31322d30312a0a323032362d31322d30316a560a2430316132323438612d323961622d373166382d626530662d663731333663373535396565120973696d756c61746f721a086361707475726564220808876f12034555522a0808876f1203455552320512034555527a3f0a0770656e64696e67120b08dc87aed80610a0addc411a056275796572222061316534353839613231336535376433363063653233623035326465313934307a3e0a06706c61636564120b08dc87aed80610f893a94d1a0562757965722220613165343538396132313365353764333630636532336230353264653139343082010b08dc87aed80610a0addc418a010b08dc87aed80610f893a94da2012430316132323438612d323938302d373666662d623834362d656338356536373839363035aa010e66697273742d6f726465722d3130b2012430316132323438612d323936312d373365632d623962372d3636396137666439633835631a2430316132323438612d323936642d373538332d393363332d666232313364633965613732224064303537346334393636643263333236313933363232666565626336343939316335623539383037616536386661383235356232366337396634626639313761	{"baggage": "visitor=01a2248a-295f-76f2-8826-4b6fe919a824,session=01a2248a-29a2-763f-8191-dda26e1779c7,touchpoint=order.place", "ce-time": "2026-11-29T01:46:04.162155+00:00", "ce-source": "checkout", "traceparent": "00-a1e4589a213e57d360ce23b052de1940-bc8ff4c49055c6af-03"}	2026-11-28 23:42:44.166273+00
\.
COPY public.payment (id, version, order_id, provider, method_id, status, currency, amount_minor, captured_minor, refunding_minor, refunded_minor, provider_payment_id, action_url, decline_code, token, created_at) FROM stdin;
01a2248a-181b-76e3-89f8-776abf4f7099	2	01a2248a-181a-7408-8ef2-506244d339b2	simulator	card	captured	EUR	73697	73697	0	0	pay_01a2248a183e31ee79fc25b0e6e8b3fb				2026-11-29 01:45:59.639596+00
01a2248a-1a75-7483-9138-c9fbe9a3758f	2	01a2248a-1a74-7310-a2d4-3a484e857643	simulator	card	captured	EUR	7495	7495	0	0	pay_01a2248a1a8ef5ac11ba012d9c90c701				2026-11-29 01:46:00.242991+00
01a2248a-1b70-74c7-9d86-06cc3a5bed1b	4	01a2248a-1b6f-757d-a3cf-43fec2a96e65	simulator	card	partially_refunded	EUR	29980	29980	0	1000	pay_01a2248a1b8acbc4ff4c89aebce99432				2026-11-29 01:46:00.493744+00
01a2248a-1c8e-744c-97f2-ea0f0c00b804	4	01a2248a-1c8e-744c-97f2-ea0e11256e08	simulator	card	refunded	EUR	10395	10395	0	10395	pay_01a2248a1ca1d07ef7e18734489faec7				2026-11-29 01:46:00.78034+00
01a2248a-1f11-719f-ae4a-3cd66e29af84	2	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	simulator	card	requires_action	EUR	13491	0	0	0	pay_01a2248a1f31202fd5a8c61faac65468	http://127.0.0.1:20170/challenges/chl_GWBk6F8zJVC7dr-NDhF0BkDXSyI8KlFm		pm_card_3ds	2026-11-29 01:46:01.423643+00
01a2248a-202a-7710-9b1c-cea448fa8aee	2	01a2248a-202a-7710-9b1c-cea38ce5b03d	simulator	card	captured	EUR	28431	28431	0	0	pay_01a2248a2042c47ae6463a85a01bf546				2026-11-29 01:46:01.705056+00
01a2248a-29ab-71f8-be0f-f7136c7559ee	2	01a2248a-29ab-71f8-be0f-f712834c5205	simulator	card	captured	EUR	14215	14215	0	0	pay_01a2248a29b62873c19d6aea447d2fa6				2026-11-29 01:46:04.137828+00
\.
COPY public.placement (caller, idempotency_key, fingerprint, order_id, created_at) FROM stdin;
customer:01a2248a-161f-7705-bb9d-d6419213b4e2	01890000-0000-7000-8000-000000000001	\\x42ff7bca6fba9202aabd714f1864335b9a2a9ba3ed04b4ac88e2578a168f3248	01a2248a-181a-7408-8ef2-506244d339b2	2026-11-29 01:45:59.639596+00
customer:01a2248a-161f-7705-bb9d-d6419213b4e2	9729db02-29f0-4a1b-9841-f4bcf9a180bc	\\x8717dab9c765a355ed70a12df206291fd57855b1a50e61ce65fbf5569c90674a	01a2248a-1a74-7310-a2d4-3a484e857643	2026-11-29 01:46:00.242991+00
customer:01a2248a-161f-7705-bb9d-d6419213b4e2	ead0dc5b-f1ad-493b-92b4-83c81b44024a	\\x8d2a4b5eee86eb449a682c19d24aafd9a41f409e1a34523c0e7ac635ab29473b	01a2248a-1b6f-757d-a3cf-43fec2a96e65	2026-11-29 01:46:00.493744+00
customer:01a2248a-161f-7705-bb9d-d6419213b4e2	42a5dcc0-4972-4603-82f5-cb91b8065e2c	\\x9b0350a241bd4d23268422f15e782dc21b2a0511691dceb9617333630b76de0d	01a2248a-1c8e-744c-97f2-ea0e11256e08	2026-11-29 01:46:00.78034+00
guest:01a2248a-1ea4-712d-b565-8a4f335ac6b5	69e244e6-98eb-46c3-88cc-0798040e0ad4	\\xd1370726d101b832b4dbaec5e422f6ac670aa148672307b33e688786d50bd2d3	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	2026-11-29 01:46:01.423643+00
guest:01a2248a-1fac-7090-9907-20d931d3dfc4	779cc084-d99c-47f1-8a1f-589da7d98263	\\x11d296dcfc261deef90791274220861c5d6e76e438f2230c7ffb968158e9a2b5	01a2248a-202a-7710-9b1c-cea38ce5b03d	2026-11-29 01:46:01.705056+00
guest:01a2248a-2961-73ec-b9b7-669a7fd9c85c	1da94afc-eb83-4e69-b054-72fa1cca9edb	\\x00a5eda74ed2c6b90b631d7a2b66a2eae1a1f1fd961e676c3b4c1bc24e42dbd0	01a2248a-29ab-71f8-be0f-f712834c5205	2026-11-29 01:46:04.137828+00
\.
COPY public.reconciliation (provider, cursor, leased_until) FROM stdin;
\.
COPY public.refund (id, order_id, payment_id, caller, idempotency_key, fingerprint, status, currency, amount_minor, reason, created_at, refunded_at) FROM stdin;
01a2248a-1bc5-72db-8b03-3e39b98f597c	01a2248a-1b6f-757d-a3cf-43fec2a96e65	01a2248a-1b70-74c7-9d86-06cc3a5bed1b	staff:01a22489-f0f1-7491-ab98-597cf8a15654	d20c4f0b-93e4-4251-9eff-8213b7ddce69	\\x4e1037d8f61a60df8093fabf6447961a983bb0710253df505342cf8e93ace615	done	EUR	1000	buyer_request	2026-11-29 01:46:00.566686+00	2026-11-29 01:46:00.595821+00
01a2248a-1cd4-70dc-9e26-20c7d4de4473	01a2248a-1c8e-744c-97f2-ea0e11256e08	01a2248a-1c8e-744c-97f2-ea0f0c00b804	system	01a2248a-1c8e-744c-97f2-ea0e11256e08:cancel	\\x	done	EUR	10395	buyer_request	2026-11-29 01:46:00.848185+00	2026-11-29 01:46:00.86792+00
\.
COPY public.shipment (id, order_id, status, carrier, tracking_number, tracking_url, external_id, shipped_at, delivered_at) FROM stdin;
01a2248a-1881-7091-8e92-fc0517bbdd6d	01a2248a-181a-7408-8ef2-506244d339b2	delivered	DHL	00340434161094042557		\N	2026-11-29 01:45:59.739703+00	2026-11-29 01:45:59.769583+00
01a2248a-1ad3-7459-8a20-98e47e59242b	01a2248a-1a74-7310-a2d4-3a484e857643	shipped	DHL	00340434161094042557		\N	2026-11-29 01:46:00.323156+00	\N
\.
COPY public.shipment_line (shipment_id, order_line_id, quantity) FROM stdin;
01a2248a-1881-7091-8e92-fc0517bbdd6d	01a2248a-181b-76e3-89f8-776b7a631f0a	1
01a2248a-1881-7091-8e92-fc0517bbdd6d	01a2248a-181b-76e3-89f8-776c4b311202	2
01a2248a-1ad3-7459-8a20-98e47e59242b	01a2248a-1a75-7483-9138-c9fce5ffe5a2	1
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
01a2248a-1ed1-702d-8f1e-45fdb3208ff3	checkout.expire	01a2248a-1ed1-702d-8f1e-45fc35f1a6ed	{}	2026-11-29 07:46:01.358807+00	0	2026-11-28 23:42:41.362246+00	{"baggage": "visitor=01a2248a-1ea3-744b-8dac-32b1a94b6ad9,session=01a2248a-1ebb-7700-a500-c6f1663e85a7,touchpoint=checkout.start", "traceparent": "00-7d17dd5c303bbd4d369741645066f6b7-d2c7569f9fbdb837-03"}
01a2248a-1f11-719f-ae4a-3cd906a4b1fd	order.advance	01a2248a-1f11-719f-ae4a-3cd5ed0587b8	{}	2026-11-29 01:47:01.462081+00	0	2026-11-28 23:42:41.479267+00	{"baggage": "visitor=01a2248a-1ea3-744b-8dac-32b1a94b6ad9,session=01a2248a-1f03-7579-8f7f-79dc0f82e483,touchpoint=order.place", "traceparent": "00-6f6931c52d24aebe74d1c64757c1a21e-e672269e30c33a22-03"}
\.
COPY public.webhook_event (provider, event_id, received_at) FROM stdin;
\.
SELECT pg_catalog.setval('public.order_number_default', 100007, true);
SELECT pg_catalog.setval('public.outbox_id_seq', 19, true);
ALTER TABLE ONLY public.alembic_version_chassis
    ADD CONSTRAINT alembic_version_chassis_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.checkout
    ADD CONSTRAINT checkout_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (caller, method, key);
ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.order_event
    ADD CONSTRAINT order_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_channel_id_number_key UNIQUE (channel_id, number);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.placement
    ADD CONSTRAINT placement_pkey PRIMARY KEY (caller, idempotency_key);
ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_pkey PRIMARY KEY (provider);
ALTER TABLE ONLY public.refund
    ADD CONSTRAINT refund_caller_idempotency_key_key UNIQUE (caller, idempotency_key);
ALTER TABLE ONLY public.refund
    ADD CONSTRAINT refund_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shipment_line
    ADD CONSTRAINT shipment_line_pkey PRIMARY KEY (shipment_id, order_line_id);
ALTER TABLE ONLY public.shipment
    ADD CONSTRAINT shipment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.skipped_row
    ADD CONSTRAINT skipped_row_pkey PRIMARY KEY (loop, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_kind_key_key UNIQUE (kind, key);
ALTER TABLE ONLY public.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_event
    ADD CONSTRAINT webhook_event_pkey PRIMARY KEY (provider, event_id);
CREATE INDEX audit_subject ON public.audit USING btree (subject, at);
CREATE INDEX checkout_owner ON public.checkout USING btree (owner_id, id);
CREATE INDEX idempotency_created_at ON public.idempotency USING btree (created_at);
CREATE INDEX inbox_handled_at ON public.inbox USING btree (handled_at);
CREATE INDEX order_event_order ON public.order_event USING btree (order_id, id);
CREATE INDEX order_line_order ON public.order_line USING btree (order_id);
CREATE UNIQUE INDEX orders_live_of_checkout ON public.orders USING btree (checkout_id) WHERE (status <> ALL (ARRAY['refused'::text, 'cancelled'::text]));
CREATE INDEX orders_owner ON public.orders USING btree (owner_id, id);
CREATE INDEX orders_unsettled ON public.orders USING btree (created_at) WHERE (status = ANY (ARRAY['pending'::text, 'action_required'::text, 'cancelling'::text]));
CREATE INDEX payment_order ON public.payment USING btree (order_id);
CREATE INDEX refund_order ON public.refund USING btree (order_id);
CREATE INDEX refund_pending ON public.refund USING btree (created_at) WHERE (status = 'pending'::text);
CREATE INDEX shipment_order ON public.shipment USING btree (order_id);
CREATE INDEX skipped_row_last_at ON public.skipped_row USING btree (last_at);
CREATE INDEX timer_due_at ON public.timer USING btree (due_at);
CREATE INDEX webhook_event_received_at ON public.webhook_event USING btree (received_at);
ALTER TABLE ONLY public.order_event
    ADD CONSTRAINT order_event_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.placement
    ADD CONSTRAINT placement_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.refund
    ADD CONSTRAINT refund_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.refund
    ADD CONSTRAINT refund_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES public.payment(id);
ALTER TABLE ONLY public.shipment_line
    ADD CONSTRAINT shipment_line_order_line_id_fkey FOREIGN KEY (order_line_id) REFERENCES public.order_line(id);
ALTER TABLE ONLY public.shipment_line
    ADD CONSTRAINT shipment_line_shipment_id_fkey FOREIGN KEY (shipment_id) REFERENCES public.shipment(id);
ALTER TABLE ONLY public.shipment
    ADD CONSTRAINT shipment_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
