"""Silent customers: a reminder, then the close; only while the bot owns the conversation.

The timers are columns of the conversation, set by the bot's reply and cleared by the customer's next message, so
that a message costs no job of its own (docs/decisions/0003-timers-are-rows.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg.rows import dict_row

from desk.conversations import Pool
from desk.locked_conversation import LOCKED_COLUMNS, LockedConversation, flush, from_rows
from desk.settings import ConversationSettings

_SILENT = f"""
select {LOCKED_COLUMNS}, false as vip from conversations c
 where c.silence_at <= %s order by c.silence_at limit 100 for update skip locked
"""


async def mind_silence(pool: Pool, settings: ConversationSettings, now: datetime) -> int:
    """Remind or close what has been silent long enough; returns how many, at most 100 a call."""
    async with pool.connection() as conn, conn.transaction():
        async with conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_SILENT, (now,))
            silent = list(from_rows(await cursor.fetchall()).values())
        for conversation in silent:
            take_silence_step(conversation, settings, now)
        await flush(conn, silent)
    return len(silent)


def take_silence_step(
    conversation: LockedConversation, settings: ConversationSettings, now: datetime
) -> None:
    """Do what is due: remind, close, or nothing where the bot no longer waits for the customer."""
    if conversation.owner != "bot" or conversation.due_at is not None:
        conversation.silence_at, conversation.silence_step = None, "none"
    elif conversation.silence_step == "remind":
        conversation.append_notice("silence_reminder", now)
        wait = max(1.0, settings.silence_close_s - settings.silence_reminder_s)
        conversation.silence_at = now + timedelta(seconds=wait)
        conversation.silence_step = "close"
    else:
        conversation.append_notice("closed", now)
        conversation.close("silence", now, None)
