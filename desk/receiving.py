"""Taking in customers' messages: checked, tagged, written and routed in one transaction, then acknowledged.

Messages that arrive while a transaction is under way are taken together by the next one (group commit), so a
message costs the less the more there are. Nothing here speaks for the bot: a message either makes a turn due or
brings people in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import PoolTimeout

from desk import fault_points
from desk.conversations import Pool
from desk.ending import end
from desk.errors import DeskError, InvalidInput, NotFound
from desk.handoff import HandoffDesk
from desk.locked_conversation import LOCK, LockedConversation, flush, from_rows
from desk.message_rules import check_client_id, check_text
from desk.settings import ConversationSettings
from routing.handoff import asks_for_person
from routing.language import DEFAULT, Language, detect
from routing.mood import Mood, advance
from routing.tags import NEUTRAL, Tags
from routing.triage import Tagger
from routing.triage_circumstances import Circumstances, in_circumstances

log = structlog.get_logger(__name__)


LONGEST_BARE_REQUEST = 8
"""Characters of «转人工客服» without a topic; longer requests say what it is about."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A customer's message as it came; exactly one of text, button, attachment_id is set.

    `button` is the id of a quick reply, `{seq}.{n}`.
    """

    conversation_id: UUID
    client_id: str
    text: str | None = None
    button: str | None = None
    attachment_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The message is on disk under this seq; `is_new` is False when the same client_id was there already."""

    seq: int
    sent_at: datetime
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class _Checked:
    incoming: Incoming
    tags: Tags
    answer: asyncio.Future[Receipt]


@dataclass(frozen=True, kw_only=True)
class _Offers:
    """What buttons and attachment ids of a batch stand for, by conversation and id."""

    buttons: Mapping[tuple[UUID, str], Mapping[str, Any]]
    media_types: Mapping[tuple[UUID, UUID], str]


class Receiver:
    """Receives messages in batches; start it before use and stop it to let the last batch end.

    `lanes` batches are written side by side; a conversation always takes the same lane, which keeps its messages in order.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        settings: ConversationSettings,
        handoffs: HandoffDesk,
        tagger: Tagger,
        clock: Callable[[], datetime],
        lanes: int = 2,
        max_batch: int = 128,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._handoffs = handoffs
        self._tagger = tagger
        self._clock = clock
        self._max_batch = max_batch
        self._lanes: list[asyncio.Queue[tuple[Incoming, asyncio.Future[Receipt]]]] = [
            asyncio.Queue() for _ in range(lanes)
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start the lanes."""
        self._tasks = [asyncio.create_task(self._run(lane), name="receiver") for lane in self._lanes]

    async def stop(self) -> None:
        """Stop the lanes; messages not yet taken were not acknowledged and will be sent again."""
        await end(self._tasks)

    async def receive(self, incoming: Incoming) -> Receipt:
        """Write the message and return once it is on disk.

        Raises InvalidInput naming the field, NotFound for an unknown conversation, button or picture.
        """
        check_client_id(incoming.client_id)
        given = [v for v in (incoming.text, incoming.button, incoming.attachment_id) if v is not None]
        if len(given) != 1:
            raise InvalidInput("Give exactly one of text, button and attachment_id.", field="text")
        if incoming.text is not None:
            check_text(incoming.text, self._settings.max_message_characters)
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        lane = self._lanes[incoming.conversation_id.int % len(self._lanes)]
        lane.put_nowait((incoming, answer))
        return await answer

    async def _run(self, lane: asyncio.Queue[tuple[Incoming, asyncio.Future[Receipt]]]) -> None:
        while True:
            batch = [await lane.get()]
            while len(batch) < self._max_batch and not lane.empty():
                batch.append(lane.get_nowait())
            try:
                await self._take(batch)
            except asyncio.CancelledError:
                _fail(batch, DeskError("The service is stopping."))
                raise
            except Exception as error:
                if len(batch) == 1 and not _may_work_again(error):
                    _fail(batch, error)
                else:
                    await self._take_one_by_one(batch)

    async def _take_one_by_one(self, batch: Sequence[tuple[Incoming, asyncio.Future[Receipt]]]) -> None:
        # One bad message must not cost its neighbours in the batch their acknowledgement, nor a connection that broke
        # cost anybody theirs: what had been written all the same is found by its client_id.
        log.warning("batch_split", size=len(batch))
        for item in batch:
            try:
                await self._take([item])
            except Exception as error:
                _fail([item], error)

    async def _take(self, batch: Sequence[tuple[Incoming, asyncio.Future[Receipt]]]) -> None:
        tags = self._tagger.tag([incoming.text or "" for incoming, _ in batch])
        checked = [
            _Checked(incoming=incoming, tags=tag, answer=answer)
            for (incoming, answer), tag in zip(batch, tags, strict=True)
        ]
        now = self._clock()
        results = await self._write(checked, now)
        for item, result in zip(checked, results, strict=True):
            if item.answer.done():
                continue
            if isinstance(result, Receipt):
                item.answer.set_result(result)
            else:
                item.answer.set_exception(result)

    async def _write(self, batch: Sequence[_Checked], now: datetime) -> list[Receipt | DeskError]:
        ids = [item.incoming.conversation_id for item in batch]
        # The connection's own transaction instead of conn.transaction(): begin travels with the lock and commit with the
        # writes, two round trips instead of four. A write that fails skips the commit; leaving the connection rolls back.
        async with self._pool.connection() as conn, conn.pipeline():
            async with conn.cursor(row_factory=dict_row) as locked, conn.cursor() as seen:
                await locked.execute(LOCK, (ids,))
                await seen.execute(_ALREADY_THERE, (ids, [item.incoming.client_id for item in batch]))
                conversations = from_rows(await locked.fetchall())
                receipts = {
                    (row[0], row[1]): Receipt(seq=row[2], sent_at=row[3], is_new=False)
                    for row in await seen.fetchall()
                }
            offers = await _read_offers(conn, [item.incoming for item in batch])
            results = [self._apply(item, conversations, receipts, offers, now) for item in batch]
            changed = [c for c in conversations.values() if c.appended]
            await self._handoffs.fill_briefs(conn, changed, now)
            await flush(conn, changed)
            await conn.commit()
        await fault_points.reach("after_append")
        return results

    def _apply(
        self,
        item: _Checked,
        conversations: Mapping[UUID, LockedConversation],
        receipts: dict[tuple[UUID, str], Receipt],
        offers: _Offers,
        now: datetime,
    ) -> Receipt | DeskError:
        incoming = item.incoming
        conversation = conversations.get(incoming.conversation_id)
        if conversation is None:
            return NotFound("There is no such conversation.")
        key = (incoming.conversation_id, incoming.client_id)
        if key in receipts:
            return receipts[key]
        try:
            content = _content(incoming, offers)
        except DeskError as error:
            return error
        self._reopen_if_closed(conversation, now)
        receipts[key] = self._append(conversation, item, content, now)
        return Receipt(seq=receipts[key].seq, sent_at=now, is_new=True)

    def _append(
        self, conversation: LockedConversation, item: _Checked, content: Mapping[str, Any], now: datetime
    ) -> Receipt:
        text = str(content["text"])
        since_last = (
            (now - conversation.last_customer_at).total_seconds() if conversation.last_customer_at else 0.0
        )
        tags = NEUTRAL
        if item.incoming.text is not None:
            tags = in_circumstances(item.tags, _circumstances(conversation, now))
        mood = advance(Mood.from_json(conversation.mood), tags, seconds_since_last=since_last, text=text)
        conversation.mood = mood.as_json()
        if item.incoming.text is not None:
            conversation.language = _language(conversation, text)
        message = conversation.append(
            "customer", now, client_id=item.incoming.client_id, tags=tags.as_json(), **content
        )
        self._route(conversation, text, tags, mood, now, is_button=item.incoming.button is not None)
        return Receipt(seq=message.seq, sent_at=now, is_new=False)

    def _route(
        self,
        conversation: LockedConversation,
        text: str,
        tags: Tags,
        mood: Mood,
        now: datetime,
        *,
        is_button: bool,
    ) -> None:
        if conversation.owner != "bot":
            return
        decision = self._handoffs.decide_on_receipt(conversation, text=text, tags=tags, mood=mood)
        if decision.handoff:
            asks_topic = decision.reasons == ("asked",) and not _knows_topic(conversation, text)
            self._handoffs.hand_over(conversation, decision, now, asks_topic=asks_topic)
            return
        window = 0.0 if is_button else self._settings.fragment_window_s
        conversation.wait_for_bot(now, window_s=window, bound_s=self._settings.fragment_bound_s)

    def _reopen_if_closed(self, conversation: LockedConversation, now: datetime) -> None:
        if conversation.owner != "none" or conversation.closed_at is None:
            return
        is_back = now - conversation.closed_at <= timedelta(seconds=self._settings.return_window_s)
        agent_id, closed_by = conversation.closed_agent_id, conversation.closed_by
        if not is_back:
            conversation.dialogue = {}
            conversation.mood = {}
        if is_back and closed_by == "agent":
            self._handoffs.return_to_people(conversation, now, preferred_agent_id=agent_id)
        else:
            conversation.to_bot(now, "reopened")


def _circumstances(conversation: LockedConversation, now: datetime) -> Circumstances:
    """What waiting for a person says; the bot answers within seconds, and fragments of one message are no waiting."""
    is_waiting = conversation.last_customer_seq > conversation.answered_seq
    if (
        conversation.owner not in ("queue", "agent")
        or not is_waiting
        or conversation.last_customer_at is None
    ):
        return Circumstances()
    since = conversation.last_reply_at or conversation.last_customer_at
    return Circumstances(waited_s=(now - since).total_seconds(), unanswered=1)


def _language(conversation: LockedConversation, text: str) -> Language:
    """The language to answer in. The first words outweigh the page's language, as short as they are («hello»)."""
    if not conversation.last_customer_seq and (typed := detect(text, None)) != DEFAULT:
        return typed
    return detect(text, conversation.language)


_ALREADY_THERE = """
select m.conversation_id, m.client_id, m.seq, m.sent_at
  from unnest(%s::uuid[], %s::text[]) as w (id, client_id)
  join messages m on m.conversation_id = w.id and m.client_id = w.client_id
"""

_BUTTONS = """
select m.conversation_id, w.button, m.private -> 'buttons' -> w.n as meaning
  from unnest(%s::uuid[], %s::bigint[], %s::int[], %s::text[]) as w (id, seq, n, button)
  join messages m on m.conversation_id = w.id and m.seq = w.seq
 where m.private -> 'buttons' -> w.n is not null
"""

_ATTACHMENTS = """
select a.conversation_id, a.id, a.media_type from unnest(%s::uuid[], %s::uuid[]) as w (conversation_id, id)
  join attachments a on a.id = w.id and a.conversation_id = w.conversation_id
"""


async def _read_offers(conn: AsyncConnection[Any], batch: Sequence[Incoming]) -> _Offers:
    pressed = [
        (i.conversation_id, *place, i.button) for i in batch if i.button and (place := _place(i.button))
    ]
    pictures = [(i.conversation_id, i.attachment_id) for i in batch if i.attachment_id]
    buttons: dict[tuple[UUID, str], Mapping[str, Any]] = {}
    media_types: dict[tuple[UUID, UUID], str] = {}
    if pressed:
        cursor = await conn.execute(_BUTTONS, tuple(list(column) for column in zip(*pressed, strict=True)))
        buttons = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
    if pictures:
        cursor = await conn.execute(
            _ATTACHMENTS, tuple(list(column) for column in zip(*pictures, strict=True))
        )
        media_types = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
    return _Offers(buttons=buttons, media_types=media_types)


def _place(button: str) -> tuple[int, int] | None:
    """Seq of the message and place among its buttons, of an id `{seq}.{n}`."""
    seq, dot, n = button.partition(".")
    if not (
        dot
        and seq.isascii()
        and n.isascii()
        and seq.isdigit()
        and n.isdigit()
        and len(seq) < 16
        and len(n) < 3
    ):
        return None
    return int(seq), int(n)


def _content(incoming: Incoming, offers: _Offers) -> dict[str, Any]:
    """Fields of the message to append. Raises NotFound for a button or picture that is not of this conversation."""
    if incoming.text is not None:
        return {"text": incoming.text}
    if incoming.button is not None:
        meaning = offers.buttons.get((incoming.conversation_id, incoming.button))
        if meaning is None:
            raise NotFound("button: there is no such button in this conversation.", field="button")
        return {
            "text": meaning["title"],
            "payload": {"button": incoming.button},
            "private": {"button": {"intent": meaning["intent"], "entities": meaning["entities"]}},
        }
    assert incoming.attachment_id is not None
    media_type = offers.media_types.get((incoming.conversation_id, incoming.attachment_id))
    if media_type is None:
        raise NotFound("attachment_id: there is no such picture in this conversation.", field="attachment_id")
    return {
        "text": "",
        "kind": "image",
        "payload": {"attachment_id": str(incoming.attachment_id), "media_type": media_type},
    }


def _knows_topic(conversation: LockedConversation, text: str) -> bool:
    """Whether it is known what a person is wanted for: from before, or because these words say more than that."""
    known = conversation.dialogue.get("want") or conversation.dialogue.get("order")
    return bool(known) or len(text.strip()) > LONGEST_BARE_REQUEST or not asks_for_person(text)


def _may_work_again(error: Exception) -> bool:
    """Whether a connection was lost on the way; a database that was waited for in vain is not asked again."""
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, PoolTimeout)


def _fail(batch: Sequence[tuple[Incoming, asyncio.Future[Receipt]]], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
