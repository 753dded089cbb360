-- Reviews, schedules, archive and the publish gate of the knowledge base.

alter table knowledge_items
    add column review       jsonb,                    -- {state, asked_by, asked_at, note, by, at, comment}; null = nobody asked
    add column publish_at   timestamptz,              -- give the draft to customers then
    add column expires_at   timestamptz,              -- archive the entry, or bring the figure's previous revision back, then
    add column schedule     jsonb,                    -- {by, note, problem} of these two
    add column due_until    timestamptz,              -- a process works on what is due; after this time another one may
    add column archived     jsonb;                    -- {at, by, note}; an archived entry has a draft and nothing published
create index knowledge_items_due on knowledge_items ((least(publish_at, expires_at)))
    where publish_at is not null or expires_at is not null;

alter table knowledge_revisions
    add column gate         jsonb;                    -- {run, verdict, losses, overridden_by, reason}; null = imported

-- A run of the publish gate: a draft at one version against the base at one search_version.
create table knowledge_gate_runs (
    id              uuid primary key,
    kind            text not null,
    item            text not null,
    version         bigint not null,                  -- of the item
    base            text not null,                    -- what else the verdict depends on (knowledge_base/gate_runs.py)
    state           text not null check (state in ('running', 'done', 'failed')),
    done            integer not null default 0,       -- questions asked of `total`
    total           integer not null default 0,
    result          jsonb,                            -- knowledge_base/gate.py; null = not done
    by_agent        uuid references agents on delete set null,
    started_at      timestamptz not null,
    beat_at         timestamptz not null,             -- of the process that runs it; an old one means it was killed
    finished_at     timestamptz,
    foreign key (kind, item) references knowledge_items on delete cascade
);
create index knowledge_gate_runs_item on knowledge_gate_runs (kind, item, version);

-- Questions that must go on being answered as somebody has decided.
create table knowledge_pinned (
    id              uuid primary key,
    question        text not null,
    language        text not null,
    context         text,                             -- the entry that was answered before
    expected        text,                             -- the entry that answers; null = not to be answered
    note            text not null default '',
    by_agent        uuid references agents on delete set null,
    at              timestamptz not null
);
create index knowledge_pinned_order on knowledge_pinned (at, id);
