-- Tags that agents corrected, as examples for the next training.
-- One row for each message and agent, the newest; which agent's word counts is desk/corrections.py's business.
-- The message's text stays where it is: a conversation that is erased takes its corrections along.

create table tag_corrections (
    conversation_id uuid not null,
    seq             bigint not null,
    agent_id        uuid not null references agents,
    rank            smallint not null check (rank between 1 and 3),  -- agent, senior, supervisor: as it was then
    sentiment       text not null check (sentiment in ('angry', 'negative', 'neutral', 'positive')),
    urgency         text not null check (urgency in ('normal', 'high', 'critical')),
    level           text not null check (level in ('none', 'minor', 'serious', 'major')),
    said            jsonb not null,                   -- what the classifier had said of the message
    corrected_at    timestamptz not null,
    primary key (conversation_id, seq, agent_id),
    foreign key (conversation_id, seq) references messages on delete cascade
);
