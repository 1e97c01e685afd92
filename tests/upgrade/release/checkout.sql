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
01a2248d-c264-721a-b34f-b764d4f1401c	2026-11-29 01:49:59.835503+00	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	order.ship	order:01a2248d-c150-72e4-b195-e57bf2565e65	{"status": "placed"}	{"status": "shipped", "shipment_id": "01a2248d-c25e-77b5-b576-ec8442aa8851"}	c5569f956fb48dcd37695a6804d96e22
01a2248d-c2b1-7615-8c96-945ec3bef81c	2026-11-29 01:49:59.914801+00	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	order.deliver	order:01a2248d-c150-72e4-b195-e57bf2565e65	{"status": "shipped"}	{"status": "delivered", "shipment_id": "01a2248d-c25e-77b5-b576-ec8442aa8851"}	5596983ffdf0319700be83923626224d
01a2248d-c826-751f-a651-d45bdad7c236	2026-11-29 01:50:01.292776+00	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	order.ship	order:01a2248d-c767-7675-9bb6-d0c22a32885a	{"status": "placed"}	{"status": "shipped", "shipment_id": "01a2248d-c818-74a6-80ad-036eb4dc9fdb"}	abc54ed29c20a065215e3e6eca624bc4
01a2248d-c9b4-77a3-9abe-168ad9720c74	2026-11-29 01:50:01.665465+00	01a2248d-7cb7-7230-ba5d-6af08d63b1ec	order.refund	order:01a2248d-c916-7261-a005-ede911ff64e8	{"refunded_minor": 0}	{"reason": "buyer_request", "currency": "EUR", "amount_minor": 1000}	c295a0500525f3aec7a6bf7f679ed306
\.
COPY public.checkout (id, version, owner_id, owner_kind, organization_id, channel_id, external_id, cart_id, currency, locale, status, email, delivery_address, delivery_option_id, payment_method_id, payment_token, order_id, continue_url, created_at, expires_at, is_synthetic, reviewed_total_minor) FROM stdin;
01a2248d-c0d2-72a9-999b-47f18f0de81e	5	01a2248d-be5d-7756-b401-444dca26ae1d	customer	\N	default	\N	01a2248d-b1e8-729d-b508-10d2bd71f801	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248d-c150-72e4-b195-e57bf2565e65		2026-11-29 01:49:59.440826+00	2026-11-29 07:49:59.440826+00	f	73697
01a2248d-cf7a-763a-9a70-603abdc25c43	5	01a2248d-cf25-71dc-96e4-bcbad2551cf7	guest	\N	default	\N	01a2248d-cf45-70c5-9260-ed13e005b3fd	EUR		requires_escalation	ada@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card	pm_card_3ds	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	http://127.0.0.1:26249/challenges/chl_kP1_noSZPB--F0Kz99nhggfzddf72q1J	2026-11-29 01:50:03.193144+00	2026-11-29 07:50:03.193144+00	f	13491
01a2248d-c66d-7168-8d6d-b062d97a0a68	5	01a2248d-be5d-7756-b401-444dca26ae1d	customer	\N	default	\N	01a2248d-c612-7642-9e8d-a0f469b5e8dd	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248d-c767-7675-9bb6-d0c22a32885a		2026-11-29 01:50:00.869576+00	2026-11-29 07:50:00.869576+00	f	7495
01a2248d-d144-7516-a1b4-9939060c38ba	5	01a2248d-d0cd-7150-a494-a2d2a7fde587	guest	\N	default	\N	01a2248d-d111-77f8-aec2-33b2f75fab68	EUR		completed	lee@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248d-d1db-746d-b160-63f5efc8e09e		2026-11-29 01:50:03.650946+00	2026-11-29 07:50:03.650946+00	f	28431
01a2248d-c8a0-70fc-bcbc-71dcfee26e19	5	01a2248d-be5d-7756-b401-444dca26ae1d	customer	\N	default	\N	01a2248d-c87a-70c4-bb58-0ae2b0529fe2	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248d-c916-7261-a005-ede911ff64e8		2026-11-29 01:50:01.43957+00	2026-11-29 07:50:01.43957+00	f	29980
01a2248d-ca37-7311-81aa-0517d28fb5e1	5	01a2248d-be5d-7756-b401-444dca26ae1d	customer	\N	default	\N	01a2248d-ca18-7704-84be-95c453321c55	EUR		completed	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248d-caf3-76ec-827f-d89045fdffd9		2026-11-29 01:50:01.846006+00	2026-11-29 07:50:01.846006+00	f	10395
01a2248d-dcce-762a-8044-1bbef5757995	5	01a2248d-dc89-77cc-86ce-09ae313b79c3	guest	\N	default	\N	01a2248d-dc99-7715-a59c-799924b10c0b	EUR		completed	eve@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	pickup	card		01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c		2026-11-29 01:50:06.600479+00	2026-11-29 07:50:06.600479+00	f	14215
\.
COPY public.idempotency (caller, method, key, fingerprint, response, created_at) FROM stdin;
\.
COPY public.inbox (event_id, handled_at) FROM stdin;
\.
COPY public.order_event (id, order_id, status, at, actor, trace_id) FROM stdin;
01a2248d-c152-7241-bada-b88b0e2123a5	01a2248d-c150-72e4-b195-e57bf2565e65	pending	2026-11-29 01:49:59.564016+00	buyer	74466b1222811a3c7b675d0c2a7d4969
01a2248d-c242-7395-b846-6a443518f9cc	01a2248d-c150-72e4-b195-e57bf2565e65	placed	2026-11-29 01:49:59.80783+00	buyer	74466b1222811a3c7b675d0c2a7d4969
01a2248d-c264-721a-b34f-b763881c21f9	01a2248d-c150-72e4-b195-e57bf2565e65	shipped	2026-11-29 01:49:59.835503+00	staff	c5569f956fb48dcd37695a6804d96e22
01a2248d-c2af-73d5-91c7-475f877e1528	01a2248d-c150-72e4-b195-e57bf2565e65	delivered	2026-11-29 01:49:59.914801+00	staff	5596983ffdf0319700be83923626224d
01a2248d-c769-7731-b148-c8b5a32dfbe6	01a2248d-c767-7675-9bb6-d0c22a32885a	pending	2026-11-29 01:50:01.120484+00	buyer	86436f7e1173c01739b284cadf2f9412
01a2248d-c7de-7702-9294-8ca6357ce229	01a2248d-c767-7675-9bb6-d0c22a32885a	placed	2026-11-29 01:50:01.245134+00	buyer	86436f7e1173c01739b284cadf2f9412
01a2248d-c826-751f-a651-d45a53c66322	01a2248d-c767-7675-9bb6-d0c22a32885a	shipped	2026-11-29 01:50:01.292776+00	staff	abc54ed29c20a065215e3e6eca624bc4
01a2248d-c917-73c7-82bc-5ae64eb0f97f	01a2248d-c916-7261-a005-ede911ff64e8	pending	2026-11-29 01:50:01.543132+00	buyer	9bf4528d4eb9e3166357f3a064d6d48e
01a2248d-c970-71fa-ac43-732442e0b489	01a2248d-c916-7261-a005-ede911ff64e8	placed	2026-11-29 01:50:01.646482+00	buyer	9bf4528d4eb9e3166357f3a064d6d48e
01a2248d-cafc-76f5-9443-3ec61f685e28	01a2248d-caf3-76ec-827f-d89045fdffd9	pending	2026-11-29 01:50:02.017552+00	buyer	66d9a596be1449644287a0bd84e0c019
01a2248d-cb74-74cd-a182-224b8ed5f983	01a2248d-caf3-76ec-827f-d89045fdffd9	placed	2026-11-29 01:50:02.162954+00	buyer	66d9a596be1449644287a0bd84e0c019
01a2248d-cb93-725c-b93f-688ad1fa172b	01a2248d-caf3-76ec-827f-d89045fdffd9	cancelling	2026-11-29 01:50:02.193687+00	buyer	aca6ab6aebd1cbe522c64d41e8a3ddf1
01a2248d-cc14-71a2-969a-ecad0b27c807	01a2248d-caf3-76ec-827f-d89045fdffd9	cancelled	2026-11-29 01:50:02.321809+00	system	aca6ab6aebd1cbe522c64d41e8a3ddf1
01a2248d-cfec-7373-829a-4e0461e68e8c	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	pending	2026-11-29 01:50:03.30639+00	buyer	36ef1406fc0ec5318f2a411c05052720
01a2248d-d01b-726d-9fa4-4911b8e2175b	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	action_required	2026-11-29 01:50:03.347831+00	buyer	36ef1406fc0ec5318f2a411c05052720
01a2248d-d1dc-778b-b063-5f158f70cf41	01a2248d-d1db-746d-b160-63f5efc8e09e	pending	2026-11-29 01:50:03.800632+00	buyer	f56181a5d3d6f3bc3bdd078ea5c62767
01a2248d-d22f-7501-8275-6124b1be1e92	01a2248d-d1db-746d-b160-63f5efc8e09e	placed	2026-11-29 01:50:03.886127+00	buyer	f56181a5d3d6f3bc3bdd078ea5c62767
01a2248d-dd1f-73df-bd8b-8dccbc1855c2	01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	pending	2026-11-29 01:50:06.685248+00	buyer	c736836b17377781265109374a0ff2a2
01a2248d-dd60-73bc-ae93-4efd1cedfaea	01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	placed	2026-11-29 01:50:06.749575+00	buyer	c736836b17377781265109374a0ff2a2
\.
COPY public.order_line (id, order_id, "position", variant_id, product_id, sku, title, options, product_slug, image_url, quantity, unit_price_minor, discount_minor, total_minor, tax_minor, tax_class, shipped_quantity) FROM stdin;
01a2248d-c151-7770-a74a-0119e4214a04	01a2248d-c150-72e4-b195-e57bf2565e65	0	01a2248d-aed9-741c-a43a-0e6ffd74cb81	01a2248d-aed5-7210-949a-9c6bb110dae2	DM000000-COR-XS	Ulmus Parka	Colour: Coral, Size: XS	tidewater-ulmus-parka	/media/tidewater-ulmus-parka.svg	1	27295	-2729	24566	3922	standard	1
01a2248d-c151-7770-a74a-011a6ede967d	01a2248d-c150-72e4-b195-e57bf2565e65	1	01a2248d-aed9-741c-a43a-0e7048826b3c	01a2248d-aed5-7210-949a-9c6bb110dae2	DM000000-COR-S	Ulmus Parka	Colour: Coral, Size: S	tidewater-ulmus-parka	/media/tidewater-ulmus-parka.svg	2	27295	-5459	49131	7845	standard	2
01a2248d-c769-7731-b148-c8b4c5dafb49	01a2248d-c767-7675-9bb6-d0c22a32885a	0	01a2248d-aed9-741c-a43a-0e7154fef842	01a2248d-aed5-7210-949a-9c6c91a7a6ff	DM000001-FOR-XS	Boreal Long-Sleeve Shirt	Size: XS	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	1	7495	0	7495	1197	standard	1
01a2248d-c917-73c7-82bc-5ae568a6b3dd	01a2248d-c916-7261-a005-ede911ff64e8	1	01a2248d-aed9-741c-a43a-0e72ac748555	01a2248d-aed5-7210-949a-9c6c91a7a6ff	DM000001-FOR-S	Boreal Long-Sleeve Shirt	Size: S	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	1	7495	0	7495	1197	standard	0
01a2248d-c917-73c7-82bc-5ae495e430a5	01a2248d-c916-7261-a005-ede911ff64e8	0	01a2248d-aed9-741c-a43a-0e7154fef842	01a2248d-aed5-7210-949a-9c6c91a7a6ff	DM000001-FOR-XS	Boreal Long-Sleeve Shirt	Size: XS	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	3	7495	0	22485	3590	standard	0
01a2248d-cafc-76f5-9443-3ec5f423163d	01a2248d-caf3-76ec-827f-d89045fdffd9	0	01a2248d-aed9-741c-a43a-0e733ecff50b	01a2248d-aed5-7210-949a-9c6d44bc6bbb	DM000002-PLU-XS	Arête Running Shorts	Size: XS	wren-arete-running-shorts	/media/wren-arete-running-shorts.svg	1	10395	0	10395	1660	standard	0
01a2248d-cfec-7373-829a-4e035f0a76c1	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	0	01a2248d-aed9-741c-a43a-0e72ac748555	01a2248d-aed5-7210-949a-9c6c91a7a6ff	DM000001-FOR-S	Boreal Long-Sleeve Shirt	Size: S	yarrow-boreal-long-sleeve-shirt	/media/yarrow-boreal-long-sleeve-shirt.svg	2	7495	-1499	13491	2154	standard	0
01a2248d-d1dc-778b-b063-5f14c62b3981	01a2248d-d1db-746d-b160-63f5efc8e09e	0	01a2248d-aed9-741c-a43a-0e759aaafe66	01a2248d-aed5-7210-949a-9c6e5fc0dd68	DM000003-SKY-38	Juniper Sandals	Size: 38	yarrow-juniper-sandals	/media/yarrow-juniper-sandals.svg	2	15795	-3159	28431	4539	standard	0
01a2248d-dd1f-73df-bd8b-8dcbc8f78b75	01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	0	01a2248d-aed9-741c-a43a-0e7628fdcf90	01a2248d-aed5-7210-949a-9c6e5fc0dd68	DM000003-SKY-39	Juniper Sandals	Size: 39	yarrow-juniper-sandals	/media/yarrow-juniper-sandals.svg	1	15795	-1580	14215	2270	standard	0
\.
COPY public.orders (id, version, number, owner_id, organization_id, channel_id, external_id, checkout_id, cart_id, cart_version, currency, locale, status, begun, refusal_reason, refusal_metadata, email, delivery_address, delivery_option, totals, tax_lines, promotion_codes, total_minor, created_at, expires_at, placed_at, is_synthetic) FROM stdin;
01a2248d-c150-72e4-b195-e57bf2565e65	5	S-100001	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	\N	01a2248d-c0d2-72a9-999b-47f18f0de81e	01a2248d-b1e8-729d-b508-10d2bd71f801	5	EUR		delivered	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 81885}, {"type": "discount", "label": "", "amount_minor": -8188}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 11767}, {"type": "total", "label": "", "amount_minor": 73697}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 11767}]	["first-order-10"]	73697	2026-11-29 01:49:59.564016+00	2026-11-29 02:04:59.564016+00	2026-11-29 01:49:59.80783+00	f
01a2248d-c767-7675-9bb6-d0c22a32885a	4	S-100002	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	\N	01a2248d-c66d-7168-8d6d-b062d97a0a68	01a2248d-c612-7642-9e8d-a0f469b5e8dd	1	EUR		shipped	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 7495}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 1197}, {"type": "total", "label": "", "amount_minor": 7495}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 1197}]	[]	7495	2026-11-29 01:50:01.120484+00	2026-11-29 02:05:01.120484+00	2026-11-29 01:50:01.245134+00	f
01a2248d-c916-7261-a005-ede911ff64e8	4	S-100003	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	\N	01a2248d-c8a0-70fc-bcbc-71dcfee26e19	01a2248d-c87a-70c4-bb58-0ae2b0529fe2	1	EUR		placed	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 29980}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 4787}, {"type": "total", "label": "", "amount_minor": 29980}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 4787}]	[]	29980	2026-11-29 01:50:01.543132+00	2026-11-29 02:05:01.543132+00	2026-11-29 01:50:01.646482+00	f
01a2248d-caf3-76ec-827f-d89045fdffd9	6	S-100004	01a2248d-be5d-7756-b401-444dca26ae1d	\N	default	\N	01a2248d-ca37-7311-81aa-0517d28fb5e1	01a2248d-ca18-7704-84be-95c453321c55	1	EUR		cancelled	confirm		{}	sarah@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 10395}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 1660}, {"type": "total", "label": "", "amount_minor": 10395}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 1660}]	[]	10395	2026-11-29 01:50:02.017552+00	2026-11-29 02:05:02.017552+00	2026-11-29 01:50:02.162954+00	f
01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	3	S-100005	01a2248d-cf25-71dc-96e4-bcbad2551cf7	\N	default	\N	01a2248d-cf7a-763a-9a70-603abdc25c43	01a2248d-cf45-70c5-9260-ed13e005b3fd	1	EUR		action_required	confirm		{}	ada@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 14990}, {"type": "discount", "label": "", "amount_minor": -1499}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 2154}, {"type": "total", "label": "", "amount_minor": 13491}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 2154}]	["first-order-10"]	13491	2026-11-29 01:50:03.30639+00	2026-11-29 02:05:03.30639+00	\N	f
01a2248d-d1db-746d-b160-63f5efc8e09e	3	S-100006	01a2248d-d0cd-7150-a494-a2d2a7fde587	\N	default	\N	01a2248d-d144-7516-a1b4-9939060c38ba	01a2248d-d111-77f8-aec2-33b2f75fab68	1	EUR		placed	confirm		{}	lee@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 31590}, {"type": "discount", "label": "", "amount_minor": -3159}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 4539}, {"type": "total", "label": "", "amount_minor": 28431}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 4539}]	["first-order-10"]	28431	2026-11-29 01:50:03.800632+00	2026-11-29 02:05:03.800632+00	2026-11-29 01:50:03.886127+00	f
01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	3	S-100007	01a2248d-dc89-77cc-86ce-09ae313b79c3	\N	default	\N	01a2248d-dcce-762a-8044-1bbef5757995	01a2248d-dc99-7715-a59c-799924b10c0b	1	EUR		placed	confirm		{}	eve@example.com	{"last_name": "Jones", "first_name": "Sarah", "postal_code": "10827", "organization": "", "phone_number": "", "address_region": "", "street_address": "Hauptstraße 5", "address_country": "DE", "address_locality": "Berlin"}	{"id": "pickup", "title": "Pick up in store", "currency": "EUR", "latest_on": "2026-12-01", "earliest_on": "2026-12-01", "price_minor": 0}	[{"type": "subtotal", "label": "", "amount_minor": 15795}, {"type": "discount", "label": "", "amount_minor": -1580}, {"type": "fulfillment", "label": "", "amount_minor": 0}, {"type": "tax", "label": "included", "amount_minor": 2270}, {"type": "total", "label": "", "amount_minor": 14215}]	[{"rate": "0.19", "title": "VAT 19 %", "is_included": true, "amount_minor": 2270}]	["first-order-10"]	14215	2026-11-29 01:50:06.685248+00	2026-11-29 02:05:06.685248+00	2026-11-29 01:50:06.749575+00	f
\.
COPY public.outbox (id, event_id, type, key, payload, headers, created_at) FROM stdin;
18	01a2248d-dcce-762a-8044-1bc036a071d1	sojourn.checkout.v1.CheckoutStarted	01a2248d-dcce-762a-8044-1bbef5757995	\\x0a2430316132323438642d646363652d373632612d383034342d31626265663537353739393510011a2430316132323438642d646338392d373763632d383663652d303961653331336237396333222430316132323438642d646339392d373731352d613539632d3739393932346231306330622a0764656661756c74	{"baggage": "visitor=01a2248d-dc87-7559-be6a-3b15c6d1ae03,session=01a2248d-dcaf-749e-ae21-09cf6d948e79,touchpoint=checkout.start", "ce-time": "2026-11-29T01:50:06.600479+00:00", "ce-source": "checkout", "traceparent": "00-44bb72335561bcd8b96a2e888c17a1d5-6924394ce296dbaf-03"}	2026-11-28 23:46:46.607481+00
19	01a2248d-dd61-7752-935c-6e46c931a1ac	sojourn.checkout.v1.OrderPlaced	01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	\\x0ac3070a2430316132323438642d646431662d373364662d626438622d3864633964356630646136631208532d3130303030371a06706c6163656420032a03455552320764656661756c743a8b020a2430316132323438642d646431662d373364662d626438622d386463626338663738623735122430316132323438642d616564392d373431632d613433612d3065373632386664636639301a2430316132323438642d616564352d373231302d393439612d396336653566633064643638220f444d3030303030332d534b592d33392a0f4a756e697065722053616e64616c73320853697a653a2033393801420808b37b12034555524a1008d4f3ffffffffffffff011203455552520808876f12034555525a0808de1112034555526a212f6d656469612f796172726f772d6a756e697065722d73616e64616c732e7376677216796172726f772d6a756e697065722d73616e64616c7342140a08737562746f74616c1a0808b37b1203455552421c0a08646973636f756e741a1008d4f3ffffffffffffff01120345555242140a0b66756c66696c6c6d656e741a05120345555242190a037461781208696e636c756465641a0808de11120345555242110a05746f74616c1a0808876f12034555524a1c0a0856415420313920251204302e31391a0808de1112034555522001520f657665406578616d706c652e636f6d5a310a05536172616812054a6f6e6573220e486175707473747261c39f6520352a064265726c696e3a0531303832374202444562390a067069636b757012105069636b20757020696e2073746f72651a051203455552220a323032362d31322d30312a0a323032362d31322d30316a560a2430316132323438642d646431662d373364662d626438622d386463613335326238616535120973696d756c61746f721a086361707475726564220808876f12034555522a0808876f1203455552320512034555527a400a0770656e64696e67120c08ce89aed80610809ce0c6021a056275796572222063373336383336623137333737373831323635313039333734613066663261327a3f0a06706c61636564120c08ce89aed80610d8b6b6e5021a0562757965722220633733363833366231373337373738313236353130393337346130666632613282010c08ce89aed80610809ce0c6028a010c08ce89aed80610d8b6b6e502a2012430316132323438642d646363652d373632612d383034342d316262656635373537393935aa010e66697273742d6f726465722d3130b2012430316132323438642d646338392d373763632d383663652d3039616533313362373963331a2430316132323438642d646339392d373731352d613539632d373939393234623130633062224064303537346334393636643263333236313933363232666565626336343939316335623539383037616536386661383235356232366337396634626639313761	{"baggage": "visitor=01a2248d-dc87-7559-be6a-3b15c6d1ae03,session=01a2248d-dd0c-75df-b8aa-571e73b69371,touchpoint=order.place", "ce-time": "2026-11-29T01:50:06.749575+00:00", "ce-source": "checkout", "traceparent": "00-c736836b17377781265109374a0ff2a2-31f4c8f3d5cb1bf9-03"}	2026-11-28 23:46:46.758076+00
\.
COPY public.payment (id, version, order_id, provider, method_id, status, currency, amount_minor, captured_minor, refunding_minor, refunded_minor, provider_payment_id, action_url, decline_code, token, created_at) FROM stdin;
01a2248d-c151-7770-a74a-0118592d6866	2	01a2248d-c150-72e4-b195-e57bf2565e65	simulator	card	captured	EUR	73697	73697	0	0	pay_01a2248dc20c77e7cc258dbaccad4b35				2026-11-29 01:49:59.564016+00
01a2248d-c769-7731-b148-c8b38c543118	2	01a2248d-c767-7675-9bb6-d0c22a32885a	simulator	card	captured	EUR	7495	7495	0	0	pay_01a2248dc7bfeba0665b10ce18244fe5				2026-11-29 01:50:01.120484+00
01a2248d-c917-73c7-82bc-5ae339664056	4	01a2248d-c916-7261-a005-ede911ff64e8	simulator	card	partially_refunded	EUR	29980	29980	0	1000	pay_01a2248dc948f5583ecfdb8e18b5969c				2026-11-29 01:50:01.543132+00
01a2248d-cafc-76f5-9443-3ec4cc43369d	4	01a2248d-caf3-76ec-827f-d89045fdffd9	simulator	card	refunded	EUR	10395	10395	0	10395	pay_01a2248dcb421a58431aa4f05b78acac				2026-11-29 01:50:02.017552+00
01a2248d-cfeb-76a5-b8b6-51a8071213e9	2	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	simulator	card	requires_action	EUR	13491	0	0	0	pay_01a2248dd00e0948a3b94a96e05e3f5a	http://127.0.0.1:26249/challenges/chl_kP1_noSZPB--F0Kz99nhggfzddf72q1J		pm_card_3ds	2026-11-29 01:50:03.30639+00
01a2248d-d1dc-778b-b063-5f130adfcd71	2	01a2248d-d1db-746d-b160-63f5efc8e09e	simulator	card	captured	EUR	28431	28431	0	0	pay_01a2248dd20a14e45d43c17248c2ad89				2026-11-29 01:50:03.800632+00
01a2248d-dd1f-73df-bd8b-8dca352b8ae5	2	01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	simulator	card	captured	EUR	14215	14215	0	0	pay_01a2248ddd3effd375e4acb802616f5e				2026-11-29 01:50:06.685248+00
\.
COPY public.placement (caller, idempotency_key, fingerprint, order_id, created_at) FROM stdin;
customer:01a2248d-be5d-7756-b401-444dca26ae1d	01890000-0000-7000-8000-000000000001	\\xfe919a4d5dd2640de1091a4f9747ac31fdb4bca904ad76519bba524fda630805	01a2248d-c150-72e4-b195-e57bf2565e65	2026-11-29 01:49:59.564016+00
customer:01a2248d-be5d-7756-b401-444dca26ae1d	73a1a43e-3019-4818-a853-289265887595	\\x3487098b21f1038dc78063ad49508bf86a02d071d6a6fdd41136cb5b699474d1	01a2248d-c767-7675-9bb6-d0c22a32885a	2026-11-29 01:50:01.120484+00
customer:01a2248d-be5d-7756-b401-444dca26ae1d	5725b1b6-90c7-459a-bd62-7d1741cf9168	\\x85d15675ff72f649a3f4a5bd5dc817cadac118e27c73fa1b8214c1e6e830d22a	01a2248d-c916-7261-a005-ede911ff64e8	2026-11-29 01:50:01.543132+00
customer:01a2248d-be5d-7756-b401-444dca26ae1d	2867edee-9c29-4e26-acce-d7cc78f9176a	\\x1427810b2ef26d6b54c19d5a3ec70da88e9901411da88bbdbf3078dc80170a55	01a2248d-caf3-76ec-827f-d89045fdffd9	2026-11-29 01:50:02.017552+00
guest:01a2248d-cf25-71dc-96e4-bcbad2551cf7	0ff91a94-1a96-40d6-b96a-47513defe340	\\x461c8a53ed49ca58584324657c774644831afbe37f180549ab9c9cf9d445a193	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	2026-11-29 01:50:03.30639+00
guest:01a2248d-d0cd-7150-a494-a2d2a7fde587	58981a2f-be0b-46e7-bf3e-a44c8268cf45	\\x516fc9ba55f98ca5c1447e30916ae8df9bb2d4a41f78ad912acdb3cf7ed8b982	01a2248d-d1db-746d-b160-63f5efc8e09e	2026-11-29 01:50:03.800632+00
guest:01a2248d-dc89-77cc-86ce-09ae313b79c3	10098d4a-ae0e-400e-a3c6-dc935803506b	\\x77c4af2305be95449a0f35639a687f4abb3d889af619af162102e19457e47ee7	01a2248d-dd1f-73df-bd8b-8dc9d5f0da6c	2026-11-29 01:50:06.685248+00
\.
COPY public.reconciliation (provider, cursor, leased_until) FROM stdin;
\.
COPY public.refund (id, order_id, payment_id, caller, idempotency_key, fingerprint, status, currency, amount_minor, reason, created_at, refunded_at) FROM stdin;
01a2248d-c998-7374-9d20-610694ac8466	01a2248d-c916-7261-a005-ede911ff64e8	01a2248d-c917-73c7-82bc-5ae339664056	staff:01a2248d-7cb7-7230-ba5d-6af08d63b1ec	939ca61d-79db-44b4-a8bd-e2a1e6874d19	\\xb8d689729fbd23740cd23a9abc3940a1c29a8d7333e77788c57a1fbbddce7564	done	EUR	1000	buyer_request	2026-11-29 01:50:01.665465+00	2026-11-29 01:50:01.770945+00
01a2248d-cb95-7496-b0df-1751911dbaa0	01a2248d-caf3-76ec-827f-d89045fdffd9	01a2248d-cafc-76f5-9443-3ec4cc43369d	system	01a2248d-caf3-76ec-827f-d89045fdffd9:cancel	\\x	done	EUR	10395	buyer_request	2026-11-29 01:50:02.193687+00	2026-11-29 01:50:02.245373+00
\.
COPY public.shipment (id, order_id, status, carrier, tracking_number, tracking_url, external_id, shipped_at, delivered_at) FROM stdin;
01a2248d-c25e-77b5-b576-ec8442aa8851	01a2248d-c150-72e4-b195-e57bf2565e65	delivered	DHL	00340434161094042557		\N	2026-11-29 01:49:59.835503+00	2026-11-29 01:49:59.914801+00
01a2248d-c818-74a6-80ad-036eb4dc9fdb	01a2248d-c767-7675-9bb6-d0c22a32885a	shipped	DHL	00340434161094042557		\N	2026-11-29 01:50:01.292776+00	\N
\.
COPY public.shipment_line (shipment_id, order_line_id, quantity) FROM stdin;
01a2248d-c25e-77b5-b576-ec8442aa8851	01a2248d-c151-7770-a74a-0119e4214a04	1
01a2248d-c25e-77b5-b576-ec8442aa8851	01a2248d-c151-7770-a74a-011a6ede967d	2
01a2248d-c818-74a6-80ad-036eb4dc9fdb	01a2248d-c769-7731-b148-c8b4c5dafb49	1
\.
COPY public.skipped_row (loop, key, error, times, first_at, last_at) FROM stdin;
\.
COPY public.timer (id, kind, key, payload, due_at, attempts, leased_until, headers) FROM stdin;
01a2248d-cf7a-763a-9a70-603b8a363839	checkout.expire	01a2248d-cf7a-763a-9a70-603abdc25c43	{}	2026-11-29 07:50:03.193144+00	0	2026-11-28 23:46:43.195884+00	{"baggage": "visitor=01a2248d-cf22-7367-bfc4-96c49e823ed0,session=01a2248d-cf54-7523-a47b-6052c885157e,touchpoint=checkout.start", "traceparent": "00-b5b59eab7c29286e8579d314a6a31169-31257f7faffb0525-03"}
01a2248d-cfec-7373-829a-4e0554d16dee	order.advance	01a2248d-cfeb-76a5-b8b6-51a7a05ada6d	{}	2026-11-29 01:51:03.347831+00	0	2026-11-28 23:46:43.365508+00	{"baggage": "visitor=01a2248d-cf22-7367-bfc4-96c49e823ed0,session=01a2248d-cfdb-73f8-9394-d0855985a78c,touchpoint=order.place", "traceparent": "00-36ef1406fc0ec5318f2a411c05052720-6702a48ca36d60cc-03"}
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
