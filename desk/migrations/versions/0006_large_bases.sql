-- Tables that keep search and checks fast in large bases.

-- What a phrasing is compared by, computed once instead of with each reading: knowledge_base/features.py.
alter table knowledge_phrasings
    drop column lexemes,
    add column is_title boolean not null default false,
    add column form     text not null default '',     -- matching form
    add column pieces   text[] not null default '{}',
    add column weights  real[] not null default '{}'; -- of `pieces`
alter table knowledge_phrasings
    add column lexemes tsvector generated always as (array_to_tsvector(pieces)) stored;
create index knowledge_phrasings_lexemes on knowledge_phrasings using gin (lexemes) with (fastupdate = off);

-- Whether somebody else's entry has a phrasing already.
create index knowledge_phrasings_form on knowledge_phrasings using hash (form);

-- An index written before these columns is written anew by the next upkeep.
update knowledge_base set encoder = 'without pieces' where encoder <> '';
