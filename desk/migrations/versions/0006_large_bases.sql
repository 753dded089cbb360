-- Tables that keep search and checks fast in large bases.

-- What a phrasing is compared by, computed once instead of with each reading: knowledge_base/features.py. Its pieces are
-- numbers of 64 bits and their weights of 32, both little-endian, one after the other.
drop index knowledge_phrasings_lexemes;
alter table knowledge_phrasings
    drop column lexemes,
    add column is_title boolean not null default false,
    add column form     text  not null default '',    -- matching form
    add column pieces   bytea not null default '',
    add column weights  bytea not null default '';    -- of `pieces`

-- Whether somebody else's entry has a phrasing already.
create index knowledge_phrasings_form on knowledge_phrasings using hash (form);

-- Entries by a number of four bytes, as long lists hold them.
create table knowledge_entry_numbers (
    number          integer generated always as identity primary key,
    entry           text not null unique
);

-- Of each piece in how many published entries it stands, and in which; null where they are too many to be looked up.
drop table knowledge_lexemes;
create table knowledge_lexemes (
    number          bigint primary key,
    entries         integer not null,
    postings        integer[]
);
alter table knowledge_lexemes alter column postings set storage external;

-- An index written before these columns is written anew by the next upkeep.
update knowledge_base set encoder = 'without pieces' where encoder <> '';
