"""The customer's routes: start a conversation, read it, write into it, send a picture, end it.

The socket does the same (service/sockets); both end in the same use cases of the desk.
"""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from desk import attachments, conversations, customers, helpful, reading
from desk.conversations import NewConversation, json_time
from desk.customers import VerifiedCustomer
from desk.errors import NotFound
from desk.receiving import Incoming
from service import keys
from service.http.bodies import Judgement, MessagesQuery, ReadUpTo, SendMessage, StartConversation
from service.http.calls import Call, json_answer, no_content
from service.http.identities import Identity
from service.http.pictures import media_type_of, picture_answer

DEFAULT_LANGUAGE = "zh-Hans"


async def start(call: Call) -> web.Response:
    """Open a conversation; the answer holds its token."""
    app, body = call.request.app, call.body_as(StartConversation)
    identity = app[keys.IDENTITIES].check(body.identity, now=call.now) if body.identity is not None else None
    if not (identity and identity.sandbox):  # played ones (demo mode) come by the hundred from one address
        app[keys.LIMITS].conversations.take(call.address)
    new = NewConversation(
        customer_id=await _customer_id(call, identity) if identity and identity.shop_id else None,
        language=body.language or DEFAULT_LANGUAGE,
        sandbox=identity.sandbox if identity else "",
        clock_shift_s=identity.clock_shift_s if identity else 0,
    )
    conversation_id = await conversations.start(app[keys.POOL], new, now=call.now)
    token = app[keys.TOKENS].issue(conversation_id, now=call.now)
    state = await _state(call, conversation_id)
    return json_answer({"conversation_id": str(conversation_id), "token": token, "state": state}, 201)


async def read(call: Call) -> web.Response:
    """State and health."""
    state = await _state(call, call.ids["id"])
    return json_answer({"state": state, "service": call.request.app[keys.HEALTH].service()})


async def read_messages(call: Call) -> web.Response:
    """Messages after `since`, without agents' notes."""
    query = call.query_as(MessagesQuery)
    await _state(call, call.ids["id"])
    found = await conversations.read_messages(
        call.request.app[keys.POOL],
        call.ids["id"],
        since=query.since,
        limit=query.limit + 1,
        with_notes=False,
    )
    messages = [message.as_json() for message in found[: query.limit]]
    return json_answer({"messages": messages, "more": len(found) > query.limit})


async def send(call: Call) -> web.Response:
    """Take a message in; the answer says that it is on disk."""
    app, body = call.request.app, call.body_as(SendMessage)
    app[keys.LIMITS].messages.take(str(call.ids["id"]))
    with app[keys.METRICS].ack_s.time():
        receipt = await app[keys.RECEIVER].receive(
            Incoming(
                conversation_id=call.ids["id"],
                client_id=body.client_id,
                text=body.text,
                button=body.button,
                attachment_id=body.attachment_id,
            )
        )
    answer = {"seq": receipt.seq, "sent_at": json_time(receipt.sent_at)}
    return json_answer(answer, 201 if receipt.is_new else 200)


async def store_attachment(call: Call) -> web.Response:
    """Keep a picture; a message names it afterwards."""
    app = call.request.app
    app[keys.LIMITS].messages.take(str(call.ids["id"]))
    max_bytes = app[keys.SETTINGS].sections.conversations.max_image_bytes
    media_type = media_type_of(call.content, max_bytes=max_bytes)
    attachment_id = await attachments.store(app[keys.POOL], call.ids["id"], media_type, call.content)
    return json_answer({"attachment_id": str(attachment_id)}, 201)


async def read_attachment(call: Call) -> web.Response:
    """A picture of this conversation."""
    pool = call.request.app[keys.POOL]
    media_type, content = await attachments.read(pool, call.ids["id"], call.ids["attachment_id"])
    return picture_answer(media_type, content)


async def mark_read(call: Call) -> web.Response:
    """The customer has read up to here."""
    seq = call.body_as(ReadUpTo).seq
    await reading.read_by_customer(call.request.app[keys.POOL], call.ids["id"], seq)
    return no_content()


async def judge(call: Call) -> web.Response:
    """Whether an answer helped; the last word counts."""
    app, body, seq = call.request.app, call.body_as(Judgement), call.numbers["seq"]
    app[keys.LIMITS].asides.take(str(call.ids["id"]))
    await helpful.judge(app[keys.POOL], call.ids["id"], seq, helpful=body.helpful, now=call.now)
    return json_answer({"seq": seq, "helpful": body.helpful})


async def close(call: Call) -> web.Response:
    """The customer ends it; a later message reopens it."""
    await call.request.app[keys.OWNERSHIP].close_by_customer(call.ids["id"], now=call.now)
    return json_answer({"state": await _state(call, call.ids["id"])})


async def _customer_id(call: Call, identity: Identity) -> UUID:
    verified = VerifiedCustomer(
        shop_id=identity.shop_id,
        sandbox=identity.sandbox,
        name=identity.name,
        phone=identity.phone,
        email=identity.email,
        vip=identity.vip,
    )
    async with call.request.app[keys.POOL].connection() as conn, conn.transaction():
        return await customers.find_or_create(conn, verified, now=call.now)


async def _state(call: Call, conversation_id: UUID) -> dict[str, object]:
    app = call.request.app
    state = await conversations.read_state(app[keys.POOL], conversation_id)
    if state is None:
        raise NotFound("There is no such conversation.")
    return state.as_json(handling_minutes=app[keys.SETTINGS].sections.assignment.handling_minutes)
