-- The frame: people, conversations, their messages and owners, turns, the queue, cases, the demo shop.
-- Times are timestamptz (UTC); money is integer cents (分); texts with a fixed set of values carry a check.

create table customers (
    id              uuid primary key,
    shop_id         text not null,                    -- the customer's id in the shop's own system
    sandbox         text not null default '',         -- '' = the shop itself; else a private copy of the demo shop
    name            text not null,
    phone           text not null default '',
    email           text not null default '',
    vip             boolean not null default false,
    spent_cents     bigint not null default 0,        -- in the last twelve months
    created_at      timestamptz not null default now(),
    unique (sandbox, shop_id)
);

create table agents (
    id              uuid primary key,
    login           text not null unique,
    name            text not null,
    password_hash   text not null,
    must_change_password boolean not null default false,
    role            text not null check (role in ('agent', 'editor', 'supervisor', 'admin')),
    level           text not null default 'agent' check (level in ('agent', 'senior', 'supervisor')),
    skills          text[] not null default '{}',     -- case types and topics groups; empty = everything
    languages       text[] not null default '{zh-Hans}',
    capacity        integer not null default 5 check (capacity between 0 and 50),
    is_active       boolean not null default true,
    presence        text not null default 'offline' check (presence in ('online', 'away', 'offline')),
    presence_since  timestamptz not null default now(),
    seen_at         timestamptz,                      -- last sign of life of one of the agent's consoles
    last_assigned_at timestamptz,
    wrong_passwords integer not null default 0,
    locked_until    timestamptz,
    created_at      timestamptz not null default now()
);

create table agent_sessions (
    token_hash      bytea primary key,                -- sha256 of the cookie's value
    agent_id        uuid not null references agents on delete cascade,
    csrf_token      text not null,
    created_at      timestamptz not null default now(),
    expires_at      timestamptz not null
);
create index agent_sessions_agent on agent_sessions (agent_id);

create table conversations (
    id              uuid primary key,
    channel         text not null default 'web',
    customer_id     uuid references customers,        -- null = anonymous
    sandbox         text not null default '',
    clock_shift_s   bigint not null default 0,        -- demo mode: shop time of this conversation minus real time
    language        text not null default 'zh-Hans' check (language in ('zh-Hans', 'zh-Hant-HK', 'en')),
    owner           text not null default 'bot' check (owner in ('bot', 'queue', 'agent', 'none')),
    epoch           integer not null default 1,       -- counts every change of owner
    agent_id        uuid references agents,
    next_seq        bigint not null default 1,        -- the seq that the next message will get

    -- the bot's turns
    generation      integer not null default 1,       -- of the Rasa tracker: sender id is {id}.{generation}
    generation_at   timestamptz not null default now(),
    rasa_turn_id    uuid,                             -- last committed turn of this generation that called Rasa
    dialogue        jsonb not null default '{}',      -- what a new generation is seeded with: slots, open form, summary
    refs            jsonb not null default '{}',      -- reference -> order, tracking or phone number; never in a tracker
    bot_failures    integer not null default 0,
    last_customer_seq bigint not null default 0,      -- newest message of the customer
    answered_seq    bigint not null default 0,        -- newest customer message that a reply covers
    fragments_since timestamptz,                      -- first fragment that waits for the bot
    due_at          timestamptz,                      -- when the bot's turn may be claimed; null = nothing waits
    turn_id         uuid,                             -- the claimed turn
    lease_until     timestamptz,

    -- mood over the turns, as routing wants it back
    mood            jsonb not null default '{}',

    -- silence and closing
    last_customer_at timestamptz,
    last_reply_at   timestamptz,
    silence_at      timestamptz,                      -- when the reminder, then the closing, is due
    silence_step    text not null default 'none' check (silence_step in ('none', 'remind', 'close')),
    agent_read_seq  bigint not null default 0,
    customer_read_seq bigint not null default 0,
    closed_at       timestamptz,
    closed_by       text check (closed_by in ('bot', 'agent', 'customer', 'silence')),
    closed_agent_id uuid references agents,
    resolution      text check (resolution in ('solved', 'unsolved')),
    created_at      timestamptz not null default now(),

    check ((owner = 'agent') = (agent_id is not null)),
    check ((owner = 'none') = (closed_at is not null)),
    check (due_at is null or owner = 'bot')
);
create index conversations_due on conversations (due_at) where due_at is not null;
create index conversations_agent on conversations (agent_id) where agent_id is not null;
create index conversations_silence on conversations (silence_at) where silence_at is not null;
create index conversations_customer on conversations (customer_id, created_at desc);
create index conversations_recent on conversations (created_at desc);

-- Every ownership that ever was: from_seq .. (next row's from_seq - 1) are the messages under it.
create table ownerships (
    conversation_id uuid not null references conversations on delete cascade,
    epoch           integer not null,
    owner           text not null check (owner in ('bot', 'queue', 'agent', 'none')),
    agent_id        uuid references agents,
    from_seq        bigint not null,
    reason          text not null,                    -- a handoff reason, or created, accepted, handed_back, closed, …
    explanation     jsonb not null default '{}',      -- why this owner: scores of the candidates, rule that fired
    at              timestamptz not null default now(),
    primary key (conversation_id, epoch)
);

create table messages (
    conversation_id uuid not null references conversations on delete cascade,
    seq             bigint not null,
    epoch           integer not null,                 -- the epoch under which it was appended
    sender          text not null check (sender in ('customer', 'bot', 'agent', 'system')),
    agent_id        uuid references agents,
    client_id       text,                             -- chosen by the sender, makes a repeated send harmless
    turn_id         uuid,                             -- bot: the turn that said it
    kind            text not null default 'text' check (kind in ('text', 'image', 'order_card', 'case_card', 'notice', 'note')),
    text            text not null default '',
    payload         jsonb not null default '{}',      -- what the reader sees beside the text
    private         jsonb not null default '{}',      -- never leaves the server: what a button means
    tags            jsonb,                            -- customer: triage of this message
    sent_at         timestamptz not null default now(),
    primary key (conversation_id, seq),
    check ((sender = 'agent') = (agent_id is not null))
);
create unique index messages_client_id on messages (conversation_id, client_id) where client_id is not null;
create index messages_turn on messages (turn_id) where turn_id is not null;

create table attachments (
    id              uuid primary key,
    conversation_id uuid not null references conversations on delete cascade,
    media_type      text not null,
    content         bytea not null,
    created_at      timestamptz not null default now()
);
create index attachments_conversation on attachments (conversation_id);

create table turns (
    id              uuid primary key,
    conversation_id uuid not null references conversations on delete cascade,
    epoch           integer not null,
    generation      integer not null,
    first_seq       bigint not null,                  -- the customer's fragments that were merged
    last_seq        bigint not null,
    state           text not null default 'claimed' check (state in ('claimed', 'committed', 'dropped')),
    drop_reason     text check (drop_reason in ('owner_changed', 'newer_fragment', 'lease_lost', 'failed')),
    called_rasa     boolean not null default false,
    worker          text not null,
    intent          text,
    decision        jsonb,
    effects         jsonb not null default '[]',
    claimed_at      timestamptz not null default now(),
    finished_at     timestamptz
);
create index turns_conversation on turns (conversation_id, claimed_at);
create index turns_claimed on turns (claimed_at) where state = 'claimed';

create table queue_entries (
    conversation_id uuid primary key references conversations on delete cascade,
    epoch           integer not null,
    reasons         text[] not null,
    priority        integer not null,                 -- higher first; routing.queue_order says how it is made
    required_level  text not null default 'agent' check (required_level in ('agent', 'senior', 'supervisor')),
    skill           text not null default '',
    language        text not null,
    preferred_agent_id uuid references agents,
    brief           jsonb not null,
    explanation     jsonb not null default '{}',
    enqueued_at     timestamptz not null default now(),
    first_response_due_at timestamptz not null,
    offered_to      uuid references agents,
    offer_expires_at timestamptz,
    passed_by       uuid[] not null default '{}',
    check ((offered_to is null) = (offer_expires_at is null))
);
create index queue_entries_order on queue_entries (priority desc, enqueued_at);
create index queue_entries_offered on queue_entries (offered_to) where offered_to is not null;

create table cases (
    id              uuid primary key,
    number          bigint generated always as identity unique,
    conversation_id uuid references conversations on delete set null,
    customer_id     uuid references customers,
    order_number    text not null default '',
    type            text not null check (type in ('return', 'exchange', 'refund', 'repair', 'missing_parcel', 'damaged',
                        'wrong_or_missing', 'invoice', 'price_protection', 'address_change', 'cancel', 'complaint')),
    state           text not null default 'open' check (state in ('open', 'waiting_customer', 'waiting_shop', 'resolved', 'withdrawn')),
    level           text not null default 'minor' check (level in ('minor', 'serious', 'major')),
    agent_id        uuid references agents,
    details         jsonb not null default '{}',
    history         jsonb not null default '[]',
    due_at          timestamptz not null,
    turn_id         uuid,                             -- with n: opening one twice is harmless
    n               integer,
    created_at      timestamptz not null default now(),
    closed_at       timestamptz,
    unique (turn_id, n)
);
create index cases_conversation on cases (conversation_id);

-- Calls to the shop's own systems, at least once, with an idempotency key of (turn, n).
create table outbox (
    turn_id         uuid not null,
    n               integer not null,
    conversation_id uuid not null references conversations on delete cascade,
    call            text not null check (call in ('cancel_order', 'intercept_parcel', 'change_address', 'refund')),
    arguments       jsonb not null,
    state           text not null default 'requested' check (state in ('requested', 'done', 'refused', 'failed')),
    attempts        integer not null default 0,
    answer          jsonb,
    requested_at    timestamptz not null default now(),
    finished_at     timestamptz,
    primary key (turn_id, n)
);

-- Wrong tries at proving that an order is one's own.
create table lookup_attempts (
    key             text primary key,                 -- conversation:{id} or order:{sha256 of the number as typed}
    wrong           integer not null default 0,
    first_at        timestamptz not null default now(),
    locked_until    timestamptz
);

create table audit_log (
    id              bigint generated always as identity primary key,
    at              timestamptz not null default now(),
    actor_kind      text not null check (actor_kind in ('customer', 'bot', 'agent', 'system')),
    actor_id        uuid,
    action          text not null,
    subject         text not null default '',
    details         jsonb not null default '{}'       -- ids and field names, never message text or personal data
);
create index audit_log_at on audit_log (at desc);

-- What admins change while it runs (business hours, …); config.yml holds the defaults.
create table shop_settings (
    key             text primary key,
    value           jsonb not null,
    version         integer not null default 1,
    changed_by      uuid references agents,
    changed_at      timestamptz not null default now()
);

-- The demo shop (and a cache of nothing else: a real shop is asked through its REST API).
create table orders (
    id              uuid primary key,
    sandbox         text not null default '',
    number          text not null,
    customer_id     uuid not null references customers on delete cascade,
    kind            text not null,                    -- which row of the policy it is there for
    state           text not null check (state in ('unpaid', 'paid', 'shipped', 'delivered', 'completed', 'cancelled', 'refunded')),
    total_cents     bigint not null check (total_cents >= 0),
    freight_cents   bigint not null default 0,
    payment_method  text not null default '',
    recipient       text not null,
    phone           text not null,
    province        text not null,
    city            text not null,
    address         text not null,
    has_freight_insurance boolean not null default false,
    placed_at       timestamptz not null,
    paid_at         timestamptz,
    shipped_at      timestamptz,
    delivered_at    timestamptz,
    closed_at       timestamptz,
    details         jsonb not null default '{}',
    unique (sandbox, number)
);
create index orders_customer on orders (customer_id, placed_at desc);

create table order_items (
    order_id        uuid not null references orders on delete cascade,
    line            integer not null,
    sku             text not null,
    title           text not null,
    variant         text not null default '',
    category        text not null,                    -- fresh_food, custom_made, digital, underwear, cosmetics, clothing, …
    quantity        integer not null check (quantity > 0),
    price_cents     bigint not null check (price_cents >= 0),
    picture         text not null default '',
    primary key (order_id, line)
);

create table shipments (
    id              uuid primary key,
    order_id        uuid not null references orders on delete cascade,
    courier         text not null,
    tracking_number text not null,
    state           text not null check (state in ('created', 'in_transit', 'out_for_delivery', 'at_pickup_point', 'delivered', 'lost', 'returned')),
    shipped_at      timestamptz not null,
    delivered_at    timestamptz
);
create index shipments_order on shipments (order_id);
create index shipments_tracking on shipments (tracking_number);

create table tracking_events (
    shipment_id     uuid not null references shipments on delete cascade,
    n               integer not null,
    at              timestamptz not null,
    place           text not null,
    description     text not null,
    primary key (shipment_id, n)
);

-- Answers of the shop's write calls, by idempotency key: the same key again gets the same answer.
create table shop_calls (
    idempotency_key text primary key,
    call            text not null,
    answer          jsonb not null,
    at              timestamptz not null default now()
);
