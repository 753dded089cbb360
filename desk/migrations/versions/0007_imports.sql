-- Imports of files, whether a base answers directly, and which of the shipped contents it has.

-- A file that somebody brought, and how far its import has come. Entries become drafts in chunks, each a transaction.
create table knowledge_imports (
    id              uuid primary key,
    name            text not null,                    -- of the file
    content         bytea,                            -- of the file; null = done, or too old
    digest          text not null,                    -- SHA-256 of it
    reading         jsonb not null default '{}',      -- {encoding, delimiter, sheet} as somebody named them
    wishes          jsonb,                            -- {mapping, rows, language, figures, publish, overwrite}; null = only looked at
    state           text not null check (state in ('uploaded', 'waiting', 'running', 'done', 'failed')),
    done            integer not null default 0,       -- steps of `total`; publishing is a step of each entry too
    total           integer not null default 0,
    problem         text,                             -- why it failed
    by_agent        uuid references agents on delete set null,  -- null = on the command line
    at              timestamptz not null,
    finished_at     timestamptz
);
create index knowledge_imports_open on knowledge_imports (at) where state in ('waiting', 'running');

-- What became of each row.
create table knowledge_import_rows (
    import          uuid not null references knowledge_imports on delete cascade,
    row             integer not null,                 -- as the spreadsheet counts
    outcome         text not null check (outcome in ('created', 'changed', 'unchanged', 'refused', 'noted')),
    entry           text,
    written         text,                             -- md5 of the draft as it was written; another one is somebody's work
    told            jsonb                             -- {field, code, message, fix} of what is refused or noted
);
create index knowledge_import_rows_import on knowledge_import_rows (import, row);
create index knowledge_import_rows_entry on knowledge_import_rows (entry);

alter table knowledge_revisions
    add column import uuid references knowledge_imports on delete set null;  -- null = edited, or shipped

alter table knowledge_base
    add column direct_answers text not null default 'auto' check (direct_answers in ('auto', 'on', 'off'));

-- Contents that programs have brought along at their start, oldest first: one that came before the newest is an older program's.
create table knowledge_contents (
    id              bigint generated always as identity primary key,
    digest          text not null unique,             -- knowledge_base/importing.py
    at              timestamptz not null
);
