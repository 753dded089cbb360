-- The knowledge base: entries and policy figures with drafts and revisions, and what search looks at.

-- An entry or a figure of the policy table. `content` is JSON as knowledge_base/items.py reads and writes it.
create table knowledge_items (
    kind            text not null check (kind in ('entry', 'figure')),
    id              text not null,
    position        integer not null,                 -- order in the lists
    published       jsonb,                            -- what customers get; null = never published
    revision        integer not null default 0,       -- of `published`; 0 = never
    base_version    bigint not null default 0,        -- of the base that first held `published`
    published_at    timestamptz,
    published_by    uuid references agents on delete set null,  -- null = imported
    draft           jsonb,                            -- what an editor has typed so far; null = nothing
    draft_at        timestamptz,
    draft_by        uuid references agents on delete set null,
    version         bigint not null default 1,        -- counts every change of this row; editors name the one they read
    primary key (kind, id)
);
create index knowledge_items_changed on knowledge_items (base_version);

create table knowledge_revisions (
    kind            text not null,
    id              text not null,
    revision        integer not null,
    content         jsonb not null,
    at              timestamptz not null,
    by_agent        uuid references agents on delete set null,  -- null = imported
    note            text not null default '',
    primary key (kind, id, revision),
    foreign key (kind, id) references knowledge_items on delete cascade
);

-- One row: which base is published, and what its index was made by (knowledge_base/indexing.py).
create table knowledge_base (
    is_the_only     boolean primary key default true check (is_the_only),
    version         bigint not null default 0,        -- counts publishes
    search_version  bigint not null default 0,        -- the last publish that changed titles or phrasings
    entries         integer not null default 0,       -- published ones, for rarity
    encoder         text not null default '',         -- of the whole index: Encoder.hash, and how texts are cut; '' = empty
    changed_at      timestamptz not null default now()
);
insert into knowledge_base default values;

-- Phrasings and titles of published entries, as search finds them.
create table knowledge_phrasings (
    id              bigint generated always as identity primary key,
    entry           text not null,
    language        text not null,
    text            text not null,
    lexemes         tsvector not null,                -- ours (knowledge_base/features.py), not the parser's
    embedding       halfvec                           -- of the encoder's dimensions; null = nothing known in it
);
create index knowledge_phrasings_entry on knowledge_phrasings (entry);
create index knowledge_phrasings_lexemes on knowledge_phrasings using gin (lexemes) with (fastupdate = off);

-- In how many published entries a lexeme stands: rarity, and what to prune a query by.
create table knowledge_lexemes (
    lexeme          text primary key,
    entries         integer not null
);

-- Probabilities belong to an encoder and a base; the newest of the encoder counts.
create table knowledge_calibrations (
    id              bigint generated always as identity primary key,
    encoder         text not null,
    search_version  bigint not null,
    model           jsonb not null,                   -- knowledge_base/calibration.py
    fitted_at       timestamptz not null default now()
);
create index knowledge_calibrations_encoder on knowledge_calibrations (encoder, id);
