"""The agents' routes: lists, a conversation, answers, and changes of owner.

The socket does the same (service/sockets); both end in the same use cases of the desk.
"""

from __future__ import annotations

from datetime import UTC

from aiohttp import web

from desk import attachments, conversations, corrections, details, people, reading, replying
from desk.conversations import json_time
from desk.errors import NotFound
from desk.receiving import Receipt
from service import keys
from service.http.bodies import (
    AtEpoch,
    CloseConversation,
    ConversationsQuery,
    HandBack,
    MessagesQuery,
    ReadUpTo,
    Reply,
    SetPresence,
    TagLabels,
    Transfer,
)
from service.http.calls import Call, json_answer, no_content
from service.http.errors import Forbidden
from service.http.pictures import picture_answer


async def list_conversations(call: Call) -> web.Response:
    """One of the lists; `all` and other people's closed ones for supervisors and admins."""
    query, me = call.query_as(ConversationsQuery), call.me.agent
    if query.view == "all" and me.role not in reading.SEES_ALL:
        raise Forbidden("Only supervisors and admins see all conversations.")
    is_of_everybody = query.view == "closed" and me.role in reading.SEES_ALL
    before = (
        query.before.replace(tzinfo=UTC) if query.before and query.before.tzinfo is None else query.before
    )
    found = await conversations.list_summaries(
        call.request.app[keys.POOL],
        view=query.view,
        agent_id=None if is_of_everybody else me.id,
        before=before,
        limit=query.limit + 1,
    )
    lines = [summary.as_json() for summary in found[: query.limit]]
    return json_answer({"conversations": lines, "more": len(found) > query.limit})


async def read(call: Call) -> web.Response:
    """All about one conversation: brief, customer, orders, cases, owners, history."""
    await _readable(call)
    app = call.request.app
    detail = await details.read_detail(app[keys.POOL], app[keys.SHOP], call.ids["id"], now=call.now)
    return json_answer(detail)


async def read_messages(call: Call) -> web.Response:
    """Messages after `since`, notes included."""
    query = call.query_as(MessagesQuery)
    await _readable(call)
    found = await conversations.read_messages(
        call.request.app[keys.POOL], call.ids["id"], since=query.since, limit=query.limit + 1, with_notes=True
    )
    messages = [message.for_agents() for message in found[: query.limit]]
    return json_answer({"messages": messages, "more": len(found) > query.limit})


async def reply(call: Call) -> web.Response:
    """Answer the customer; only the conversation's owner may."""
    app, body = call.request.app, call.body_as(Reply)
    receipt = await replying.reply(
        app[keys.POOL],
        call.ids["id"],
        call.me.agent.id,
        client_id=body.client_id,
        text=body.text,
        max_characters=app[keys.SETTINGS].sections.conversations.max_message_characters,
        now=call.now,
    )
    return _receipt(receipt)


async def note(call: Call) -> web.Response:
    """A note for colleagues; customers never receive it."""
    app, body = call.request.app, call.body_as(Reply)
    await _readable(call)
    receipt = await replying.note(
        app[keys.POOL],
        call.ids["id"],
        call.me.agent.id,
        client_id=body.client_id,
        text=body.text,
        max_characters=app[keys.SETTINGS].sections.conversations.max_message_characters,
        now=call.now,
    )
    return _receipt(receipt)


async def accept(call: Call) -> web.Response:
    """Take what was offered."""
    epoch = call.body_as(AtEpoch).epoch
    ownership = call.request.app[keys.OWNERSHIP]
    await ownership.accept(call.ids["id"], call.me.agent.id, epoch=epoch, now=call.now)
    return await _summary_answer(call)


async def claim(call: Call) -> web.Response:
    """Take from the queue; supervisors and admins also from the bot or another agent."""
    epoch, me = call.body_as(AtEpoch).epoch, call.me.agent
    ownership = call.request.app[keys.OWNERSHIP]
    may_take_over = me.role in reading.SEES_ALL
    await ownership.claim(call.ids["id"], me.id, epoch=epoch, now=call.now, may_take_over=may_take_over)
    return await _summary_answer(call)


async def pass_offer(call: Call) -> web.Response:
    """Decline what was offered."""
    await call.request.app[keys.OWNERSHIP].pass_offer(call.ids["id"], call.me.agent.id)
    return no_content()


async def hand_back(call: Call) -> web.Response:
    """Back to the bot."""
    body, ownership = call.body_as(HandBack), call.request.app[keys.OWNERSHIP]
    await ownership.hand_back(
        call.ids["id"], call.me.agent.id, epoch=body.epoch, summary=body.summary, now=call.now
    )
    return await _summary_answer(call)


async def transfer(call: Call) -> web.Response:
    """To another agent, or back to the queue."""
    body, ownership = call.body_as(Transfer), call.request.app[keys.OWNERSHIP]
    await ownership.transfer(
        call.ids["id"],
        call.me.agent.id,
        epoch=body.epoch,
        to_agent_id=body.agent_id,
        note=body.note,
        required_level=body.level,
        now=call.now,
    )
    return await _summary_answer(call)


async def close(call: Call) -> web.Response:
    """End it, solved or not."""
    body, ownership = call.body_as(CloseConversation), call.request.app[keys.OWNERSHIP]
    await ownership.close_by_agent(
        call.ids["id"], call.me.agent.id, epoch=body.epoch, resolution=body.resolution, now=call.now
    )
    return await _summary_answer(call)


async def read_attachment(call: Call) -> web.Response:
    """A picture of a conversation."""
    await _readable(call)
    pool = call.request.app[keys.POOL]
    media_type, content = await attachments.read(pool, call.ids["id"], call.ids["attachment_id"])
    return picture_answer(media_type, content)


async def set_presence(call: Call) -> web.Response:
    """Here, away or gone."""
    state = call.body_as(SetPresence).state
    agent = await people.set_presence(call.request.app[keys.POOL], call.me.agent.id, state, now=call.now)
    return json_answer({"me": agent.as_me()})


async def read_queue(call: Call) -> web.Response:
    """The queue in its order."""
    found = await conversations.list_summaries(
        call.request.app[keys.POOL], view="queue", agent_id=call.me.agent.id, limit=500
    )
    return json_answer({"entries": [summary.as_json() for summary in found]})


async def list_agents(call: Call) -> web.Response:
    """Colleagues who are active."""
    agents = await people.list_agents(call.request.app[keys.POOL])
    return json_answer({"agents": [a.as_colleague() for a in agents if a.is_active and a.role != "editor"]})


async def mark_read(call: Call) -> web.Response:
    """The owning agent has read up to here."""
    seq = call.body_as(ReadUpTo).seq
    await _readable(call)
    await reading.read_by_agent(call.request.app[keys.POOL], call.ids["id"], call.me.agent.id, seq)
    return no_content()


async def correct_tags(call: Call) -> web.Response:
    """Say what a customer's message really is; the next training learns it."""
    body = call.body_as(TagLabels)
    labels = corrections.Labels(sentiment=body.sentiment, urgency=body.urgency, level=body.level)
    await _readable(call)
    pool, seq = call.request.app[keys.POOL], call.numbers["seq"]
    retag = await corrections.correct(pool, call.ids["id"], seq, call.me.agent, labels, now=call.now)
    return await _tags_answer(call, counts=retag.counts)


async def withdraw_tags(call: Call) -> web.Response:
    """Take back one's own correction."""
    await _readable(call)
    pool, seq = call.request.app[keys.POOL], call.numbers["seq"]
    retag = await corrections.withdraw(pool, call.ids["id"], seq, call.me.agent, now=call.now)
    return await _tags_answer(call, counts=retag.counts)


async def _tags_answer(call: Call, *, counts: bool) -> web.Response:
    """As every reader sees them now."""
    which = (call.ids["id"], call.numbers["seq"])
    found = await conversations.read_these(call.request.app[keys.POOL], [which])
    if not found:
        raise NotFound("There is no such message of the customer.", field="seq")
    return json_answer({"tags": found[0].shown_tags(), "counts": counts})


async def _readable(call: Call) -> None:
    me = call.me.agent
    await reading.check_may_read(call.request.app[keys.POOL], call.ids["id"], agent_id=me.id, role=me.role)


async def _summary_answer(call: Call) -> web.Response:
    found = await conversations.read_summaries(call.request.app[keys.POOL], [call.ids["id"]])
    if not found:
        raise NotFound("There is no such conversation.")
    return json_answer({"summary": found[0].as_json()})


def _receipt(receipt: Receipt) -> web.Response:
    answer = {"seq": receipt.seq, "sent_at": json_time(receipt.sent_at)}
    return json_answer(answer, 201 if receipt.is_new else 200)
