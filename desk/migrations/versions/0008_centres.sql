-- Where the phrasings of an entry lie together: which candidates are worth reading is told from it, without reading them.
alter table knowledge_entry_numbers add column centre halfvec;  -- the mean of their vectors; null = none has one

update knowledge_entry_numbers n
set centre = (select avg(embedding) from knowledge_phrasings p where p.entry = n.entry);
