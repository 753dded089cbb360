"""The service's way into Rasa: one turn in, everything it led to out.

`POST /webhooks/anxin/turn`, bearer token. The desk is the record and the tracker a cache: before a turn the
tracker is put back to the last committed turn, a new one is seeded, and nothing personal is left in it after
the turn (no text of either side, no reply, no effect). Runs in Rasa's environment (Python 3.10).
"""

from __future__ import annotations

import hmac
import logging
import os
from collections import OrderedDict
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text, Tuple

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.components.action_endpoint import ActionEndpoint, failures
from bot.components.tracker_repair import bring_to, last_turn_id
from bot.components.turn_context import context_entities
from bot.components.turn_payload import BadTurn, Turn, parse_turn, read_payload

logger = logging.getLogger(__name__)

TOKEN_VARIABLE = "ANXIN_RASA_TOKEN"
ANSWERS_KEPT = 512


class ActionFailed(Exception):
    """An action did not answer; the turn is given up and nothing of it is saved."""


class RepliesChannel(CollectingOutputChannel):
    """Keeps each message whole: no splitting at blank lines, custom JSON beside the text."""

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Collect one message of a response or an action."""
        self.messages.append(message)


class TurnChannel(InputChannel):
    """Input channel `anxin`; its token comes from the environment, never from credentials.yml."""

    def __init__(self, token: Text) -> None:
        self._token = token.encode()
        self._answers: "OrderedDict[Text, Dict[Text, Any]]" = OrderedDict()

    @classmethod
    def name(cls) -> Text:
        """The part of the address."""
        return "anxin"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """Refuse to start without a token."""
        token = os.environ.get(TOKEN_VARIABLE, "")
        if len(token) < 16:
            raise RuntimeError(f"{TOKEN_VARIABLE} must hold the token between service and Rasa.")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes."""
        routes = Blueprint("anxin_turns")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            ready = agent is not None and agent.is_ready()
            model = agent.processor.model_filename if ready else None
            return json({"ready": ready, "model": model}, status=200 if ready else 503)

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._handle)

        @routes.post("/parse")
        async def parse(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._parse)

        return routes

    async def _guarded(
        self, request: Request, work: Callable[[Sanic, Turn], Awaitable[Dict[Text, Any]]]
    ) -> HTTPResponse:
        given = (request.token or "").encode()
        if not hmac.compare_digest(given, self._token):
            return _error("not_signed_in", "The bearer token is missing or wrong.", 401)
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return _error("unavailable", "No model is loaded yet.", 503)
        try:
            return json(await work(request.app, parse_turn(request.json)))
        except BadTurn as error:
            return _error("invalid_input", str(error), 422)
        except ActionFailed as error:
            return _error("action_failed", str(error), 502)

    async def _parse(self, app: Sanic, turn: Turn) -> Dict[Text, Any]:
        parsed = await app.ctx.agent.processor.parse_message(
            UserMessage(text=turn.text, metadata=turn.metadata)
        )
        return {"intent": parsed["intent"], "entities": parsed["entities"]}

    async def _handle(self, app: Sanic, turn: Turn) -> Dict[Text, Any]:
        agent = app.ctx.agent
        _guard_actions(agent.processor)
        async with agent.lock_store.lock(turn.sender):
            known = self._answers.get(turn.turn_id)
            tracker = await agent.processor.get_tracker(turn.sender)
            if known is not None and last_turn_id(tracker) == turn.turn_id:
                return known
            repaired = bring_to(tracker, turn, agent.processor.domain)
            answer = await _take_turn(agent.processor, tracker, turn)
            answer["repaired"] = repaired
            self._answers[turn.turn_id] = answer
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
            return answer


def _guard_actions(processor: MessageProcessor) -> None:
    endpoint = processor.action_endpoint
    if endpoint is not None and not isinstance(endpoint, ActionEndpoint):
        processor.action_endpoint = ActionEndpoint(endpoint)


async def _take_turn(
    processor: MessageProcessor, tracker: DialogueStateTracker, turn: Turn
) -> Dict[Text, Any]:
    """Run the turn on the tracker and save it; the answer is what the service needs to commit."""
    failed: List[Text] = []
    failures.set(failed)
    output = RepliesChannel()
    message = UserMessage(
        text=turn.text,
        output_channel=output,
        sender_id=turn.sender,
        input_channel=TurnChannel.name(),
        parse_data=_button_data(turn),
        metadata=turn.metadata,
    )
    await processor._handle_message_with_tracker(message, tracker)
    said = tracker.latest_message
    assert said is not None
    intent, entities = dict(said.intent), list(said.entities)
    tracker = await processor.run_action_extract_slots(output, tracker)
    await processor._run_prediction_loop(output, tracker)
    if failed:
        raise ActionFailed(failed[0])
    replies, effects = sort_out(output.messages)
    answer = {
        "turn_id": turn.turn_id,
        "replies": replies,
        "effects": effects,
        "intent": {"name": intent.get("name"), "confidence": float(intent.get("confidence") or 0.0)},
        "entities": [{"entity": e["entity"], "value": e.get("value")} for e in entities],
        "form": tracker.active_loop_name,
        "slots": kept_slots(tracker),
    }
    forget_texts(tracker)
    await processor.save_tracker(tracker)
    return answer


def _button_data(turn: Turn) -> Optional[Dict[Text, Any]]:
    if turn.button is None:
        return None
    tapped = [{"entity": name, "value": value} for name, value in turn.button.entities.items()]
    known = {e["entity"] for e in tapped}
    context = [e for e in context_entities(turn.metadata) if e["entity"] not in known]
    intent = {"name": turn.button.intent, "confidence": 1.0}
    return {"text": turn.text, "intent": intent, "entities": tapped + context}


def kept_slots(tracker: DialogueStateTracker) -> Dict[Text, Any]:
    """Slots worth seeding a next generation with: set ones, without Rasa's own bookkeeping."""
    return {
        name: slot.value
        for name, slot in tracker.slots.items()
        if slot.value is not None and name != "session_started_metadata"
    }


def sort_out(messages: List[Dict[Text, Any]]) -> Tuple[List[Dict[Text, Any]], List[Dict[Text, Any]]]:
    """Replies for the customer, and effects for the worker, each in the order they came."""
    replies: List[Dict[Text, Any]] = []
    effects: List[Dict[Text, Any]] = []
    for message in messages:
        custom = message.get("custom") or {}
        if "effect" in custom:
            effects.append(custom["effect"])
        if message.get("text"):
            buttons = [_button(b) for b in message.get("buttons") or []]
            replies.append({"text": message["text"].strip(), "buttons": buttons, "payload": {}})
    return replies, effects


def _button(button: Dict[Text, Any]) -> Dict[Text, Any]:
    intent, entities = read_payload(button["payload"])
    return {"title": button["title"], "intent": intent, "entities": entities}


def forget_texts(tracker: DialogueStateTracker) -> None:
    """Leave intents, references and slots in the tracker, and nobody's words.

    RulePolicy reads neither side's text, so the dialogue goes on the same without them.
    """
    for event in tracker.events:
        _forget(event)


def _forget(event: Event) -> None:
    if isinstance(event, UserUttered):
        event.text = ""
        event.parse_data = {"text": "", "intent": event.intent, "entities": event.entities}
        event.metadata = {k: v for k, v in (event.metadata or {}).items() if k == "turn_id"}
    elif isinstance(event, BotUttered):
        event.text = None
        event.data = {}
        event.metadata = {k: v for k, v in (event.metadata or {}).items() if k == "utter_action"}


def _error(code: Text, message: Text, status: int) -> HTTPResponse:
    return json({"error": {"code": code, "message": message}}, status=status)
