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
01a22485-3bf0-752d-a24f-4e7fcd776387	2026-11-29 01:40:41.114311+00	01a22485-16d2-71fe-9193-8e7f102a3111	order.ship	order:01a22485-3b80-7100-b7d1-a96570c427c2	{"status": "placed"}	{"status": "shipped", "shipment_id": "01a22485-3be6-735b-afe1-6133f76ba4dc"}	86b66634678c9eab1b2467d13fed28d1
01a22485-3c17-7270-ba58-a91a2e2e730f	2026-11-29 01:40:41.158892+00	01a22485-16d2-71fe-9193-8e7f102a3111	order.deliver	order:01a22485-3b80-7100-b7d1-a96570c427c2	{"status": "shipped"}	{"status": "delivered", "shipment_id": "01a22485-3be6-735b-afe1-6133f76ba4dc"}	16984a2ab7db6a5a91222fca2b60d7b2
01a22485-3e7e-75a2-912a-66340ba0eab9	2026-11-29 01:40:41.778796+00	01a22485-16d2-71fe-9193-8e7f102a3111	order.ship	order:01a22485-3e0f-734b-b819-7f499a5caf61	{"status": "placed"}	{"status": "shipped", "shipment_id": "01a22485-3e79-71d6-afbd-0c3799fc759e"}	4db0a26626d63cbf964d70da6510ecf3
01a22485-3f71-72c8-bf83-d3f084c12218	2026-11-29 01:40:42.02911+00	01a22485-16d2-71fe-9193-8e7f102a3111	order.refund	order:01a22485-3f15-72f3-b938-93a3e513b709	{"refunded_minor": 0}	{"reason": "buyer_request", "currency": "EUR", "amount_minor": 1000}	41c32ee031820fe9696e88e94fc9a267
\.
COPY public.checkout (id, version, owner_id, owner_kind, organization_id, channel_id, external_id, cart_id, currency, locale, status, email, delivery_address, delivery_option_id, payment_method_id, payment_token, order_id, continue_url, created_at, expires_at, is_synthetic, reviewed_total_minor) FROM stdin;
01a22485-3b29-7751-8635-4ba0bef16429	5	01a22485-3984-759a-af9b-1f12a0da2b2b	customer	\N	default	\N	01a22485-2f69-7588-ac99-beb45c79b52a	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a22485-3b80-7100-b7d1-a96570c427c2		2026-11-29 01:40:40.934427+00	2026-11-29 07:40:40.934427+00	f	73697
01a22485-4201-72d1-996d-4283351e8934	5	01a22485-41e2-739e-ab54-660cca3e238a	guest	\N	default	\N	01a22485-41ed-76a8-820b-0ac5778bc858	EUR		requires_escalation	ada@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card	pm_card_3ds	01a22485-422f-7752-9d33-b37218d3159a	http://127.0.0.1:23714/challenges/chl_LL-ox5zKtTPRmH8Fj-6LnssndGZRJNlM	2026-11-29 01:40:42.688423+00	2026-11-29 07:40:42.688423+00	f	13491
01a22485-3dbd-7729-ad32-978a245e8791	5	01a22485-3984-759a-af9b-1f12a0da2b2b	customer	\N	default	\N	01a22485-3d9b-72fa-9ff3-3f34eb9f9b81	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a22485-3e0f-734b-b819-7f499a5caf61		2026-11-29 01:40:41.595763+00	2026-11-29 07:40:41.595763+00	f	7495
01a22485-42ae-70ad-8a1d-50697bfc86df	5	01a22485-4285-7594-871c-25016c8a6db1	guest	\N	default	\N	01a22485-4295-7075-b12e-922d5aa45c63	EUR		completed	lee@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a22485-42f0-704e-87ce-c425a58043c6		2026-11-29 01:40:42.858544+00	2026-11-29 07:40:42.858544+00	f	28431
01a22485-3ec7-73dd-b36c-769b31ad1e6c	5	01a22485-3984-759a-af9b-1f12a0da2b2b	customer	\N	default	\N	01a22485-3ead-774d-8a7c-f4991e9d726a	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a22485-3f15-72f3-b938-93a3e513b709		2026-11-29 01:40:41.862417+00	2026-11-29 07:40:41.862417+00	f	29980
01a22485-3fb6-750e-b6f6-4d05d78f7cb5	5	01a22485-3984-759a-af9b-1f12a0da2b2b	customer	\N	default	\N	01a22485-3fa3-776b-94a2-e9a0d72916f3	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a22485-3ff7-76e9-a117-bbfe0b504981		2026-11-29 01:40:42.101453+00	2026-11-29 07:40:42.101453+00	f	10395
01a22485-4c67-72cf-bed8-66be09308869	5	01a22485-4c4a-7735-957f-d6aee681a75d	guest	\N	default	\N	01a22485-4c58-760a-a1bf-4d2e865d7275	EUR		completed	eve@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a22485-4ca4-7101-ad6f-16b7d3fb5d6d		2026-11-29 01:40:45.351202+00	2026-11-29 07:40:45.351202+00	f	14215
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
\.
COPY public.order_event (id, order_id, status, at, actor, trace_id) FROM stdin;
01a22485-3b83-77ae-bac3-f8e6526b967f	01a22485-3b80-7100-b7d1-a96570c427c2	pending	2026-11-29 01:40:41.022717+00	buyer	c0a1c02a72b06669951dafef3355ef99
01a22485-3bbf-7286-b93b-8b08a3de354a	01a22485-3b80-7100-b7d1-a96570c427c2	placed	2026-11-29 01:40:41.084097+00	buyer	c0a1c02a72b06669951dafef3355ef99
01a22485-3bf0-752d-a24f-4e7e6a51992b	01a22485-3b80-7100-b7d1-a96570c427c2	shipped	2026-11-29 01:40:41.114311+00	staff	86b66634678c9eab1b2467d13fed28d1
01a22485-3c13-7007-9872-0943736ebf75	01a22485-3b80-7100-b7d1-a96570c427c2	delivered	2026-11-29 01:40:41.158892+00	staff	16984a2ab7db6a5a91222fca2b60d7b2
01a22485-3e0f-734b-b819-7f4c812cb663	01a22485-3e0f-734b-b819-7f499a5caf61	pending	2026-11-29 01:40:41.676836+00	buyer	5e818cdf184daa94c171274293016e84
01a22485-3e52-73b2-83a5-6224dae5fc99	01a22485-3e0f-734b-b819-7f499a5caf61	placed	2026-11-29 01:40:41.745881+00	buyer	5e818cdf184daa94c171274293016e84
01a22485-3e7e-75a2-912a-66337ae325c0	01a22485-3e0f-734b-b819-7f499a5caf61	shipped	2026-11-29 01:40:41.778796+00	staff	4db0a26626d63cbf964d70da6510ecf3
01a22485-3f15-72f3-b938-93a77dd602ff	01a22485-3f15-72f3-b938-93a3e513b709	pending	2026-11-29 01:40:41.940278+00	buyer	a26377ce48933a26cad14725b0ca385e
01a22485-3f57-72ee-827b-6f9e3fdfdd89	01a22485-3f15-72f3-b938-93a3e513b709	placed	2026-11-29 01:40:42.006+00	buyer	a26377ce48933a26cad14725b0ca385e
01a22485-3ff8-73f6-a21a-1881d61129ee	01a22485-3ff7-76e9-a117-bbfe0b504981	pending	2026-11-29 01:40:42.163123+00	buyer	465c2f5fc57b55cb1f4db359e0d7c5c1
01a22485-4027-71d0-81b3-9d9fbc145473	01a22485-3ff7-76e9-a117-bbfe0b504981	placed	2026-11-29 01:40:42.212257+00	buyer	465c2f5fc57b55cb1f4db359e0d7c5c1
01a22485-4038-7317-98c5-8c7521d5f635	01a22485-3ff7-76e9-a117-bbfe0b504981	cancelling	2026-11-29 01:40:42.23156+00	buyer	44981b4461f4da2927674cf66d9144b2
01a22485-408b-700c-aa44-a88dd5a500a7	01a22485-3ff7-76e9-a117-bbfe0b504981	cancelled	2026-11-29 01:40:42.314169+00	system	44981b4461f4da2927674cf66d9144b2
01a22485-4233-74a3-98e1-0100adfce6f2	01a22485-422f-7752-9d33-b37218d3159a	pending	2026-11-29 01:40:42.734592+00	buyer	69f9aa5ed844f8b659279a494bbafeb5
01a22485-424a-75dd-be99-d3e87ff31cf8	01a22485-422f-7752-9d33-b37218d3159a	action_required	2026-11-29 01:40:42.759464+00	buyer	69f9aa5ed844f8b659279a494bbafeb5
01a22485-42f0-704e-87ce-c428ffbfd825	01a22485-42f0-704e-87ce-c425a58043c6	pending	2026-11-29 01:40:42.927315+00	buyer	140c0fb327458a7aa27d6062e6d33cf6
01a22485-4311-727d-b53a-cb44b81f2224	01a22485-42f0-704e-87ce-c425a58043c6	placed	2026-11-29 01:40:42.96048+00	buyer	140c0fb327458a7aa27d6062e6d33cf6
01a22485-4ca4-7101-ad6f-16ba84f3401f	01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	pending	2026-11-29 01:40:45.411343+00	buyer	c3db7e68f2cae1450b899d568b27cd34
01a22485-4cc5-7017-ab3c-66928628caac	01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	placed	2026-11-29 01:40:45.444795+00	buyer	c3db7e68f2cae1450b899d568b27cd34
\.
COPY public.order_line (id, order_id, "position", variant_id, product_id, sku, title, options, product_slug, image_url, quantity, unit_price_minor, discount_minor, total_minor, tax_minor, tax_class, shipped_quantity) FROM stdin;
01a22485-3b82-765d-a884-88f79223d2e5	01a22485-3b80-7100-b7d1-a96570c427c2	0	01a22485-2e72-71b9-aab3-a37ef443aee5	01a22485-2e72-71b9-aab3-a37a03474b87	DM000000-COR-XS	Ulmus Parka	Colour: Coral, Size: XS	tidewater-ulmus-parka	/media/tidewater-ulmus-parka.svg	1	27295	-2729	24566	3922	standard	1
01a22485-3b82-765d-a884-88f8775da15c	01a22485-3b80-7100-b7d1-a96570c427c2	1	01a22485-2e72-71b9-aab3-a37fed67fb4c	01a22485-2e72-71b9-aab3-a37a03474b87	DM000000-COR-S	Ulmus Parka	Colour: Coral, Size: S	tidewater-ulmus-parka	/media/tidewater-ulmus-parka.svg	2	27295	-5459	49131	7845	standard	2
01a22485-3e0f-734b-b819-7f4b091d86f2	01a22485-3e0f-734b-b819-7f499a5caf61	0	01a22485-2e72-71b9-aab3-a380ef400105	01a22485-2e72-71b9-aab3-a37ba9ad8da8	DM000001-FOR-XS	Boreal Long-Sleeve Shirt	Size: XS	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	1	7495	0	7495	1197	standard	1
01a22485-3f15-72f3-b938-93a60d46e6c4	01a22485-3f15-72f3-b938-93a3e513b709	1	01a22485-2e72-71b9-aab3-a3814b38f664	01a22485-2e72-71b9-aab3-a37ba9ad8da8	DM000001-FOR-S	Boreal Long-Sleeve Shirt	Size: S	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	1	7495	0	7495	1197	standard	0
01a22485-3f15-72f3-b938-93a5ef201285	01a22485-3f15-72f3-b938-93a3e513b709	0	01a22485-2e72-71b9-aab3-a380ef400105	01a22485-2e72-71b9-aab3-a37ba9ad8da8	DM000001-FOR-XS	Boreal Long-Sleeve Shirt	Size: XS	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	3	7495	0	22485	3590	standard	0
01a22485-3ff8-73f6-a21a-18803cac4ad5	01a22485-3ff7-76e9-a117-bbfe0b504981	0	01a22485-2e72-71b9-aab3-a382a37b0cdb	01a22485-2e72-71b9-aab3-a37c536d3dca	DM000002-PLU-XS	Arête Running Shorts	Size: XS	wren-arete-running-shorts	/media/wren-arete-running-shorts.svg	1	10395	0	10395	1660	standard	0
01a22485-4233-74a3-98e1-00ff7b1c035b	01a22485-422f-7752-9d33-b37218d3159a	0	01a22485-2e72-71b9-aab3-a3814b38f664	01a22485-2e72-71b9-aab3-a37ba9ad8da8	DM000001-FOR-S	Boreal Long-Sleeve Shirt	Size: S	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	2	7495	-1499	13491	2154	standard	0
01a22485-42f0-704e-87ce-c427a9ed666d	01a22485-42f0-704e-87ce-c425a58043c6	0	01a22485-2e72-71b9-aab3-a384bd7ee85d	01a22485-2e72-71b9-aab3-a37df8e288d5	DM000003-SKY-38	Juniper Sandals	Size: 38	yarrow-juniper-sandals	/media/yarrow-juniper-sandals.svg	2	15795	-3159	28431	4539	standard	0
01a22485-4ca4-7101-ad6f-16b9ae41650d	01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	0	01a22485-2e72-71b9-aab3-a385ed5a5500	01a22485-2e72-71b9-aab3-a37df8e288d5	DM000003-SKY-39	Juniper Sandals	Size: 39	yarrow-juniper-sandals	/media/yarrow-juniper-sandals.svg	1	15795	-1580	14215	2270	standard	0
\.
COPY public.orders (id, version, number, owner_id, organization_id, channel_id, external_id, checkout_id, cart_id, cart_version, currency, locale, status, begun, refusal_reason, refusal_metadata, email, delivery_address, delivery_option, totals, tax_lines, promotion_codes, total_minor, created_at, expires_at, placed_at, is_synthetic) FROM stdin;
01a22485-3b80-7100-b7d1-a96570c427c2	5	S-100001	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	\N	01a22485-3b29-7751-8635-4ba0bef16429	01a22485-2f69-7588-ac99-beb45c79b52a	5	EUR		delivered	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 81885}, {"type": "discount", "label": "", "amount_minor": -8188}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 11767}, {"type": "total", "label": "", "amount_minor": 73697}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 11767}]	["first-order-10"]	73697	2026-11-29 01:40:41.022717+00	2026-11-29 01:55:41.022717+00	2026-11-29 01:40:41.084097+00	f
01a22485-3e0f-734b-b819-7f499a5caf61	4	S-100002	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	\N	01a22485-3dbd-7729-ad32-978a245e8791	01a22485-3d9b-72fa-9ff3-3f34eb9f9b81	1	EUR		shipped	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 7495}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 1197}, {"type": "total", "label": "", "amount_minor": 7495}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 1197}]	[]	7495	2026-11-29 01:40:41.676836+00	2026-11-29 01:55:41.676836+00	2026-11-29 01:40:41.745881+00	f
01a22485-42f0-704e-87ce-c425a58043c6	3	S-100006	01a22485-4285-7594-871c-25016c8a6db1	\N	default	\N	01a22485-42ae-70ad-8a1d-50697bfc86df	01a22485-4295-7075-b12e-922d5aa45c63	1	EUR		placed	confirm		{}	lee@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 31590}, {"type": "discount", "label": "", "amount_minor": -3159}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 4539}, {"type": "total", "label": "", "amount_minor": 28431}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 4539}]	["first-order-10"]	28431	2026-11-29 01:40:42.927315+00	2026-11-29 01:55:42.927315+00	2026-11-29 01:40:42.96048+00	f
01a22485-3f15-72f3-b938-93a3e513b709	4	S-100003	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	\N	01a22485-3ec7-73dd-b36c-769b31ad1e6c	01a22485-3ead-774d-8a7c-f4991e9d726a	1	EUR		placed	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 29980}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 4787}, {"type": "total", "label": "", "amount_minor": 29980}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 4787}]	[]	29980	2026-11-29 01:40:41.940278+00	2026-11-29 01:55:41.940278+00	2026-11-29 01:40:42.006+00	f
01a22485-3ff7-76e9-a117-bbfe0b504981	6	S-100004	01a22485-3984-759a-af9b-1f12a0da2b2b	\N	default	\N	01a22485-3fb6-750e-b6f6-4d05d78f7cb5	01a22485-3fa3-776b-94a2-e9a0d72916f3	1	EUR		cancelled	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 10395}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 1660}, {"type": "total", "label": "", "amount_minor": 10395}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 1660}]	[]	10395	2026-11-29 01:40:42.163123+00	2026-11-29 01:55:42.163123+00	2026-11-29 01:40:42.212257+00	f
01a22485-422f-7752-9d33-b37218d3159a	3	S-100005	01a22485-41e2-739e-ab54-660cca3e238a	\N	default	\N	01a22485-4201-72d1-996d-4283351e8934	01a22485-41ed-76a8-820b-0ac5778bc858	1	EUR		action_required	confirm		{}	ada@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 14990}, {"type": "discount", "label": "", "amount_minor": -1499}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 2154}, {"type": "total", "label": "", "amount_minor": 13491}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 2154}]	["first-order-10"]	13491	2026-11-29 01:40:42.734592+00	2026-11-29 01:55:42.734592+00	\N	f
01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	3	S-100007	01a22485-4c4a-7735-957f-d6aee681a75d	\N	default	\N	01a22485-4c67-72cf-bed8-66be09308869	01a22485-4c58-760a-a1bf-4d2e865d7275	1	EUR		placed	confirm		{}	eve@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 15795}, {"type": "discount", "label": "", "amount_minor": -1580}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 2270}, {"type": "total", "label": "", "amount_minor": 14215}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 2270}]	["first-order-10"]	14215	2026-11-29 01:40:45.411343+00	2026-11-29 01:55:45.411343+00	2026-11-29 01:40:45.444795+00	f
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
18	01a22485-4c68-77ba-a5a1-e45e159e5876	sojourn.checkout.v1.CheckoutStarted	01a22485-4c67-72cf-bed8-66be09308869	\\x0a2430316132323438352d346336372d373263662d626564382d36366265303933303838363910011a2430316132323438352d346334612d373733352d393537662d643661656536383161373564222430316132323438352d346335382d373630612d613162662d3464326538363564373237352a0764656661756c74	{"baggage": "visitor=01a22485-4c49-7131-a1e0-c3895fd759cb,session=01a22485-4c5d-7509-b06f-428a16956ea3,touchpoint=checkout.start", "ce-time": "2026-11-29T01:40:45.351202+00:00", "ce-source": "checkout", "traceparent": "00-ffc29f42536b1dbd29969a44855cd4de-1a8c419015085bfe-03"}	2026-11-28 23:37:25.352698+00
19	01a22485-4cc5-7017-ab3c-66931ab56092	sojourn.checkout.v1.OrderPlaced	01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	\\x0ac3070a2430316132323438352d346361342d373130312d616436662d3136623764336662356436641208532d3130303030371a06706c6163656420032a03455552320764656661756c743a8b020a2430316132323438352d346361342d373130312d616436662d313662396165343136353064122430316132323438352d326537322d373162392d616162332d6133383565643561353530301a2430316132323438352d326537322d373162392d616162332d613337646638653238386435220f444d3030303030332d534b592d33392a0f4a756e697065722053616e64616c73320853697a653a2033393801420808b37b12034555524a1008d4f3ffffffffffffff011203455552520808876f12034555525a0808de1112034555526a212f6d656469612f796172726f772d6a756e697065722d73616e64616c732e7376677216796172726f772d6a756e697065722d73616e64616c7342140a08737562746f74616c1a0808b37b1203455552421c0a08646973636f756e741a1008d4f3ffffffffffffff01120345555242140a0b66756c66696c6c6d656e741a05120345555242190a037461781208696e636c756465641a0808de11120345555242110a05746f74616c1a0808876f12034555524a1c0a0856415420313920251204302e31391a0808de1112034555522001520f657665406578616d706c652e636f6d5a310a05536172616812054a6f6e6573220e486175707473747261c39f6520352a064265726c696e3a0531303832374202444562390a067069636b757012105069636b20757020696e2073746f72651a051203455552220a323032362d31322d30312a0a323032362d31322d30316a560a2430316132323438352d346361342d373130312d616436662d313662383661356264343732120973696d756c61746f721a086361707475726564220808876f12034555522a0808876f1203455552320512034555527a400a0770656e64696e67120c089d85aed8061098b192c4011a056275796572222063336462376536386632636165313435306238393964353638623237636433347a3f0a06706c61636564120c089d85aed80610f8908cd4011a0562757965722220633364623765363866326361653134353062383939643536386232376364333482010c089d85aed8061098b192c4018a010c089d85aed80610f8908cd401a2012430316132323438352d346336372d373263662d626564382d363662653039333038383639aa010e66697273742d6f726465722d3130b2012430316132323438352d346334612d373733352d393537662d6436616565363831613735641a2430316132323438352d346335382d373630612d613162662d346432653836356437323735224064303537346334393636643263333236313933363232666565626336343939316335623539383037616536386661383235356232366337396634626639313761	{"baggage": "visitor=01a22485-4c49-7131-a1e0-c3895fd759cb,session=01a22485-4c92-77a2-891e-2c02811f0c32,touchpoint=order.place", "ce-time": "2026-11-29T01:40:45.444795+00:00", "ce-source": "checkout", "traceparent": "00-c3db7e68f2cae1450b899d568b27cd34-7d8af490bc420cf8-03"}	2026-11-28 23:37:25.446265+00
\.
COPY public.payment (id, version, order_id, provider, method_id, status, currency, amount_minor, captured_minor, refunding_minor, refunded_minor, provider_payment_id, action_url, decline_code, token, created_at) FROM stdin;
01a22485-3b82-765d-a884-88f60d670f26	2	01a22485-3b80-7100-b7d1-a96570c427c2	simulator	card	captured	EUR	73697	73697	0	0	pay_01a224853b9c42c5ba65502555af05df				2026-11-29 01:40:41.022717+00
01a22485-3e0f-734b-b819-7f4af6a35d29	2	01a22485-3e0f-734b-b819-7f499a5caf61	simulator	card	captured	EUR	7495	7495	0	0	pay_01a224853e2c4582cd1e77b21094055f				2026-11-29 01:40:41.676836+00
01a22485-3f15-72f3-b938-93a4dab00e62	4	01a22485-3f15-72f3-b938-93a3e513b709	simulator	card	partially_refunded	EUR	29980	29980	0	1000	pay_01a224853f2fa1912157e08106fc974d				2026-11-29 01:40:41.940278+00
01a22485-3ff8-73f6-a21a-187f0ec6af27	4	01a22485-3ff7-76e9-a117-bbfe0b504981	simulator	card	refunded	EUR	10395	10395	0	10395	pay_01a2248540078f5a8747718ad9914aaa				2026-11-29 01:40:42.163123+00
01a22485-4233-74a3-98e1-00feada253dc	2	01a22485-422f-7752-9d33-b37218d3159a	simulator	card	requires_action	EUR	13491	0	0	0	pay_01a224854245ff913c4f132ab3929e61	http://127.0.0.1:23714/challenges/chl_LL-ox5zKtTPRmH8Fj-6LnssndGZRJNlM		pm_card_3ds	2026-11-29 01:40:42.734592+00
01a22485-42f0-704e-87ce-c4264e8f5a24	2	01a22485-42f0-704e-87ce-c425a58043c6	simulator	card	captured	EUR	28431	28431	0	0	pay_01a22485430326a7fd1c989096cefc37				2026-11-29 01:40:42.927315+00
01a22485-4ca4-7101-ad6f-16b86a5bd472	2	01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	simulator	card	captured	EUR	14215	14215	0	0	pay_01a224854cb299e959e6430632d7194d				2026-11-29 01:40:45.411343+00
\.
COPY public.placement (caller, idempotency_key, fingerprint, order_id, created_at) FROM stdin;
customer:01a22485-3984-759a-af9b-1f12a0da2b2b	01890000-0000-7000-8000-000000000001	\\x93242b9b573ebe17ae1a2d464fed4cf897cb16e2d5f385c4d328781fb9022c28	01a22485-3b80-7100-b7d1-a96570c427c2	2026-11-29 01:40:41.022717+00
customer:01a22485-3984-759a-af9b-1f12a0da2b2b	f4718016-71f1-4083-a598-cbeb64c2851e	\\xe4f51c5d5b67e1d1fc6906cc2664c8ce6b5faec1b2e402bf0d4a4345b2feedb3	01a22485-3e0f-734b-b819-7f499a5caf61	2026-11-29 01:40:41.676836+00
customer:01a22485-3984-759a-af9b-1f12a0da2b2b	1507a65f-0ea9-4a6e-aab6-73f604600235	\\xdb76dfb18e4189fa8db6c16b700d730079767e787f8d35fb6cbfc89a6d2de13f	01a22485-3f15-72f3-b938-93a3e513b709	2026-11-29 01:40:41.940278+00
customer:01a22485-3984-759a-af9b-1f12a0da2b2b	53b5f998-5343-4bd2-bccb-b3b356aabf35	\\x2b56a518ce4fc1bdfc749fd4d36dce8ee85ebbe8e9ae4484f08bee4e880cd97e	01a22485-3ff7-76e9-a117-bbfe0b504981	2026-11-29 01:40:42.163123+00
guest:01a22485-41e2-739e-ab54-660cca3e238a	f4b09ba0-151b-49b2-8b27-6c15222d6208	\\x0eafc8659c395f7525966adb80324862d8e07976ae0f89b3f3b4c8fd25bf3d51	01a22485-422f-7752-9d33-b37218d3159a	2026-11-29 01:40:42.734592+00
guest:01a22485-4285-7594-871c-25016c8a6db1	ca61beeb-0552-43d1-a4ea-704abbd331b3	\\xf319599002dda2b6212b0f347f82a58e4bcd2fe676bfd2d9b59c4da35ba62769	01a22485-42f0-704e-87ce-c425a58043c6	2026-11-29 01:40:42.927315+00
guest:01a22485-4c4a-7735-957f-d6aee681a75d	f9cd1a7e-2629-420c-b22d-852a5fef2113	\\xf2b9a81d107eb2633ac028ff0e450679f53b3a0b973352228fc8a7e70fca5a59	01a22485-4ca4-7101-ad6f-16b7d3fb5d6d	2026-11-29 01:40:45.411343+00
\.
COPY public.reconciliation (provider, cursor, leased_until) FROM stdin;
\.
COPY public.refund (id, order_id, payment_id, caller, idempotency_key, fingerprint, status, currency, amount_minor, reason, created_at, refunded_at) FROM stdin;
01a22485-3f70-779c-9ecb-67236819fbf5	01a22485-3f15-72f3-b938-93a3e513b709	01a22485-3f15-72f3-b938-93a4dab00e62	staff:01a22485-16d2-71fe-9193-8e7f102a3111	88159f8b-7c20-4a42-804a-16ad9671e5d5	\\x736568a2203ea38d35fa26407aaefcd0a0572c68b53820df8cc8099ef3abf7de	done	EUR	1000	buyer_request	2026-11-29 01:40:42.02911+00	2026-11-29 01:40:42.044726+00
01a22485-4039-7146-951c-154d2ffaf01c	01a22485-3ff7-76e9-a117-bbfe0b504981	01a22485-3ff8-73f6-a21a-187f0ec6af27	system	01a22485-3ff7-76e9-a117-bbfe0b504981:cancel	\\x	done	EUR	10395	buyer_request	2026-11-29 01:40:42.23156+00	2026-11-29 01:40:42.268873+00
\.
COPY public.shipment (id, order_id, status, carrier, tracking_number, tracking_url, external_id, shipped_at, delivered_at) FROM stdin;
01a22485-3be6-735b-afe1-6133f76ba4dc	01a22485-3b80-7100-b7d1-a96570c427c2	delivered	DHL	00340434161094042557		\N	2026-11-29 01:40:41.114311+00	2026-11-29 01:40:41.158892+00
01a22485-3e79-71d6-afbd-0c3799fc759e	01a22485-3e0f-734b-b819-7f499a5caf61	shipped	DHL	00340434161094042557		\N	2026-11-29 01:40:41.778796+00	\N
\.
COPY public.shipment_line (shipment_id, order_line_id, quantity) FROM stdin;
01a22485-3be6-735b-afe1-6133f76ba4dc	01a22485-3b82-765d-a884-88f79223d2e5	1
01a22485-3be6-735b-afe1-6133f76ba4dc	01a22485-3b82-765d-a884-88f8775da15c	2
01a22485-3e79-71d6-afbd-0c3799fc759e	01a22485-3e0f-734b-b819-7f4b091d86f2	1
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
01a22485-4201-72d1-996d-4284c0449bd4	checkout.expire	01a22485-4201-72d1-996d-4283351e8934	{}	2026-11-29 07:40:42.688423+00	0	2026-11-28 23:37:22.690513+00	{"baggage": "visitor=01a22485-41e0-7094-a97c-b0defab4f7e6,session=01a22485-41f2-7179-a310-023b72f70e45,touchpoint=checkout.start", "traceparent": "00-f20b80c9e479e67c8fc5122131b574eb-2c63bb080626a6af-03"}
01a22485-4233-74a3-98e1-0101f02894d4	order.advance	01a22485-422f-7752-9d33-b37218d3159a	{}	2026-11-29 01:41:42.77725+00	0	2026-11-28 23:37:22.781457+00	{"baggage": "visitor=01a22485-3ba2-7578-a08f-b69a351c13a4,session=01a22485-4248-7576-8669-4b76b88036f3", "traceparent": "00-7d0d14fb6e8357546b63354bf6f24273-0a809fd35ea8e562-03"}
\.
COPY public.webhook_event (provider, event_id, received_at) FROM stdin;
simulator	evt_01a224854246b95c695cc8a39a019e5c	2026-11-28 23:37:22.766326+00
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
