"""GET /api/desk/ws: the agent's side of docs/api/websocket.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID, uuid4

from aiohttp import web

from desk import conversations, details, people, presence, reading, replying
from desk.conversations import json_time
from desk.errors import NotFound
from desk.offering import read_offers
from desk.receiving import Receipt
from desk.sign_ins import SignedIn
from desk.wake import Typing
from service import keys
from service.http.access import DESK
from service.http.bodies import Epoch as EpochRead
from service.http.bodies import Level, Seq, Summary, TransferNote
from service.http.calls import Call
from service.http.origins import is_own_origin
from service.sockets.connection import (
    CLOSE_BAD_ORIGIN,
    CLOSE_NOT_SIGNED_IN,
    HEARTBEAT_S,
    Connection,
    Request,
    RequestType,
)
from service.sockets.customer import Nothing
from service.sockets.hub import Console, offer_event

MOST_MESSAGES = 500


class Presence(Request):
    state: Literal["online", "away", "offline"]


class Conversation(Request):
    conversation_id: UUID


class Epoch(Conversation):
    epoch: EpochRead


class Open(Conversation):
    since: Seq = 0


class Say(Conversation):
    client_id: str
    text: str


class Active(Conversation):
    active: bool


class ReadUpTo(Conversation):
    seq: Seq


class HandBack(Epoch):
    summary: Summary = ""


class Transfer(Epoch):
    agent_id: UUID | None = None
    note: TransferNote = ""
    level: Level = "agent"


class Close(Epoch):
    resolution: Literal["solved", "unsolved"]


async def agent_socket(call: Call) -> web.WebSocketResponse:
    """Serve one agent's console until it closes."""
    request = call.request
    settings = request.app[keys.SETTINGS].sections
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S, compress=False, max_msg_size=settings.limits.socket_message_bytes
    )
    await socket.prepare(request)
    if not is_own_origin(request, settings.service):
        await socket.close(code=CLOSE_BAD_ORIGIN, message=b"origin")
        return socket
    try:
        signed_in = await request.app[keys.PEOPLE].signed_in(request, DESK)
    except Exception as error:
        await socket.close(code=CLOSE_NOT_SIGNED_IN, message=type(error).__name__.encode())
        return socket
    gauge = request.app[keys.METRICS].sockets.labels(side="agent")
    gauge.inc()
    try:
        await _AgentSession(request.app, socket, signed_in).run()
    finally:
        gauge.dec()
    return socket


class _AgentSession:
    def __init__(self, app: web.Application, socket: web.WebSocketResponse, signed_in: SignedIn) -> None:
        self._app = app
        self._pool = app[keys.POOL]
        self._hub = app[keys.HUB]
        self._ownership = app[keys.OWNERSHIP]
        self._signed_in = signed_in
        self._me = signed_in.agent.id
        self._role = signed_in.agent.role
        self._connection = Connection(socket, name=f"agent-{uuid4().hex[:8]}")
        self._console = Console(connection=self._connection, agent_id=self._me)

    async def run(self) -> None:
        types = {
            "hello": RequestType(model=Nothing, answer=self._hello),
            "presence": RequestType(model=Presence, answer=self._presence),
            "accept": RequestType(model=Epoch, answer=self._accept),
            "pass": RequestType(model=Conversation, answer=self._pass),
            "claim": RequestType(model=Epoch, answer=self._claim),
            "open": RequestType(model=Open, answer=self._open),
            "leave": RequestType(model=Conversation, answer=self._leave),
            "reply": RequestType(model=Say, answer=self._reply),
            "note": RequestType(model=Say, answer=self._note),
            "typing": RequestType(model=Active, answer=self._typing),
            "read": RequestType(model=ReadUpTo, answer=self._read),
            "hand_back": RequestType(model=HandBack, answer=self._hand_back),
            "transfer": RequestType(model=Transfer, answer=self._transfer),
            "close": RequestType(model=Close, answer=self._close),
            "ping": RequestType(model=Nothing, answer=self._ping),
        }
        try:
            with self._app[keys.SOCKETS].entered(self._connection, self._signed_in):
                await self._connection.run(types)
        finally:
            self._hub.leave(self._console)

    async def _hello(self, _: Nothing) -> Mapping[str, Any]:
        await presence.touch(self._pool, [self._me], self._now(), joins=True)
        mine = await conversations.list_summaries(self._pool, view="mine", agent_id=self._me, limit=200)
        queue = await conversations.list_summaries(self._pool, view="queue", limit=200)
        offers = await read_offers(self._pool, [self._me], self._now())
        summaries = {s.id: s.as_json() for s in (*queue, *mine)}
        shown = [
            offer_event(o, summaries[o.conversation_id]) for o in offers if o.conversation_id in summaries
        ]
        answer = {
            "me": await self._read_me(),
            "mine": [s.as_json() for s in mine],
            "queue": [s.as_json() for s in queue],
            "offers": shown,
            "agents": await self._hub.read_agents(),
            "service": dict(self._hub.service),
        }
        # Nothing is awaited from here on, so that no event is queued before the answer that it is newer than.
        self._console.offers = {o.conversation_id: o.expires_at for o in offers}
        for summary in mine:
            self._hub.follow(self._console, summary.id, since=summary.as_json()["last_seq"], stays=True)
        self._hub.join(self._console)
        return answer

    async def _presence(self, wanted: Presence) -> Mapping[str, Any]:
        await people.set_presence(self._pool, self._me, wanted.state, now=self._now())
        await presence.touch(self._pool, [self._me], self._now(), joins=True)
        return {"me": await self._read_me()}

    async def _accept(self, asked: Epoch) -> Mapping[str, Any]:
        await self._ownership.accept(asked.conversation_id, self._me, epoch=asked.epoch, now=self._now())
        return await self._summary(asked.conversation_id)

    async def _pass(self, asked: Conversation) -> Mapping[str, Any]:
        await self._ownership.pass_offer(asked.conversation_id, self._me)
        return {}

    async def _claim(self, asked: Epoch) -> Mapping[str, Any]:
        await self._ownership.claim(
            asked.conversation_id,
            self._me,
            epoch=asked.epoch,
            now=self._now(),
            may_take_over=self._role in reading.SEES_ALL,
        )
        return await self._summary(asked.conversation_id)

    async def _open(self, asked: Open) -> Mapping[str, Any]:
        """Detail and transcript; from the last message of the answer on, events come."""
        await self._check_may_read(asked.conversation_id)
        stays = await reading.may_read_whoever_owns_it(
            self._pool, asked.conversation_id, agent_id=self._me, role=self._role
        )
        detail = await details.read_detail(
            self._pool, self._app[keys.SHOP], asked.conversation_id, now=self._now()
        )
        messages = await conversations.read_messages(
            self._pool, asked.conversation_id, since=asked.since, limit=MOST_MESSAGES + 1, with_notes=True
        )
        shown = messages[:MOST_MESSAGES]
        last = shown[-1].seq if shown else asked.since
        self._hub.follow(self._console, asked.conversation_id, since=last, is_opened=True, stays=stays)
        return {
            "detail": detail,
            "messages": [m.for_agents() for m in shown],
            "more": len(messages) > MOST_MESSAGES,
        }

    async def _leave(self, asked: Conversation) -> Mapping[str, Any]:
        watch = self._console.watches.get(asked.conversation_id)
        state = await conversations.read_state(self._pool, asked.conversation_id)
        if watch is not None and (state is None or state.agent_id != self._me):
            self._hub.unfollow(self._console, asked.conversation_id)
        elif watch is not None:
            watch.is_opened = False
        return {}

    async def _reply(self, say: Say) -> Mapping[str, Any]:
        receipt = await replying.reply(
            self._pool,
            say.conversation_id,
            self._me,
            client_id=say.client_id,
            text=say.text,
            max_characters=self._max_characters(),
            now=self._now(),
        )
        return _receipt(receipt)

    async def _note(self, say: Say) -> Mapping[str, Any]:
        await self._check_may_read(say.conversation_id)
        receipt = await replying.note(
            self._pool,
            say.conversation_id,
            self._me,
            client_id=say.client_id,
            text=say.text,
            max_characters=self._max_characters(),
            now=self._now(),
        )
        return _receipt(receipt)

    async def _typing(self, typing: Active) -> Mapping[str, Any]:
        if await self._check_may_read(typing.conversation_id) == self._me:
            await reading.tell_typing(
                self._pool,
                Typing(conversation_id=typing.conversation_id, sender="agent", active=typing.active),
            )
        return {}

    async def _read(self, read: ReadUpTo) -> Mapping[str, Any]:
        await self._check_may_read(read.conversation_id)
        await reading.read_by_agent(self._pool, read.conversation_id, self._me, read.seq)
        return {}

    async def _hand_back(self, asked: HandBack) -> Mapping[str, Any]:
        await self._ownership.hand_back(
            asked.conversation_id, self._me, epoch=asked.epoch, summary=asked.summary, now=self._now()
        )
        return await self._summary(asked.conversation_id)

    async def _transfer(self, asked: Transfer) -> Mapping[str, Any]:
        await self._ownership.transfer(
            asked.conversation_id,
            self._me,
            epoch=asked.epoch,
            to_agent_id=asked.agent_id,
            note=asked.note,
            required_level=asked.level,
            now=self._now(),
        )
        return await self._summary(asked.conversation_id)

    async def _close(self, asked: Close) -> Mapping[str, Any]:
        await self._ownership.close_by_agent(
            asked.conversation_id, self._me, epoch=asked.epoch, resolution=asked.resolution, now=self._now()
        )
        return await self._summary(asked.conversation_id)

    async def _ping(self, _: Nothing) -> Mapping[str, Any]:
        await presence.touch(self._pool, [self._me], self._now())
        return {}

    async def _check_may_read(self, conversation_id: UUID) -> UUID | None:
        """The owning agent, if an agent owns it. NotFound for what this person may not read, as over REST."""
        return await reading.check_may_read(self._pool, conversation_id, agent_id=self._me, role=self._role)

    async def _summary(self, conversation_id: UUID) -> Mapping[str, Any]:
        found = await conversations.read_summaries(self._pool, [conversation_id])
        if not found:
            raise NotFound("There is no such conversation.", field="conversation_id")
        return {"summary": found[0].as_json()}

    async def _read_me(self) -> dict[str, object]:
        async with self._pool.connection() as conn:
            return (await people.find(conn, self._me)).as_me()

    def _max_characters(self) -> int:
        return self._app[keys.SETTINGS].sections.conversations.max_message_characters

    def _now(self) -> Any:
        return self._app[keys.CLOCK].now()


def _receipt(receipt: Receipt) -> Mapping[str, Any]:
    return {"seq": receipt.seq, "sent_at": json_time(receipt.sent_at)}
