"""Questions of a period that the knowledge base did not answer well, with what agents answered later.

Their words come from the conversations, without personal data: those who write entries do not read conversations.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from desk.masking import SOMEBODY, mask
from knowledge_base.gaps import MissedQuestion, Why
from knowledge_base.portions import in_portions

MOST_QUESTIONS = 20_000
"""The newest so many of a period; more would say no more."""
STILL_CHOOSING = timedelta(minutes=10)
"""An ask-back younger than this may still be taken, unless the customer has written on."""
REPLIES = 6
LEAST_CHARACTERS, LEAST_WORDS = 9, 5
"""A reply of an agent with less than this is a courtesy; the second is of texts in words."""
WORST_FIRST: Sequence[Why] = ("unhelpful", "handed_over", "declined", "asked_back")
GAP_REASONS = ("not_in_knowledge_base", "bot_failed")
"""Why people took over where the base was at fault."""

# A tapped option stands for the question that was asked back. Of the questions that led to people only the last one did.
_MISSED = """
with used as (
    select u.*, rank() over (partition by u.conversation_id, u.epoch order by u.seq desc) = 1 as is_last
      from knowledge_uses u where u.at >= %(since)s and u.at < %(until)s
), missed as (
    select u.*, case when u.helpful = false then 'unhelpful'
                     when u.outcome <> 'left' and u.is_last and u.handed_over = any(%(reasons)s) then 'handed_over'
                     when u.outcome = 'declined' then 'declined'
                     when u.outcome = 'asked_back' and u.taken is null
                          and (u.at < %(chosen_by)s or c.last_customer_seq > u.seq) then 'asked_back' end as why
      from used u join conversations c on c.id = u.conversation_id
)
select u.conversation_id, u.seq, u.language, u.at, u.why, u.candidates, words.text, replies.texts as replies,
       array_remove(array[k.name, k.phone, k.email] || array(
           select distinct o.recipient from orders o where o.customer_id = k.id limit 20), null) as personal
  from missed u
  join conversations c on c.id = u.conversation_id
  left join customers k on k.id = c.customer_id
  left join lateral (
       select a.first_seq, a.seq, a.candidates from knowledge_uses a
        where u.outcome = 'option' and a.conversation_id = u.conversation_id and a.outcome = 'asked_back'
          and a.seq < u.seq and a.shown @> u.shown order by a.seq desc limit 1) asked on true
  join lateral (
       select string_agg(m.text, ' ' order by m.seq) as text from messages m
        where m.conversation_id = u.conversation_id and m.sender = 'customer' and m.kind = 'text'
          and m.seq between coalesce(asked.first_seq, u.first_seq) and coalesce(asked.seq, u.seq)) words on true
  left join lateral (
       select array_agg(r.text order by r.seq) as texts from (
           select m.text, m.seq from messages m
            where m.conversation_id = u.conversation_id and m.seq > u.seq and m.sender = 'agent' and m.kind = 'text'
              and m.epoch = (select min(o.epoch) from ownerships o
                              where o.conversation_id = u.conversation_id and o.owner = 'agent' and o.epoch > u.epoch)
            order by m.seq limit %(replies)s) r) replies on true
 where u.why is not null and words.text is not null
 order by u.at desc, u.conversation_id, u.seq limit %(most)s
"""
_HOLDING = re.compile(
    r"(您好|你好|亲|親|请|請|稍[等候]|久等|为您|為您|帮您|幫您|查[看一下询詢]*|看[一下]*|核实|核實|在的?|好的?|收到|"
    r"我是|客服|很高兴|很高興|服务|服務|小\w|嗯|哦|hello|hi|dear|please|one moment|wait|let me|check|for you|thanks?|"
    r"thank you|ok(?:ay)?|sure|i am|i'm|here|a|just|moment|second|minute|the|this|it|[\s,.!?，。！？~～、…:：]|一?下)*",
    re.IGNORECASE,
)
_MASKED = re.compile(rf"[x0](?:[\s-]?[x0]){{2,}}|{SOMEBODY}|@")
_OWN_NAME = re.compile(
    r"(?:我叫|我是叫|姓名|收件人|收货人|收貨人|名字是|名叫)[\s:：是]{0,2}([\u4e00-\u9fff]{2,4})|my name is ([A-Za-z' -]{2,40})",
    re.IGNORECASE,
)


async def read_missed(
    conn: AsyncConnection[Any], *, since: datetime, until: datetime
) -> list[MissedQuestion]:
    """The newest first."""
    values = {
        "since": since,
        "until": until,
        "chosen_by": until - STILL_CHOOSING,
        "reasons": list(GAP_REASONS),
        "replies": REPLIES,
        "most": MOST_QUESTIONS,
    }
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_MISSED, values)
        rows = await in_portions(cursor)
    return await asyncio.to_thread(_questions, rows)  # masking 20,000 texts takes seconds


def _questions(rows: Sequence[Mapping[str, Any]]) -> list[MissedQuestion]:
    questions: dict[str, MissedQuestion] = {}
    for row in rows:  # of several answers to one message the one that went worst counts
        question = _question(row)
        known = questions.get(question.id)
        if question.text and (
            known is None or WORST_FIRST.index(question.why) < WORST_FIRST.index(known.why)
        ):
            questions[question.id] = question
    return list(questions.values())


def first_substantial(texts: Sequence[str]) -> str | None:
    """The first reply that says something, beyond greetings and «one moment»."""
    for text in texts:
        said = _HOLDING.sub("", text, count=1).strip()
        is_long = len(said) >= LEAST_CHARACTERS if _is_chinese(text) else len(said.split()) >= LEAST_WORDS
        if is_long:
            return text.strip()
    return None


def without_masks(text: str) -> str:
    """A masked question as others might ask it: what was masked is left out."""
    return re.sub(r"\s+", " ", _MASKED.sub(" ", text)).strip(" ,，:：#")


def _question(row: Mapping[str, Any]) -> MissedQuestion:
    personal = [*row["personal"], *_names_in(row["text"])]
    reply = first_substantial(row["replies"] or ())
    return MissedQuestion(
        conversation_id=row["conversation_id"],
        seq=row["seq"],
        text=without_masks(mask(row["text"], personal)),
        language=row["language"],
        at=row["at"],
        why=row["why"],
        candidates=tuple((c["entry"], c["probability"]) for c in row["candidates"]),
        reply=mask(reply, personal) if reply else None,
    )


def _names_in(text: str) -> list[str]:
    return [name.strip() for pair in _OWN_NAME.findall(text) for name in pair if name.strip()]


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text)
