"""From commits to open sockets: listens for wake-ups, reads what is new in one query, and sends it in order.

Every process has one. It keeps nothing that cannot be read again: after a lost connection, and every second, it compares with the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection, sql

from desk import conversations, people
from desk.conversations import Message, Pool, State, json_time
from desk.ending import end
from desk.offering import Offer, read_offers
from desk.wake import CHANNEL, EVERYTHING, Wake, parse
from service.sockets.connection import Connection

log = structlog.get_logger(__name__)

SWEEP_S = 1.0
SUMMARIES_AT_MOST_EVERY_S = 0.2
LISTS_AT_MOST_EVERY_S = 0.5
"""Queue and agents are sent at most this often, whatever happens in between."""

Audience = Literal["customer", "agent"]


@dataclass(eq=False, kw_only=True)
class Watch:
    """A socket's interest in one conversation: messages after `since` go to it, each once, in order."""

    connection: Connection
    conversation_id: UUID
    audience: Audience
    since: int
    sent_state: Mapping[str, Any] | None = None
    is_opened: bool = False
    """An agent looks at it; else it is watched because it is the agent's own."""
    stays: bool = False
    """The agent may read it whoever owns it, for having had it or by role; others only until a colleague takes it."""


@dataclass(eq=False, kw_only=True)
class Console:
    """An agent's socket, with the conversations that it watches and the offers that it was shown."""

    connection: Connection
    agent_id: UUID
    watches: dict[UUID, Watch] = field(default_factory=dict)
    offers: dict[UUID, datetime] = field(default_factory=dict)


class Hub:
    """Delivers. `on_due`, `on_queue` wake the turn workers and the offering of this process."""

    def __init__(
        self,
        pool: Pool,
        database_url: str,
        *,
        handling_minutes: float,
        clock: Callable[[], datetime],
        on_due: Callable[[], None],
        on_queue: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._database_url = database_url
        self._handling_minutes = handling_minutes
        self._clock = clock
        self._on_due = on_due
        self._on_queue = on_queue
        self._watches: dict[UUID, set[Watch]] = {}
        self.consoles: set[Console] = set()
        self._messages_of: set[UUID] = set()
        self._states_of: set[UUID] = set()
        self._tags_of: set[tuple[UUID, int]] = set()
        self._summaries_of: set[UUID] = set()
        self._is_queue_stale = False
        self._are_agents_stale = False
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._service: Mapping[str, Any] = {"status": "ok", "parts": []}

    async def start(self) -> None:
        """Begin to listen and to deliver."""
        jobs = (
            self._listen,
            self._deliver_for_ever,
            self._sweep_for_ever,
            self._send_lists_for_ever,
            self._send_summaries_for_ever,
        )
        self._tasks = [asyncio.create_task(job(), name=f"hub{job.__name__}") for job in jobs]

    async def stop(self) -> None:
        """Stop delivering; clients catch up elsewhere."""
        await end(self._tasks)

    # Who is interested

    def watch(self, watch: Watch) -> None:
        """Send what is new in this conversation to this socket from now on."""
        self._watches.setdefault(watch.conversation_id, set()).add(watch)
        self._mark(messages=[watch.conversation_id], states=[watch.conversation_id])

    def unwatch(self, watch: Watch) -> None:
        """The socket has closed, or looks elsewhere."""
        watching = self._watches.get(watch.conversation_id, set())
        watching.discard(watch)
        if not watching:
            self._watches.pop(watch.conversation_id, None)

    def is_watched(self, conversation_id: UUID) -> bool:
        """Whether a socket of this process looks at this conversation."""
        return conversation_id in self._watches

    def join(self, console: Console) -> None:
        """An agent's console has signed in."""
        self.consoles.add(console)
        self._is_queue_stale = self._are_agents_stale = True

    def leave(self, console: Console) -> None:
        """An agent's console has gone."""
        self.consoles.discard(console)
        for watch in console.watches.values():
            self.unwatch(watch)

    def tell_service_state(self, service: Mapping[str, Any]) -> None:
        """Tell every socket how the parts are; a slot for Health.on_change."""
        self._service = service
        event = orjson.dumps({"type": "service", **service})
        for connection in self._connections():
            connection.send_encoded(event)

    @property
    def service(self) -> Mapping[str, Any]:
        """How the parts are, as last told."""
        return self._service

    # Hearing

    async def _listen(self) -> None:
        delay_s = 0.1
        while True:
            try:
                connection = await AsyncConnection.connect(
                    self._database_url, autocommit=True, connect_timeout=5
                )
                async with connection:
                    await connection.execute(sql.SQL("listen {}").format(sql.Identifier(CHANNEL)))
                    delay_s = 0.1
                    self._hear(EVERYTHING)
                    self._mark(messages=self._watches, states=self._watches)
                    async for notification in connection.notifies():
                        self._hear(parse(notification.payload))
            except (psycopg.Error, OSError) as error:
                log.warning("listen_lost", kind=type(error).__name__)
            except Exception:
                log.exception("listen_failed")  # a payload that cannot be read must not deafen the process
            await asyncio.sleep(delay_s)
            delay_s = min(2.0, delay_s * 2)

    def _hear(self, wake: Wake) -> None:
        if wake.due:
            self._on_due()
        if wake.queue or wake.agents:
            self._on_queue()
        self._is_queue_stale = self._is_queue_stale or wake.queue
        self._are_agents_stale = self._are_agents_stale or wake.agents
        self._tags_of |= {
            (r.conversation_id, r.seq) for r in wake.retagged if r.conversation_id in self._watches
        }
        self._mark(messages=wake.conversations | wake.states, states=wake.states)
        self._pass_on(wake)

    def _pass_on(self, wake: Wake) -> None:
        """What is not stored goes straight to the sockets of this process."""
        for conversation_id in wake.turns_begun:
            self._tell(conversation_id, "customer", {"type": "typing", "sender": "bot", "active": True})
        for typing in wake.typing:
            event: dict[str, Any] = {"type": "typing", "active": typing.active}
            if typing.sender == "customer":
                self._tell(
                    typing.conversation_id, "agent", event | {"conversation_id": str(typing.conversation_id)}
                )
            else:
                self._tell(typing.conversation_id, "customer", event | {"sender": "agent"})
        for read in wake.read:
            self._tell(read.conversation_id, "customer", {"type": "read", "seq": read.seq})

    def _tell(self, conversation_id: UUID, audience: Audience, event: Mapping[str, Any]) -> None:
        for watch in self._watches.get(conversation_id, ()):
            if watch.audience == audience:
                watch.connection.send(event)

    def _mark(self, *, messages: Iterable[UUID], states: Iterable[UUID]) -> None:
        own_agents = bool(self.consoles)
        self._messages_of.update(c for c in messages if c in self._watches)
        # A conversation that nobody here watches yet may just have been given to an agent who is here.
        self._states_of.update(c for c in states if own_agents or c in self._watches)
        if self._messages_of or self._states_of:
            self._work.set()

    # Delivering

    async def _deliver_for_ever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            messages, self._messages_of = self._messages_of, set()
            states, self._states_of = self._states_of, set()
            tags, self._tags_of = self._tags_of, set()
            try:
                await self._deliver_messages(messages)
                await self._deliver_tags(tags)
                await self._deliver_states(states)
                self._summaries_of |= messages | states
            except (psycopg.Error, OSError) as error:
                log.warning("delivery_failed", kind=type(error).__name__)
                self._tags_of |= tags
                self._mark(messages=messages, states=states)
                await asyncio.sleep(0.5)
            except Exception:
                # What one conversation's data did must not end delivery for all; the sweep finds who is behind.
                log.exception("delivery_failed")
                await asyncio.sleep(0.5)

    async def _deliver_messages(self, ids: set[UUID]) -> None:
        since = {c: min(w.since for w in self._watches[c]) for c in ids if self._watches.get(c)}
        if not since:
            return
        for message in await conversations.read_newer(self._pool, since):
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        encoded: dict[Audience, bytes] = {}
        for watch in tuple(self._watches.get(message.conversation_id, ())):
            if message.seq <= watch.since:
                continue
            watch.since = message.seq
            if message.kind == "note" and watch.audience == "customer":
                continue
            if watch.audience not in encoded:
                shown = message.for_agents() if watch.audience == "agent" else message.as_json()
                encoded[watch.audience] = orjson.dumps({"type": "message", "message": shown})
            watch.connection.send_encoded(encoded[watch.audience])

    async def _deliver_tags(self, which: set[tuple[UUID, int]]) -> None:
        """What an agent corrected shows in the other consoles that look at it."""
        for message in await conversations.read_these(self._pool, sorted(which)) if which else ():
            event = {"type": "tags", "conversation_id": str(message.conversation_id), "seq": message.seq}
            self._tell(message.conversation_id, "agent", {**event, "tags": message.shown_tags()})

    async def _deliver_states(self, ids: set[UUID]) -> None:
        if not ids:
            return
        for state in (await conversations.read_states(self._pool, ids)).values():
            self._keep_own_watches(state)
            shown = state.as_json(handling_minutes=self._handling_minutes)
            for watch in self._watches.get(state.id, ()):
                if watch.audience == "customer" and _differs(watch.sent_state, shown):
                    watch.sent_state = shown
                    watch.connection.send({"type": "state", "state": shown})

    def _keep_own_watches(self, state: State) -> None:
        """Consoles follow what becomes their agent's own, and let go of what is no longer theirs to see."""
        for console in self.consoles:
            watch = console.watches.get(state.id)
            if state.agent_id == console.agent_id:
                watch = watch or self.follow(console, state.id, since=state.last_seq)
                watch.stays = True
            elif watch is not None and not _may_go_on(watch, state):
                self.unfollow(console, state.id)
                console.connection.send({"type": "conversation_gone", "conversation_id": str(state.id)})

    def follow(
        self,
        console: Console,
        conversation_id: UUID,
        *,
        since: int,
        is_opened: bool = False,
        stays: bool = False,
    ) -> Watch:
        """Let a console watch a conversation; watching it already only adds what is new about it."""
        watch = console.watches.get(conversation_id)
        if watch is None:
            watch = Watch(
                connection=console.connection, conversation_id=conversation_id, audience="agent", since=since
            )
            console.watches[conversation_id] = watch
            self.watch(watch)
        watch.is_opened = watch.is_opened or is_opened
        watch.stays = watch.stays or stays
        return watch

    def unfollow(self, console: Console, conversation_id: UUID) -> None:
        """Stop that."""
        watch = console.watches.pop(conversation_id, None)
        if watch is not None:
            self.unwatch(watch)

    async def _send_summaries_for_ever(self) -> None:
        """Lines of agents' lists; a busy conversation's line need not change with every message."""
        while True:
            await asyncio.sleep(SUMMARIES_AT_MOST_EVERY_S)
            ids, self._summaries_of = self._summaries_of, set()
            if ids:
                await _calmly(partial(self._deliver_summaries, ids))

    async def _deliver_summaries(self, ids: set[UUID]) -> None:
        wanted = [c for c in ids if any(w.audience == "agent" for w in self._watches.get(c, ()))]
        if not wanted:
            return
        for summary in await conversations.read_summaries(self._pool, wanted):
            self._tell(summary.id, "agent", {"type": "conversation", "summary": summary.as_json()})

    # Lists

    async def _send_lists_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LISTS_AT_MOST_EVERY_S / 5)
            is_queue, are_agents = self._is_queue_stale, self._are_agents_stale
            if not (is_queue or are_agents):
                continue
            self._is_queue_stale = self._are_agents_stale = False
            try:
                await self._send_lists(is_queue=is_queue, are_agents=are_agents)
            except (psycopg.Error, OSError) as error:
                log.warning("lists_failed", kind=type(error).__name__)
                self._is_queue_stale, self._are_agents_stale = is_queue, are_agents
            except Exception:
                log.exception("lists_failed")
            await asyncio.sleep(LISTS_AT_MOST_EVERY_S)

    async def _send_lists(self, *, is_queue: bool, are_agents: bool) -> None:
        if is_queue:
            await self._send_positions()
            if self.consoles:
                entries = await conversations.list_summaries(self._pool, view="queue", limit=200)
                self._tell_consoles({"type": "queue", "entries": [entry.as_json() for entry in entries]})
                await self._send_offers()
        if are_agents and self.consoles:
            self._tell_consoles({"type": "agents", "agents": await self.read_agents()})

    async def _send_positions(self) -> None:
        """Customers in the queue see their place move."""
        waiting = {
            c
            for c, watches in self._watches.items()
            if any(w.sent_state is not None and w.sent_state["owner"] == "queue" for w in watches)
        }
        await self._deliver_states(waiting)

    async def _send_offers(self) -> None:
        by_agent: dict[UUID, list[Offer]] = {}
        agent_ids = list({console.agent_id for console in self.consoles})
        offers = await read_offers(self._pool, agent_ids, self._clock())
        for offer in offers:
            by_agent.setdefault(offer.agent_id, []).append(offer)
        summaries = {
            s.id: s.as_json()
            for s in await conversations.read_summaries(self._pool, [o.conversation_id for o in offers])
        }
        for console in self.consoles:
            await self._show_offers(console, by_agent.get(console.agent_id, []), summaries)

    async def _show_offers(
        self, console: Console, offers: Sequence[Offer], summaries: Mapping[UUID, Mapping[str, Any]]
    ) -> None:
        now_open = {offer.conversation_id: offer.expires_at for offer in offers}
        for gone, expires_at in list(console.offers.items()):
            if now_open.get(gone) != expires_at:
                del console.offers[gone]
                if gone not in now_open:
                    why = (
                        "accepted"
                        if gone in console.watches
                        else ("expired" if expires_at <= self._clock() else "withdrawn")
                    )
                    console.connection.send({"type": "offer_gone", "conversation_id": str(gone), "why": why})
        for offer in offers:
            if offer.conversation_id not in console.offers and offer.conversation_id in summaries:
                console.offers[offer.conversation_id] = offer.expires_at
                console.connection.send(offer_event(offer, summaries[offer.conversation_id]))

    async def read_agents(self) -> list[dict[str, object]]:
        """Everybody's presence and load."""
        return [agent.as_colleague() for agent in await people.list_agents(self._pool) if agent.is_active]

    def _tell_consoles(self, event: Mapping[str, Any]) -> None:
        encoded = orjson.dumps(event)
        for console in self.consoles:
            console.connection.send_encoded(encoded)

    # Making sure

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await _calmly(self._sweep)

    async def _sweep(self) -> None:
        """Find what a lost wake-up hid: conversations whose newest seq, state or agent is not what was sent."""
        watched = {c: min(w.since for w in watches) for c, watches in self._watches.items()}
        states = await conversations.read_states(self._pool, watched) if watched else {}
        behind = [c for c, state in states.items() if state.last_seq > watched.get(c, state.last_seq)]
        changed = [c for c, state in states.items() if self._shows_another_state(state)]
        self._mark(messages=behind, states=[*changed, *await self._not_followed()])

    async def _not_followed(self) -> list[UUID]:
        """Conversations that became an agent's own without the agent's consoles here having heard of it."""
        if not self.consoles:
            return []
        owned = await conversations.read_owned(self._pool, {console.agent_id for console in self.consoles})
        return [
            c
            for c, agent_id in owned.items()
            if any(console.agent_id == agent_id and c not in console.watches for console in self.consoles)
        ]

    def _shows_another_state(self, state: State) -> bool:
        shown = state.as_json(handling_minutes=self._handling_minutes)
        return any(
            w.audience == "customer" and _differs(w.sent_state, shown)
            for w in self._watches.get(state.id, ())
        )

    def _connections(self) -> set[Connection]:
        watching = {watch.connection for watches in self._watches.values() for watch in watches}
        return watching | {console.connection for console in self.consoles}


def _may_go_on(watch: Watch, state: State) -> bool:
    """Whether a console may go on watching what is not its agent's own."""
    return watch.is_opened and (watch.stays or state.agent_id is None)


def offer_event(offer: Offer, summary: Mapping[str, Any]) -> dict[str, Any]:
    """`offer` of docs/api/websocket.md."""
    return {
        "type": "offer",
        "summary": dict(summary),
        "brief": offer.brief,
        "expires_at": json_time(offer.expires_at),
    }


def _differs(sent: Mapping[str, Any] | None, shown: Mapping[str, Any]) -> bool:
    """Whether the customer must be told; `last_seq` alone is told by the messages."""
    return sent is None or any(sent[key] != shown[key] for key in shown if key != "last_seq")


async def _calmly(job: Callable[[], Awaitable[None]]) -> None:
    try:
        await job()
    except (psycopg.Error, OSError) as error:
        log.warning("sweep_failed", kind=type(error).__name__)
    except Exception:
        log.exception("sweep_failed")
