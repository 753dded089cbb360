-- What the knowledge base was asked, what it said, and what came of it.

-- A customer's question that was searched for; where one message asked several, a row for each that was answered. The words
-- stay in messages, from first_seq to seq, and go with them.
create table knowledge_uses (
    conversation_id uuid not null references conversations on delete cascade,
    seq             bigint not null,                  -- the last of the customer's messages that the turn answered
    n               smallint not null default 0,      -- which answer, where there were several
    first_seq       bigint not null,
    epoch           integer not null,                 -- the bot's ownership
    language        text not null,
    -- option: an entry tapped after an ask-back; left: to a skill, or to people while the bot could not ask back
    outcome         text not null check (outcome in ('answered', 'asked_back', 'declined', 'option', 'left')),
    shown           text[] not null default '{}',     -- entries: answers said, or options of the ask-back
    candidates      jsonb not null default '[]',      -- [{entry, probability}], best first
    probability     real,                             -- null = tapped
    base_version    bigint not null,
    reply_seq       bigint,                           -- the bot's message that said the answer
    taken           text,                             -- asked_back: the option that was tapped
    helpful         boolean,                          -- null = the customer has not said
    helpful_at      timestamptz,
    handed_over     text,                             -- why people came in later in the same ownership
    at              timestamptz not null,
    primary key (conversation_id, seq, n),
    foreign key (conversation_id, seq) references messages on delete cascade
);
create index knowledge_uses_at on knowledge_uses (at);
create index knowledge_uses_shown on knowledge_uses using gin (shown);
create index knowledge_uses_reply on knowledge_uses (conversation_id, reply_seq) where reply_seq is not null;

-- Gaps that an editor does not want to see, until they have grown: a question of the gap, and how many it had.
create table knowledge_dismissals (
    conversation_id uuid not null,
    seq             bigint not null,
    count           integer not null,
    days            integer not null,                 -- of the period that was looked at
    by_agent        uuid references agents on delete set null,
    at              timestamptz not null,
    primary key (conversation_id, seq),
    foreign key (conversation_id, seq) references messages on delete cascade
);
